import { parseArn } from '#domain/resolve/arn.ts';
import type { DestinationEvidence, SetupEvidence } from './evidence.ts';
import { type Finding, known, knownValue, notAsked } from './finding.ts';

/** The cluster may name its key by id or alias; IAM wants the ARN (READINESS check 69). */
export function sessionKeyArn({
  key,
  cluster,
}: Pick<DestinationEvidence & SetupEvidence, 'key' | 'cluster'>): Finding<string> {
  const named = knownValue(cluster)?.configuration?.executeCommandConfiguration?.kmsKeyId ?? '';
  // Who may not look at the key may still know which one it is.
  if (key.kind === 'unknown' && parseArn(named)?.resource.startsWith('key/')) return known(named);
  if (key.kind !== 'known') return key;
  const arn = key.value?.Arn;
  return arn === undefined ? notAsked('The session key does not exist.') : known(arn);
}
