import { awsFlags, type SharedOptions } from '#commands/shared-options.ts';
import { isRecognised, keyFault } from '#doctor/rules/session-logging.ts';
import { type AwsFlags, awsCommand } from '#domain/errors/aws-command.ts';
import { EcshError } from '#domain/errors/errors.ts';
import type { ErrorCode } from '#domain/errors/table/error-table.ts';
import type { DoctorPorts } from '#domain/ports/doctor-ports.ts';
import type { ExecLoggingConfiguration } from '#domain/ports/ecs-responses.ts';
import { parseArn } from '#domain/resolve/arn.ts';

interface Verification extends SharedOptions {
  /** Turns problems into warnings. */
  readonly force?: true | undefined;
}

interface Resolved {
  readonly configuration: ExecLoggingConfiguration;
  readonly warnings: readonly string[];
}

type Destinations = NonNullable<ExecLoggingConfiguration['logConfiguration']>;

/**
 * Replaces the KMS key of the configuration with its ARN, after a check that sessions can use the key.
 *
 * @returns with `warnings` if the key could not be read
 * @throws EcshError `kms-key-missing`, `kms-key-elsewhere` or `kms-key-unusable`, unless `force`
 */
export async function resolveKey(
  ports: DoctorPorts,
  configuration: ExecLoggingConfiguration,
  options: Verification & { readonly clusterArn: string },
): Promise<Resolved> {
  const { kmsKeyId } = configuration;
  if (kmsKeyId === undefined) return { configuration, warnings: [] };
  const elsewhere = keyElsewhere(kmsKeyId, options.clusterArn);
  if (elsewhere !== undefined) {
    if (options.force) return { configuration, warnings: [elsewhere.message] };
    throw elsewhere;
  }
  const keys = await ports.keys();
  const key = await unlessDenied(() => keys.describeKey(kmsKeyId));
  if (key === DENIED) {
    return { configuration, warnings: [unseen(`key ${kmsKeyId}`, 'kms:DescribeKey')] };
  }
  if (key === undefined) {
    const message = `There is no KMS key ${kmsKeyId} in this account and region.`;
    if (options.force) return { configuration, warnings: [message] };
    throw problem('kms-key-missing', message, 'Check --region.');
  }
  const fault = keyFault(key);
  if (fault !== undefined && !options.force) {
    const hint =
      'Name an enabled key with key spec SYMMETRIC_DEFAULT and key usage ENCRYPT_DECRYPT.';
    throw problem('kms-key-unusable', `Sessions cannot use key ${kmsKeyId}: it is ${fault}.`, hint);
  }
  return { configuration: { ...configuration, kmsKeyId: key.Arn ?? kmsKeyId }, warnings: [] };
}

/** The exec agent calls KMS in its own region. Source: amazon-ssm-agent agent/session/crypto/kmsservice.go. */
function keyElsewhere(key: string, clusterArn: string): EcshError | undefined {
  const [home, here] = [parseArn(key)?.region, parseArn(clusterArn)?.region];
  if (home === undefined || here === undefined || home === here) return undefined;
  const message = `Key ${key} is in ${home}, and exec agents call KMS in ${here}, so no session could start.`;
  const hint = /key\/mrk-/.test(key)
    ? `Name its replica in ${here}.`
    : `Name a key in ${here}, the region of the cluster.`;
  return problem('kms-key-elsewhere', message, hint);
}

/**
 * Checks the log group and the bucket, because UpdateCluster accepts destinations with which
 * every session ends at once.
 *
 * @returns warnings: destinations that could not be read and, with `force`, problems
 * @throws EcshError `log-group-missing`, `log-group-not-encrypted`, `bucket-missing` or
 *   `bucket-not-encrypted`
 */
export async function verifyDestinations(
  ports: DoctorPorts,
  { logConfiguration }: ExecLoggingConfiguration,
  options: Verification,
): Promise<readonly string[]> {
  if (logConfiguration === undefined) return [];
  const flags = awsFlags(options);
  const checks = [
    verifyLogGroup(ports, logConfiguration, flags),
    verifyBucket(ports, logConfiguration, flags),
  ];
  const found = (await Promise.all(checks.map(orFailure))).flat();
  const error = found.find((finding) => finding instanceof EcshError);
  if (error !== undefined && !options.force) throw error;
  return found.map((finding) => (typeof finding === 'string' ? finding : finding.message));
}

