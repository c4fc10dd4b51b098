import type { FleetCluster } from '#simulator/fleet/fleet.ts';
import type { Buckets } from './buckets.ts';
import type { SimulatedLogGroups } from './log-groups.ts';

/** Algorithms that the agent accepts as encryption. */
const RECOGNISED = ['AES256', 'aws:kms'];

/** The agent's error if session logs must be encrypted and the destination is not (PROTOCOL 4.9, 8.9). */
export function destinationRefusal(
  { logging, logConfiguration = {} }: FleetCluster,
  { groups, buckets }: { readonly groups: SimulatedLogGroups; readonly buckets: Buckets },
): string | undefined {
  if (logging !== 'OVERRIDE') return undefined;
  const { cloudWatchLogGroupName: group, cloudWatchEncryptionEnabled } = logConfiguration;
  const { s3BucketName: bucket, s3EncryptionEnabled } = logConfiguration;
  if (typeof bucket === 'string' && s3EncryptionEnabled === true) {
    const { encryption = '' } = buckets.find(bucket) ?? {};
    if (!RECOGNISED.includes(encryption)) return notEncrypted('Amazon S3 bucket', 'bucket');
  }
  // The agent treats a missing group as unencrypted.
  if (typeof group === 'string' && cloudWatchEncryptionEnabled === true) {
    const key = groups.find(group)?.kmsKeyId;
    if (key === undefined) return notEncrypted('CloudWatch Logs log group', 'log group');
  }
  return undefined;
}

/** PROTOCOL 4.9 has only the start of the text; the rest is ours. */
function notEncrypted(what: string, short: string): string {
  return `We couldn't start the session because encryption is not set up on the selected ${what}. Either encrypt the ${short} or choose an option to enable logging without encryption.`;
}
