import type { DoctorCheck, DoctorContext } from '#doctor/check-model.ts';
import { clusterHome } from '#doctor/cluster-home.ts';
import { containerLogging } from '#doctor/container-logging.ts';
import { judge, knownValue } from '#doctor/finding.ts';
import {
  type BucketDestination,
  isRecognised,
  keyFault,
  type LogGroupDestination,
} from '#doctor/rules/session-logging.ts';
import { keyHome, sessionKeyName } from '#doctor/session-key.ts';
import { awsCommand, ecshCommand } from '#domain/errors/aws-command.ts';
import type { KeyDetails, LogGroupDetails } from '#domain/ports/session-responses.ts';
import { type CheckFix, type CheckOutcome, pass, skip } from '#domain/readiness/readiness-model.ts';
import { DOCS } from './docs.ts';

/** The session key, and the destinations of session logs. */
export const DESTINATION_CHECKS: readonly DoctorCheck[] = [
  {
    id: 'kms-key-usable',
    title: 'Session key works',
    area: 'destinations',
    severity: 'fail',
    meaning:
      'The KMS key of the cluster exists in the region of the cluster, is enabled, and is a symmetric encryption key. Otherwise no session starts.',
    remedy: 'Enable the key, cancel its deletion, or set another with `ecsh logging set`.',
    docs: DOCS.exec,
    run: checkKey,
  },
  {
    id: 'log-group-exists',
    title: 'Log group exists',
    area: 'destinations',
    severity: 'fail',
    meaning:
      'ECS does not create the log group that the cluster names. Without it there is no log; with encryption required there is no session.',
    remedy: 'aws logs create-log-group --log-group-name GROUP',
    docs: DOCS.exec,
    run: checkLogGroup,
  },
  {
    id: 'log-group-encrypted',
    title: 'Log group is encrypted',
    area: 'destinations',
    severity: 'fail',
    meaning:
      'If the cluster requires encryption of CloudWatch logs, sessions are refused while the log group has no KMS key.',
    remedy: 'aws logs associate-kms-key, or turn the requirement off with `ecsh logging set`.',
    docs: DOCS.exec,
    run: checkLogGroupKey,
  },
  {
    id: 's3-bucket',
    title: 'Bucket exists',
    area: 'destinations',
    severity: 'warn',
    meaning:
      'ECS does not create the bucket that the cluster names. The bucket may be in another region.',
    remedy: 'Create the bucket, or set another with `ecsh logging set`.',
    docs: DOCS.exec,
    run: checkBucket,
  },
  {
    id: 's3-bucket-encrypted',
    title: 'Bucket is encrypted',
    area: 'destinations',
    severity: 'fail',
    meaning:
      'If the cluster requires encryption of S3 logs, sessions are refused unless the default encryption of the bucket is AES256 or aws:kms, the only kinds that the agent accepts.',
    remedy:
      'aws s3api put-bucket-encryption with AES256 or aws:kms, or turn the requirement off with `ecsh logging set`.',
    docs: DOCS.exec,
    run: checkBucketEncryption,
  },
];

function checkKey(context: DoctorContext): CheckOutcome {
  const { evidence, cluster, flags } = context;
  const name = sessionKeyName(evidence);
  const region = clusterHome(context, evidence)?.region;
  const home = keyHome(evidence);
  if (home.region !== undefined && region !== undefined && home.region !== region) {
    return keyElsewhere(name, { from: home.region, to: region }, context);
  }
  return judge(evidence.key, (key) => {
    if (key !== undefined && key.KeyState === undefined) {
      return { status: 'unknown', message: 'KMS does not report the state of the key.' };
    }
    const facts = { key: key?.Arn ?? name, state: key?.KeyState };
    const fault = keyFault(key);
    if (fault === undefined) return pass(`Session key ${name} is enabled.`, facts);
    return {
      status: 'fail',
      message: `Session key ${name} is ${fault}; no session can start.`,
      fix: keyFix(key, cluster, flags),
      evidence: facts,
    };
  });
}

/** The agent calls KMS in its own region. Source: amazon-ssm-agent agent/session/crypto/kmsservice.go. */
function keyElsewhere(
  name: string,
  { from, to }: { readonly from: string; readonly to: string },
  { cluster, flags }: DoctorContext,
): CheckOutcome {
  const message = `Session key ${name} is in ${from}, and the exec agent calls KMS in ${to}: no session can start.`;
  const replica = name.replace(`:${from}:`, `:${to}:`);
  const isMultiRegion = /key\/mrk-/.test(name);
  const set = ['logging', 'set', cluster, '--kms-key', isMultiRegion ? replica : `KEY_IN_${to}`];
  return {
    status: 'fail',
    message,
    fix: isMultiRegion
      ? { summary: `Name its replica in ${to}`, command: ecshCommand(set, flags) }
      : { summary: `Name a key of ${to}:  ${ecshCommand(set, flags)}` },
    evidence: { key: name, region: from, clusterRegion: to },
  };
}

function keyFix(
  key: KeyDetails | undefined,
  cluster: string,
  flags: DoctorContext['flags'],
): CheckFix {
  const id = key?.Arn ?? key?.KeyId;
  const enable = awsCommand(['kms', 'enable-key', '--key-id', id ?? ''], flags);
  if (id !== undefined && key?.KeyState === 'Disabled') {
    return { summary: 'Enable it', command: enable };
  }
  if (id !== undefined && key?.KeyState === 'PendingDeletion') {
    const cancel = awsCommand(['kms', 'cancel-key-deletion', '--key-id', id], flags);
    return {
      summary: 'Cancel its deletion, which leaves it disabled, and enable it',
      command: `${cancel} &&\n  ${enable}`,
    };
  }
  return { summary: `Name another key:  ecsh logging set ${cluster} --kms-key ARN` };
}

