import { clusterHome } from '#doctor/cluster-home.ts';
import { containerLogging } from '#doctor/container-logging.ts';
import type { DestinationEvidence, SetupEvidence } from '#doctor/evidence.ts';
import { chain, type Finding, known, notAsked } from '#doctor/finding.ts';
import type { Inquiry } from './inquiry.ts';

/** Tier E without the key policy. It makes calls only if the cluster has a key or log destinations. */
export async function gatherDestinations(
  { subject, ports, ask }: Pick<Inquiry, 'subject' | 'ports' | 'ask'>,
  setup: SetupEvidence,
): Promise<Omit<DestinationEvidence, 'keyPolicy'>> {
  const [key, logGroups, stored] = await Promise.all([
    chain(sessionKey(setup), (id) =>
      ask('kms:DescribeKey', async () => (await ports.keys()).describeKey(id)),
    ),
    chain(ownLogGroup(setup), (name) =>
      ask('logs:DescribeLogGroups', async () => (await ports.logs()).describeLogGroups(name)),
    ),
    gatherBucket(ownBucket(setup), { ports, ask, account: clusterHome(subject, setup)?.account }),
  ]);
  return { key, logGroups, ...stored };
}

interface BucketInquiry extends Pick<Inquiry, 'ports' | 'ask'> {
  /** The account of the task. */
  readonly account: string | undefined;
}

/** A bucket that reports its encryption exists, so one call is enough. */
async function gatherBucket(
  bucket: Finding<string>,
  inquiry: BucketInquiry,
): Promise<Pick<DestinationEvidence, 'bucket' | 'bucketEncryption' | 'isForeignBucket'>> {
  const { ports, ask } = inquiry;
  const { bucketEncryption, isForeignBucket } = await gatherEncryption(bucket, inquiry);
  if (bucketEncryption.kind === 'known') {
    return { bucketEncryption, isForeignBucket, bucket: known({ kind: 'there' }) };
  }
  const state = await chain(bucket, (name) =>
    ask('s3:ListBucket', async () => (await ports.s3()).headBucket(name)),
  );
  return { bucketEncryption, isForeignBucket, bucket: state };
}

/** S3 denies the first call for a bucket of another account. The second one succeeds if the caller may read it. */
async function gatherEncryption(
  bucket: Finding<string>,
  { ports, ask, account }: BucketInquiry,
): Promise<Pick<DestinationEvidence, 'bucketEncryption' | 'isForeignBucket'>> {
  const encryption = (owner: string | undefined) =>
    chain(bucket, (name) =>
      ask('s3:GetEncryptionConfiguration', async () =>
        (await ports.s3()).bucketEncryption(name, owner),
      ),
    );
  const own = await encryption(account);
  const isOwn = chain(own, () => known(false));
  if (account === undefined || own.kind !== 'unknown' || own.permission === undefined) {
    return { bucketEncryption: own, isForeignBucket: await isOwn };
  }
  const ofAnybody = await encryption(undefined);
  return {
    bucketEncryption: ofAnybody,
    isForeignBucket: await chain(ofAnybody, () => known(true)),
  };
}

function sessionKey({ cluster }: SetupEvidence): Finding<string> {
  if (cluster.kind !== 'known') return cluster;
  const key = cluster.value?.configuration?.executeCommandConfiguration?.kmsKeyId ?? '';
  return key === '' ? notAsked('The cluster has no session key.') : known(key);
}

/** With DEFAULT it is the container's log group, which exists because the container logs to it. */
function ownLogGroup(setup: SetupEvidence): Finding<string> {
  const logging = containerLogging(setup, undefined);
  if (logging.kind !== 'known') return logging;
  const { logGroup } = logging.value;
  return logGroup === undefined
    ? notAsked('The cluster names no log group.')
    : known(logGroup.name);
}

function ownBucket(setup: SetupEvidence): Finding<string> {
  const logging = containerLogging(setup, undefined);
  if (logging.kind !== 'known') return logging;
  const { bucket } = logging.value;
  return bucket === undefined ? notAsked('The cluster names no bucket.') : known(bucket.name);
}
