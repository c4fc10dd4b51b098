import { parseArn } from '#domain/resolve/arn.ts';
import type { DestinationEvidence, SetupEvidence } from './evidence.ts';
import { type Finding, known, knownValue, notAsked } from './finding.ts';

/** Where a session key is, if its name or KMS says so. */
export interface KeyHome {
  readonly region: string | undefined;
  readonly account: string | undefined;
}

/** Region and account in the key's ARN; an id or alias belongs to the cluster's region. */
export function keyHome(
  evidence: Pick<DestinationEvidence & SetupEvidence, 'key' | 'cluster'>,
): KeyHome {
  const named = sessionKeyName(evidence);
  const arn = parseArn(named) ?? parseArn(knownValue(evidence.key)?.Arn ?? '');
  return { region: arn?.region, account: arn?.account };
}

/** As the cluster names it; empty without one. */
export function sessionKeyName({ cluster }: Pick<SetupEvidence, 'cluster'>): string {
  return knownValue(cluster)?.configuration?.executeCommandConfiguration?.kmsKeyId ?? '';
}

/** The cluster may name its key by id or alias; IAM wants the ARN. */
export function sessionKeyArn({
  key,
  cluster,
}: Pick<DestinationEvidence & SetupEvidence, 'key' | 'cluster'>): Finding<string> {
  const named = sessionKeyName({ cluster });
  // Who may not look at the key may still know which one it is.
  if (key.kind === 'unknown' && parseArn(named)?.resource.startsWith('key/')) return known(named);
  if (key.kind !== 'known') return key;
  const arn = key.value?.Arn;
  return arn === undefined ? notAsked('The session key does not exist.') : known(arn);
}