function checkLogGroup(context: DoctorContext): CheckOutcome {
  return judgeGroup(context, ({ name, mustBeEncrypted }, group) => {
    const facts = { logGroup: name };
    if (group !== undefined) return pass(`Log group ${name} exists.`, facts);
    const refused = mustBeEncrypted ? ' Because encryption is required, sessions are refused.' : '';
    const create = ['logs', 'create-log-group', '--log-group-name', name];
    return {
      status: mustBeEncrypted ? 'fail' : 'warn',
      message: `Log group ${name} does not exist; ECS will not create it.${refused}`,
      fix: { summary: 'Create it', command: awsCommand(create, context.flags) },
      evidence: facts,
    };
  });
}

function checkLogGroupKey(context: DoctorContext): CheckOutcome {
  const { evidence, flags } = context;
  return judgeGroup(context, ({ name, mustBeEncrypted }, group) => {
    if (!mustBeEncrypted) return skip('Encryption of the log group is not required.');
    if (group === undefined) return skip('The log group does not exist.');
    const { kmsKeyId } = group;
    if (kmsKeyId !== undefined) {
      return pass(`Log group ${name} is encrypted.`, { logGroup: name, kmsKeyId });
    }
    const key = knownValue(evidence.key)?.Arn;
    const associate = ['logs', 'associate-kms-key', '--log-group-name', name, '--kms-key-id'];
    return {
      status: 'fail',
      message: `Encryption is required but log group ${name} has no KMS key: sessions are refused.`,
      fix: {
        summary: 'Give it a KMS key whose policy lets CloudWatch Logs use it',
        command: awsCommand([...associate, key ?? 'KEY_ARN'], flags),
      },
      evidence: { logGroup: name },
    };
  });
}

/** Finds the group by its full name, because the response has every group with this prefix. */
function judgeGroup(
  { evidence, container }: DoctorContext,
  run: (wanted: LogGroupDestination, group: LogGroupDetails | undefined) => CheckOutcome,
): CheckOutcome {
  return judge(evidence.logGroups, (groups) =>
    judge(containerLogging(evidence, container), ({ logGroup }) =>
      logGroup === undefined
        ? skip('The cluster names no log group.')
        : run(
            logGroup,
            groups.find(({ logGroupName }) => logGroupName === logGroup.name),
          ),
    ),
  );
}

function checkBucket(context: DoctorContext): CheckOutcome {
  const { evidence, flags } = context;
  return judgeBucket(context, ({ name }) =>
    judge(evidence.bucket, (state) => {
      const facts = { bucket: name, state: state.kind };
      if (state.kind === 'there') return pass(`Bucket ${name} exists.`, facts);
      if (state.kind === 'elsewhere') {
        // The agent looks up the region of the bucket (amazon-ssm-agent agent/s3util/s3util.go).
        const where = state.region ?? 'another region';
        return pass(`Bucket ${name} is in ${where}; the exec agent writes there too.`, {
          ...facts,
          region: state.region,
        });
      }
      const region = clusterHome(context, evidence)?.region;
      // us-east-1 is the default, and CreateBucket rejects it as a location constraint.
      const where =
        region === undefined || region === 'us-east-1'
          ? []
          : ['--create-bucket-configuration', `LocationConstraint=${region}`];
      const create = ['s3api', 'create-bucket', '--bucket', name, ...where];
      return {
        status: 'warn',
        message: `Bucket ${name} does not exist; ECS will not create it.`,
        fix: { summary: 'Create it', command: awsCommand(create, flags) },
        evidence: facts,
      };
    }),
  );
}

function checkBucketEncryption(context: DoctorContext): CheckOutcome {
  const { evidence, cluster, flags } = context;
  return judgeBucket(context, ({ name, mustBeEncrypted }) => {
    if (!mustBeEncrypted) return skip('Encryption of the bucket is not required.');
    if (knownValue(evidence.bucket)?.kind === 'missing') {
      return {
        status: 'fail',
        message: `Encryption is required but bucket ${name} does not exist: sessions are refused.`,
        fix: { summary: `Name another bucket:  ecsh logging set ${cluster} --bucket NAME` },
        evidence: { bucket: name },
      };
    }
    return judge(evidence.bucketEncryption, (encryption) => {
      const algorithm = encryption?.SSEAlgorithm ?? 'none';
      const facts = { bucket: name, algorithm };
      if (isRecognised(algorithm)) return pass(`Bucket ${name} is encrypted.`, facts);
      const rules = '{"Rules":[{"ApplyServerSideEncryptionByDefault":{"SSEAlgorithm":"AES256"}}]}';
      const put = ['s3api', 'put-bucket-encryption', '--bucket', name];
      const words = [...put, '--server-side-encryption-configuration', rules];
      return {
        status: 'fail',
        message: `Encryption is required but bucket ${name} reports ${algorithm}: sessions are refused.`,
        fix: { summary: 'Encrypt it by default', command: awsCommand(words, flags) },
        evidence: facts,
      };
    });
  });
}

function judgeBucket(
  { evidence, container }: DoctorContext,
  run: (bucket: BucketDestination) => CheckOutcome,
): CheckOutcome {
  return judge(containerLogging(evidence, container), ({ bucket }) =>
    bucket === undefined ? skip('The cluster names no bucket.') : run(bucket),
  );
}
