import { parseArn } from '#domain/resolve/arn.ts';
import type { DestinationEvidence, SetupEvidence } from './evidence.ts';
import { type Finding, known, knownValue, notAsked } from './finding.ts';

/** The region and account of a session key, if its name or KMS reveals them. */
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

/** The key as the cluster names it; empty if there is none. */
export function sessionKeyName({ cluster }: Pick<SetupEvidence, 'cluster'>): string {
  return knownValue(cluster)?.configuration?.executeCommandConfiguration?.kmsKeyId ?? '';
}

/** The cluster can name its key by id or alias, but IAM needs the ARN. */
export function sessionKeyArn({
  key,
  cluster,
}: Pick<DestinationEvidence & SetupEvidence, 'key' | 'cluster'>): Finding<string> {
  const named = sessionKeyName({ cluster });
  // A caller without permission for DescribeKey may still know the ARN.
  if (key.kind === 'unknown' && parseArn(named)?.resource.startsWith('key/')) return known(named);
  if (key.kind !== 'known') return key;
  const arn = key.value?.Arn;
  return arn === undefined ? notAsked('The session key does not exist.') : known(arn);
}
