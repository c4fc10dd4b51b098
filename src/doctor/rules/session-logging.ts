import type { ClusterDetails, ContainerDetails } from '#domain/ports/ecs-responses.ts';
import type { KeyDetails } from '#domain/ports/session-responses.ts';

/** Where the sessions of a container are logged, as its cluster is configured. */
export interface SessionLogging {
  readonly mode: 'NONE' | 'DEFAULT' | 'OVERRIDE';
  readonly logGroup: LogGroupDestination | undefined;
  readonly bucket: BucketDestination | undefined;
}

export interface LogGroupDestination {
  readonly name: string;
  /** Set where the log driver of the container names one. */
  readonly region: string | undefined;
  /** Sessions are refused unless the group is encrypted. */
  readonly mustBeEncrypted: boolean;
}

export interface BucketDestination {
  readonly name: string;
  /** May be empty. */
  readonly prefix: string;
  /** Sessions are refused unless the bucket is encrypted. */
  readonly mustBeEncrypted: boolean;
}

/** Absent means DEFAULT: the `awslogs` group of the container, or nowhere without that driver. */
export function sessionLogging(
  cluster: ClusterDetails,
  container: ContainerDetails | undefined,
): SessionLogging {
  const { logging, logConfiguration } = cluster.configuration?.executeCommandConfiguration ?? {};
  if (logging === 'NONE') return { mode: 'NONE', logGroup: undefined, bucket: undefined };
  if (logging !== 'OVERRIDE') {
    return { mode: 'DEFAULT', logGroup: awslogsGroup(container), bucket: undefined };
  }
  const { cloudWatchLogGroupName, s3BucketName } = logConfiguration ?? {};
  return {
    mode: 'OVERRIDE',
    logGroup: isGiven(cloudWatchLogGroupName)
      ? {
          name: cloudWatchLogGroupName,
          region: undefined,
          mustBeEncrypted: logConfiguration?.cloudWatchEncryptionEnabled === true,
        }
      : undefined,
    bucket: isGiven(s3BucketName)
      ? {
          name: s3BucketName,
          prefix: logConfiguration?.s3KeyPrefix ?? '',
          mustBeEncrypted: logConfiguration?.s3EncryptionEnabled === true,
        }
      : undefined,
  };
}

function awslogsGroup(container: ContainerDetails | undefined): LogGroupDestination | undefined {
  const { logDriver, options = {} } = container?.logConfiguration ?? {};
  const name = options['awslogs-group'];
  if (logDriver !== 'awslogs' || !isGiven(name)) return undefined;
  return { name, region: options['awslogs-region'], mustBeEncrypted: false };
}

function isGiven(text: string | undefined): text is string {
  return text !== undefined && text !== '';
}

/** The agent takes these two for encrypted, and aws:kms:dsse for not. */
const RECOGNISED = ['AES256', 'aws:kms'];

/** Whether the agent takes a bucket with this default encryption for encrypted. */
export function isRecognised(algorithm: string | undefined): boolean {
  return algorithm !== undefined && RECOGNISED.includes(algorithm);
}

/** Why sessions cannot be encrypted by a key, to follow "is"; undefined when they can. */
export function keyFault(key: KeyDetails | undefined): string | undefined {
  if (key === undefined) return 'missing';
  const { KeyState: state, KeySpec: spec, KeyUsage: usage } = key;
  if (state !== 'Enabled') return state;
  if (spec !== undefined && spec !== 'SYMMETRIC_DEFAULT') return `of type ${spec}, not symmetric`;
  if (usage !== undefined && usage !== 'ENCRYPT_DECRYPT') return `for ${usage}, not encryption`;
  return undefined;
}
