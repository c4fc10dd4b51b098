import type { Task } from '#domain/resolve/task.ts';
import type { HostEvidence, NetworkEvidence } from './evidence.ts';
import { type Finding, known } from './finding.ts';

/**
 * Security groups of the task: of its network interface, or of the instance whose network it shares
 * (READINESS check 31).
 */
export function taskGroupIds({
  networkInterface,
  instance,
}: Pick<NetworkEvidence & HostEvidence, 'networkInterface' | 'instance'>): Finding<
  readonly string[]
> {
  const groups = (owner: readonly { readonly GroupId?: string | undefined }[] = []) =>
    known(owner.flatMap(({ GroupId }) => GroupId ?? []));
  if (networkInterface.kind === 'known') return groups(networkInterface.value?.Groups);
  if (networkInterface.kind === 'unknown') return networkInterface;
  if (instance.kind !== 'known') return networkInterface;
  return groups(instance.value?.SecurityGroups);
}

/** An interface without an IPv4 address (READINESS check 68); one that is being attached has none yet. */
export function isIpv6Only(task: Task | undefined): boolean {
  const details = task?.attachments.find(({ type }) => type === 'ElasticNetworkInterface')?.details;
  return details?.networkInterfaceId !== undefined && details.privateIPv4Address === undefined;
}
