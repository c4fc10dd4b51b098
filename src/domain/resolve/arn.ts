/** `arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE`, in any partition. */
export interface Arn {
  readonly partition: string;
  readonly service: string;
  readonly region: string;
  readonly account: string;
  readonly resource: string;
}

const ARN = /^arn:(aws[a-z-]*):([a-z0-9-]+):([a-z0-9-]*):(\d*):(.+)$/;

export function parseArn(text: string): Arn | undefined {
  const [, partition, service, region, account, resource] = ARN.exec(text) ?? [];
  if (partition === undefined || service === undefined || region === undefined) return undefined;
  if (account === undefined || resource === undefined) return undefined;
  return { partition, service, region, account, resource };
}

/**
 * The name in an ARN: the text after its last slash. Text without a slash is returned unchanged.
 * Works for clusters, services and tasks, in the old and the new ARN format (PROTOCOL 1.3).
 */
export function nameInArn(arn: string): string {
  return arn.slice(arn.lastIndexOf('/') + 1);
}

/** The family of a task definition: `app` in `arn:aws:ecs:…:task-definition/app:42`. */
export function familyOf(taskDefinitionArn: string): string {
  return nameInArn(taskDefinitionArn).replace(/:\d+$/, '');
}
