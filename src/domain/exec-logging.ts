import { EcshError } from '#domain/errors/errors.ts';
import type { ErrorCode } from '#domain/errors/table/error-table.ts';
import type { ExecLoggingConfiguration } from '#domain/ports/ecs-responses.ts';
import { parseArn } from '#domain/resolve/arn.ts';

/** The three modes of the API; a missing one means DEFAULT. */
export const LOGGING_MODES = ['NONE', 'DEFAULT', 'OVERRIDE'] as const;
export type LoggingMode = (typeof LOGGING_MODES)[number];

/** Changes from the flags of `ecsh logging set`; undefined keeps a setting, false removes it. */
export interface LoggingChange {
  readonly mode?: LoggingMode | undefined;
  readonly logGroup?: string | false | undefined;
  readonly logEncryption?: boolean | undefined;
  readonly bucket?: string | false | undefined;
  readonly bucketEncryption?: boolean | undefined;
  readonly prefix?: string | false | undefined;
  readonly kmsKey?: string | false | undefined;
}

/** Whether the change has any part. */
export function isLoggingChange(change: LoggingChange): boolean {
  const { mode, kmsKey, logGroup, logEncryption, bucket, bucketEncryption, prefix } = change;
  const parts = [mode, kmsKey, logGroup, logEncryption, bucket, bucketEncryption, prefix];
  return parts.some((part) => part !== undefined);
}

type Destinations = NonNullable<ExecLoggingConfiguration['logConfiguration']>;

/**
 * The configuration after a change; other settings stay. NONE and DEFAULT allow no destinations, so existing
 * ones are dropped.
 *
 * @throws EcshError `logging-needs-override`, `logging-needs-destination`,
 *   `log-group-missing` or `bucket-missing` for a change that UpdateCluster would refuse.
 */
export function changedLogging(
  current: ExecLoggingConfiguration,
  change: LoggingChange,
): ExecLoggingConfiguration {
  const logging = change.mode ?? current.logging ?? 'DEFAULT';
  // Fields of a later API version stay.
  const { logConfiguration: _, ...kept } = current;
  const next = { ...kept, kmsKeyId: changed(current.kmsKeyId, change.kmsKey), logging };
  if (logging !== 'OVERRIDE') {
    if (namesDestination(change)) throw needsOverride(logging);
    return withoutUndefined(next);
  }
  const logConfiguration = changedDestinations(current.logConfiguration ?? {}, change);
  assertDestinations(logConfiguration);
  return withoutUndefined({ ...next, logConfiguration });
}

function namesDestination(change: LoggingChange): boolean {
  const { logGroup, logEncryption, bucket, bucketEncryption, prefix } = change;
  return [logGroup, logEncryption, bucket, bucketEncryption, prefix].some(Boolean);
}

function changedDestinations(current: Destinations, change: LoggingChange): Destinations {
  const logGroup = changed(current.cloudWatchLogGroupName, change.logGroup, logGroupName);
  const bucket = changed(current.s3BucketName, change.bucket, bucketName);
  // Settings of a destination are removed with it.
  const ofGroup = change.logGroup === false ? undefined : current.cloudWatchEncryptionEnabled;
  const ofBucket = change.bucket === false ? {} : current;
  return withoutUndefined({
    ...current,
    cloudWatchLogGroupName: logGroup,
    cloudWatchEncryptionEnabled: change.logEncryption ?? ofGroup,
    s3BucketName: bucket,
    s3EncryptionEnabled: change.bucketEncryption ?? ofBucket.s3EncryptionEnabled,
    s3KeyPrefix: changed(ofBucket.s3KeyPrefix, change.prefix, keyPrefix),
  });
}

function changed(
  current: string | undefined,
  change: string | false | undefined,
  read: (text: string) => string = (text) => text,
): string | undefined {
  if (change === undefined) return current;
  return change === false ? undefined : read(change);
}

/**
 * ECS accepts only the name, and looks for it in the region and account of the cluster: if an ARN from elsewhere
 * were cut to its name, it would mean a log group of the same name here.
 *
 * @throws EcshError `log-group-elsewhere`
 */
export function assertLogGroupHere(logGroup: string, clusterArn: string): void {
  const [group, cluster] = [parseArn(logGroup), parseArn(clusterArn)];
  if (group === undefined || cluster === undefined) return;
  if (group.region === cluster.region && group.account === cluster.account) return;
  const message = `Log group ${logGroupName(logGroup)} is in ${group.region} of account ${group.account}, and the cluster in ${cluster.region} of account ${cluster.account}.`;
  throw usage('log-group-elsewhere', message, {
    hint: 'ECS takes the name of a log group in the region and account of the cluster. Give one of those.',
  });
}

