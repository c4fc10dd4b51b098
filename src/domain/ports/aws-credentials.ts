export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  readonly expiration?: Date;
}

/** AWS credentials, or a function that returns them; it is called again when they have expired. */
export type Credentials = AwsCredentials | (() => Promise<AwsCredentials>);
