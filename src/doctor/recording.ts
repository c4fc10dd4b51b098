import type { ClusterDetails, ContainerDetails } from '../domain/doctor-ports.ts';

export interface Recording {
  /** Absent acts as DEFAULT (READINESS 5). */
  readonly mode: 'NONE' | 'DEFAULT' | 'OVERRIDE';
  readonly isModeSet: boolean;
  readonly isRecorded: boolean;
  readonly logGroup: string | undefined;
  readonly bucket: string | undefined;
  /** Of keys in the bucket; may be empty. */
  readonly prefix: string;
  /** A session is refused where its destination is not encrypted. */
  readonly requiresEncryptedLogGroup: boolean;
  readonly requiresEncryptedBucket: boolean;
}

/** Where sessions in a container are recorded (READINESS 5). */
export function recordingOf(
  cluster: ClusterDetails | undefined,
  container: ContainerDetails | undefined,
): Recording {
  const { logging, logConfiguration } = cluster?.configuration?.executeCommandConfiguration ?? {};
  const mode = logging === 'NONE' || logging === 'OVERRIDE' ? logging : 'DEFAULT';
  const isOverride = mode === 'OVERRIDE';
  const logGroup =
    mode === 'DEFAULT'
      ? awslogsGroup(container)
      : isOverride
        ? logConfiguration?.cloudWatchLogGroupName
        : undefined;
  const bucket = isOverride ? logConfiguration?.s3BucketName : undefined;
  return {
    mode,
    isModeSet: logging !== undefined,
    isRecorded: logGroup !== undefined || bucket !== undefined,
    logGroup,
    bucket,
    prefix: logConfiguration?.s3KeyPrefix ?? '',
    requiresEncryptedLogGroup: isOverride && logConfiguration?.cloudWatchEncryptionEnabled === true,
    requiresEncryptedBucket: isOverride && logConfiguration?.s3EncryptionEnabled === true,
  };
}

function awslogsGroup(container: ContainerDetails | undefined): string | undefined {
  const { logDriver, options } = container?.logConfiguration ?? {};
  return logDriver === 'awslogs' ? (options?.['awslogs-group'] ?? '') : undefined;
}
