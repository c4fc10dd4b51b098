import type { IpPermissionDetails, SecurityGroupDetails } from '#domain/ports/ec2-responses.ts';
import { containsBlock, isPrivateBlock, overlaps } from './cidr.ts';
import type { AddressFamily } from './egress.ts';

/** `maybe`: through a prefix list, or a block that may be too small. */
export type Passage = 'yes' | 'no' | 'maybe';

/** The destination of the agent's connections: an endpoint in the VPC, or outside it. */
export type TrafficDestination =
  | {
      readonly kind: 'endpoint';
      readonly groupIds: readonly string[];
      /** Block of the task's subnet, of the family that is used; the endpoint is in the same VPC. */
      readonly block: string | undefined;
      readonly families: readonly AddressFamily[];
    }
  | { readonly kind: 'internet'; readonly families: readonly AddressFamily[] };

export interface TrafficSource {
  readonly groupIds: readonly string[];
  /** The address that the task connects from, or the block of its subnet. */
  readonly block: string | undefined;
}

const HTTPS = 443;
/** Blocks that cover every address: one block, or two halves. */
const EVERYWHERE: Readonly<Record<AddressFamily, readonly (readonly string[])[]>> = {
  IPv4: [['0.0.0.0/0'], ['0.0.0.0/1', '128.0.0.0/1']],
  IPv6: [['::/0'], ['::/1', '8000::/1']],
};

/** Whether any group of a task allows TCP 443 out to the destination. */
export function letsOut(groups: readonly SecurityGroupDetails[], to: TrafficDestination): Passage {
  return best(groups.flatMap(({ IpPermissionsEgress = [] }) => IpPermissionsEgress).map(out));

  function out(permission: IpPermissionDetails): Passage {
    if (!coversHttps(permission)) return 'no';
    // The agent prefers IPv4 if the task has an IPv4 address.
    const [family = 'IPv4'] = to.families;
    const blocks = blocksOf(permission).filter((block) => familyOf(block) === family);
    if (EVERYWHERE[family].some((parts) => parts.every((part) => blocks.includes(part)))) {
      return 'yes';
    }
    if (to.kind === 'endpoint') {
      if (namesAny(permission, to.groupIds)) return 'yes';
      const { block } = to;
      if (block !== undefined && blocks.some((own) => containsBlock(own, block))) return 'yes';
      // The endpoint may be in another subnet of the VPC. IPv6 blocks of a VPC are public.
      const isMaybe = blocks.some((own) => family === 'IPv6' || isPrivateBlock(own));
      return isMaybe || hasPrefixList(permission) ? 'maybe' : 'no';
    }
    const isPublic = blocks.some((block) => !isPrivateBlock(block));
    return hasPrefixList(permission) || isPublic ? 'maybe' : 'no';
  }
}

/** Whether any of an endpoint's groups accepts TCP 443 from the task. */
export function letsIn(groups: readonly SecurityGroupDetails[], from: TrafficSource): Passage {
  return best(groups.flatMap(({ IpPermissions = [] }) => IpPermissions).map(into));

  function into(permission: IpPermissionDetails): Passage {
    if (!coversHttps(permission)) return 'no';
    if (namesAny(permission, from.groupIds)) return 'yes';
    const blocks = blocksOf(permission);
    const { block } = from;
    if (block === undefined) return blocks.length > 0 || hasPrefixList(permission) ? 'maybe' : 'no';
    if (blocks.some((own) => containsBlock(own, block))) return 'yes';
    return blocks.some((own) => overlaps(own, block)) || hasPrefixList(permission) ? 'maybe' : 'no';
  }
}

function coversHttps({ IpProtocol, FromPort, ToPort }: IpPermissionDetails): boolean {
  if (IpProtocol === '-1') return true;
  // 6 is TCP by number.
  if (IpProtocol !== 'tcp' && IpProtocol !== '6') return false;
  return (FromPort ?? 0) <= HTTPS && HTTPS <= (ToPort ?? 65_535);
}

function blocksOf({ IpRanges = [], Ipv6Ranges = [] }: IpPermissionDetails): readonly string[] {
  return [
    ...IpRanges.flatMap(({ CidrIp }) => CidrIp ?? []),
    ...Ipv6Ranges.flatMap(({ CidrIpv6 }) => CidrIpv6 ?? []),
  ];
}

function familyOf(block: string): AddressFamily {
  return block.includes(':') ? 'IPv6' : 'IPv4';
}

function namesAny(
  { UserIdGroupPairs = [] }: IpPermissionDetails,
  groupIds: readonly string[],
): boolean {
  return UserIdGroupPairs.some(
    ({ GroupId }) => GroupId !== undefined && groupIds.includes(GroupId),
  );
}

function hasPrefixList({ PrefixListIds = [] }: IpPermissionDetails): boolean {
  return PrefixListIds.length > 0;
}

function best(passages: readonly Passage[]): Passage {
  if (passages.includes('yes')) return 'yes';
  return passages.includes('maybe') ? 'maybe' : 'no';
}
