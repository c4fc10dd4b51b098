import type { Task } from '#domain/resolve/task.ts';
import type { HostEvidence, NetworkEvidence } from './evidence.ts';
import { type Finding, known, knownValue } from './finding.ts';
import type { AddressFamily } from './rules/egress.ts';

/**
 * The task's security groups: those of its network interface, or those of the instance whose network it uses.
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

/** The interface has no IPv4 address. An interface that is still attaching has no address at all. */
export function isIpv6Only(task: Task | undefined): boolean {
  const details = attachmentOf(task);
  return details?.networkInterfaceId !== undefined && details.privateIPv4Address === undefined;
}

/** The address families of the task, the one that the agent uses first. */
export function addressFamilies(
  task: Task | undefined,
  { networkInterface }: Pick<NetworkEvidence, 'networkInterface'>,
): readonly AddressFamily[] {
  if (isIpv6Only(task)) return ['IPv6'];
  const { Ipv6Addresses = [] } = knownValue(networkInterface) ?? {};
  const isDualStack = Ipv6Addresses.length > 0 || attachmentOf(task)?.ipv6Address !== undefined;
  return isDualStack ? ['IPv4', 'IPv6'] : ['IPv4'];
}

/** The source of the task's connections: its address in the family that it uses, or its subnet. */
export interface TaskAddress {
  readonly address: string | undefined;
  /** The CIDR block of the subnet. */
  readonly block: string | undefined;
}

export function taskAddress(
  task: Task | undefined,
  evidence: Pick<NetworkEvidence & HostEvidence, 'networkInterface' | 'subnet' | 'instance'>,
): TaskAddress {
  const subnet = knownValue(evidence.subnet);
  const own = knownValue(evidence.networkInterface);
  if (isIpv6Only(task)) {
    return {
      address: own?.Ipv6Addresses?.[0]?.Ipv6Address ?? attachmentOf(task)?.ipv6Address,
      block: subnet?.Ipv6CidrBlockAssociationSet?.[0]?.Ipv6CidrBlock,
    };
  }
  return {
    address: own?.PrivateIpAddress ?? knownValue(evidence.instance)?.PrivateIpAddress,
    block: subnet?.CidrBlock,
  };
}

/** Not always the first attachment, because Service Connect and volumes are attachments too. */
export function attachmentOf(
  task: Task | undefined,
): Readonly<Record<string, string | undefined>> | undefined {
  return task?.attachments.find(({ type }) => type === 'ElasticNetworkInterface')?.details;
}
