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
  /** Set if the container's log driver names a region. */
  readonly region: string | undefined;
  /** Sessions are rejected unless the group is encrypted. */
  readonly mustBeEncrypted: boolean;
}

export interface BucketDestination {
  readonly name: string;
  /** May be empty. */
  readonly prefix: string;
  /** Sessions are rejected unless the bucket is encrypted. */
  readonly mustBeEncrypted: boolean;
}

/** Without a configuration, DEFAULT applies: the container's `awslogs` group, or no log without that driver. */
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

/** The agent accepts these two as encryption, but not aws:kms:dsse. */
const RECOGNISED = ['AES256', 'aws:kms'];

/** Whether the agent accepts this default encryption of a bucket. */
export function isRecognised(algorithm: string | undefined): boolean {
  return algorithm !== undefined && RECOGNISED.includes(algorithm);
}

/** Why the key cannot encrypt sessions, to follow "is"; undefined if it can. */
export function keyFault(key: KeyDetails | undefined): string | undefined {
  if (key === undefined) return 'missing';
  const { KeyState: state, KeySpec: spec, KeyUsage: usage } = key;
  if (state !== 'Enabled') return state;
  if (spec !== undefined && spec !== 'SYMMETRIC_DEFAULT') return `of type ${spec}, not symmetric`;
  if (usage !== undefined && usage !== 'ENCRYPT_DECRYPT') return `for ${usage}, not encryption`;
  return undefined;
}
