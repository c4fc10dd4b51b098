/**
 * Responses of KMS, the log destinations, Session Manager and CloudTrail to `ecsh doctor`,
 * in the names of the API.
 */

export interface KeyDetails {
  readonly Arn?: string | undefined;
  readonly KeyId?: string | undefined;
  readonly KeyState?: string | undefined;
  readonly KeySpec?: string | undefined;
  readonly KeyUsage?: string | undefined;
}

export interface LogGroupDetails {
  readonly logGroupName?: string | undefined;
  readonly kmsKeyId?: string | undefined;
}

export type BucketState =
  | { readonly kind: 'there' }
  | { readonly kind: 'missing' }
  | { readonly kind: 'elsewhere'; readonly region: string | undefined };

/** `ApplyServerSideEncryptionByDefault` of GetBucketEncryption. */
export interface BucketEncryption {
  readonly SSEAlgorithm?: string | undefined;
  /** Id or ARN of the key of SSE-KMS; none: S3's own. */
  readonly KMSMasterKeyID?: string | undefined;
}

export interface ActiveSession {
  readonly SessionId?: string | undefined;
  readonly Owner?: string | undefined;
  readonly StartDate?: Date | undefined;
}

/** `Sessions[]` of DescribeSessions. */
export interface SessionDetails extends ActiveSession {
  /** `ecs:CLUSTER_TASK_RUNTIMEID` in a container; an instance id elsewhere. */
  readonly Target?: string | undefined;
  readonly Status?: string | undefined;
  readonly EndDate?: Date | undefined;
  readonly DocumentName?: string | undefined;
  readonly Reason?: string | undefined;
}

export interface SessionQuery {
  /** `History`: those that have ended; Session Manager keeps them for 30 days. */
  readonly state: 'Active' | 'History';
  /** Begun after that. */
  readonly after?: Date | undefined;
}

export interface ExecEvent {
  readonly Username?: string | undefined;
  readonly EventTime?: Date | undefined;
  /** JSON. */
  readonly CloudTrailEvent?: string | undefined;
}