/** Users paste the ARN; ECS wants the name. */
export function logGroupName(text: string): string {
  const resource = parseArn(text)?.resource ?? text;
  return resource.replace(/^log-group:/, '').replace(/:\*$/, '');
}

/** Users paste the ARN here too. */
export function bucketName(text: string): string {
  const [bucket = text] = parseArn(text)?.resource.split('/') ?? [];
  return bucket;
}

/** An S3 key that begins with a slash is in a folder without a name. */
export function keyPrefix(text: string): string {
  return text.replace(/^\/+/, '');
}

function assertDestinations(destinations: Destinations): void {
  const { cloudWatchLogGroupName, s3BucketName, s3KeyPrefix } = destinations;
  if (cloudWatchLogGroupName === undefined && s3BucketName === undefined) {
    throw usage('logging-needs-destination', 'OVERRIDE needs somewhere to log to.', {
      hint: 'Give --log-group NAME, --bucket NAME, or both.',
    });
  }
  if (destinations.cloudWatchEncryptionEnabled && cloudWatchLogGroupName === undefined) {
    throw usage('log-group-missing', '--log-encryption is about a log group, and none is set.', {
      hint: 'Give --log-group NAME.',
    });
  }
  const ofBucket = destinations.s3EncryptionEnabled || s3KeyPrefix !== undefined;
  if (ofBucket && s3BucketName === undefined) {
    throw usage(
      'bucket-missing',
      '--bucket-encryption and --prefix are about a bucket, and none is set.',
      { hint: 'Give --bucket NAME.' },
    );
  }
}

function needsOverride(logging: string): EcshError {
  return usage(
    'logging-needs-override',
    `A log group or bucket takes effect with OVERRIDE only; logging is ${logging}.`,
    { hint: 'Add  --mode override.' },
  );
}

function usage(code: ErrorCode, message: string, { hint }: { hint: string }): EcshError {
  return new EcshError(code, message, { hint, exitCode: 2 });
}

export interface LoggingRow {
  readonly name: string;
  /** Undefined: not set. */
  readonly value: string | undefined;
}

/** The settings under readable names, in the order in which they are shown. */
export function loggingRows(configuration: ExecLoggingConfiguration): readonly LoggingRow[] {
  const { logging, kmsKeyId, logConfiguration = {} } = configuration;
  const required = (isRequired: boolean | undefined) => (isRequired ? 'required' : undefined);
  return [
    { name: 'logging', value: logging },
    { name: 'log group', value: logConfiguration.cloudWatchLogGroupName },
    { name: 'log group encryption', value: required(logConfiguration.cloudWatchEncryptionEnabled) },
    { name: 'bucket', value: logConfiguration.s3BucketName },
    { name: 'bucket prefix', value: logConfiguration.s3KeyPrefix },
    { name: 'bucket encryption', value: required(logConfiguration.s3EncryptionEnabled) },
    { name: 'session key', value: kmsKeyId },
  ];
}

export interface LoggingDifference {
  readonly name: string;
  readonly before: string | undefined;
  readonly after: string | undefined;
}

/** Differences by name. */
export function loggingDifferences(
  before: ExecLoggingConfiguration,
  after: ExecLoggingConfiguration,
): readonly LoggingDifference[] {
  const old = loggingRows(before);
  return loggingRows(after).flatMap(({ name, value }) => {
    const previous = old.find((row) => row.name === name)?.value;
    return previous === value ? [] : [{ name, before: previous, after: value }];
  });
}

/** The effect of the mode on sessions, in a sentence. */
export function loggingEffect({ logging, logConfiguration }: ExecLoggingConfiguration): string {
  switch (logging ?? 'DEFAULT') {
    case 'NONE':
      return 'Sessions are not recorded.';
    case 'DEFAULT':
      return 'Sessions go to the awslogs group of their container; with another log driver they are not recorded.';
    default: {
      const { cloudWatchLogGroupName: group, s3BucketName: bucket } = logConfiguration ?? {};
      const places = [group && `log group ${group}`, bucket && `bucket ${bucket}`].filter(Boolean);
      return `Sessions are recorded to ${places.join(' and ')}.`;
    }
  }
}

function withoutUndefined<T extends object>(record: T): T {
  const entries = Object.entries(record).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as T;
}