type Finding = EcshError | string;

/** Returns a failure as a finding, so that `force` can also ignore a service that does not answer. */
async function orFailure(check: Promise<readonly Finding[]>): Promise<readonly Finding[]> {
  try {
    return await check;
  } catch (error) {
    if (error instanceof EcshError) return [error];
    throw error;
  }
}

async function verifyLogGroup(
  ports: DoctorPorts,
  { cloudWatchLogGroupName: name, cloudWatchEncryptionEnabled: mustEncrypt }: Destinations,
  flags: AwsFlags,
): Promise<readonly Finding[]> {
  if (name === undefined) return [];
  const logs = await ports.logs();
  const groups = await unlessDenied(() => logs.describeLogGroups(name));
  if (groups === DENIED) return [unseen(`log group ${name}`, 'logs:DescribeLogGroups')];
  const group = groups.find(({ logGroupName }) => logGroupName === name);
  if (group === undefined) {
    const create = awsCommand(['logs', 'create-log-group', '--log-group-name', name], flags);
    const hint = `ECS does not create it:  ${create}`;
    return [problem('log-group-missing', `There is no log group ${name}.`, hint)];
  }
  if (!mustEncrypt || group.kmsKeyId !== undefined) return [];
  const words = ['logs', 'associate-kms-key', '--log-group-name', name, '--kms-key-id', 'ARN'];
  const hint = `Associate a key:  ${awsCommand(words, flags)}`;
  const message = `Log group ${name} has no KMS key: with --log-encryption every session is refused.`;
  return [problem('log-group-not-encrypted', message, hint)];
}

async function verifyBucket(
  ports: DoctorPorts,
  { s3BucketName: name, s3EncryptionEnabled: mustEncrypt }: Destinations,
  flags: AwsFlags,
): Promise<readonly Finding[]> {
  if (name === undefined) return [];
  const s3 = await ports.s3();
  const state = await unlessDenied(() => s3.headBucket(name));
  if (state === DENIED) return [unseen(`bucket ${name}`, 's3:ListBucket')];
  if (state.kind === 'missing') {
    const hint = `ECS does not create it:  ${awsCommand(['s3', 'mb', `s3://${name}`], flags)}`;
    return [problem('bucket-missing', `There is no bucket ${name}.`, hint)];
  }
  // The exec agent finds the region of a bucket itself (amazon-ssm-agent agent/s3util/s3util.go).
  const notes =
    state.kind === 'elsewhere'
      ? [`Bucket ${name} is in ${state.region ?? 'another region'}; exec agents can write there.`]
      : [];
  if (!mustEncrypt) return notes;
  if (state.kind === 'elsewhere') {
    return [
      ...notes,
      `Its encryption was not checked: without AES256 or aws:kms, every session is refused.`,
    ];
  }
  const encryption = await unlessDenied(() => s3.bucketEncryption(name));
  if (encryption === DENIED) {
    return [unseen(`the encryption of bucket ${name}`, 's3:GetEncryptionConfiguration')];
  }
  const algorithm = encryption?.SSEAlgorithm;
  if (isRecognised(algorithm)) return [];
  const message = `Bucket ${name} reports ${algorithm ?? 'no encryption'}: with --bucket-encryption every session is refused.`;
  return [problem('bucket-not-encrypted', message, 'Set AES256 or aws:kms as its default.')];
}

const DENIED = Symbol('denied');

/** Returns `DENIED` if the caller lacks permission to read a destination, which is not a problem of the destination. */
async function unlessDenied<T>(look: () => Promise<T>): Promise<T | typeof DENIED> {
  try {
    return await look();
  } catch (error) {
    if (error instanceof EcshError && error.code === 'access-denied') return DENIED;
    throw error;
  }
}

function unseen(what: string, action: string): string {
  return `Could not check ${what}: ${action} is denied.`;
}

function problem(code: ErrorCode, message: string, hint: string): EcshError {
  return new EcshError(code, message, {
    hint: `${hint}\nTo set it anyway, add --force.`,
    exitCode: 1,
  });
}
