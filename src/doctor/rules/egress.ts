import type { RouteDetails, RouteTableDetails } from '#domain/ports/ec2-responses.ts';
import { containsBlock } from './cidr.ts';

/** The gateway that a route leads to. */
export type EgressKind =
  | 'NAT gateway'
  | 'internet gateway'
  | 'egress-only internet gateway'
  | 'transit gateway'
  | 'Cloud WAN core network'
  | 'carrier gateway'
  | 'local gateway'
  | 'network interface'
  | 'VPC peering'
  | 'firewall or gateway';

export interface Egress {
  readonly kind: EgressKind;
  readonly target: string;
  /** The route table does not show whether the internet is reachable through it. */
  readonly isUncertain: boolean;
  readonly isIpv6: boolean;
  /** Only some public addresses have a route. */
  readonly isPartial: boolean;
}

export type EgressJudgement =
  | { readonly kind: 'usable'; readonly egress: Egress }
  /** Only private networks have a route; ssmmessages may be reachable in one of them, such as a hub VPC. */
  | { readonly kind: 'private'; readonly egress: Egress; readonly blocks: readonly string[] }
  | { readonly kind: 'none'; readonly why: string };

export type AddressFamily = 'IPv4' | 'IPv6';

/**
 * Public addresses of AWS in both halves of the address space. A default route covers all of them, and so do
 * 0.0.0.0/1 and 128.0.0.0/1 together.
 */
export const AWS_ADDRESSES: Readonly<Record<AddressFamily, readonly string[]>> = {
  IPv4: ['3.208.0.1', '52.94.0.1', '54.240.0.1', '99.80.0.1', '176.32.96.1', '205.251.192.1'],
  IPv6: ['2404:c2c0::1', '2600:1f18::1', '2804:800::1', '2a05:d018::1'],
};

/** Where NAT64 puts the IPv4 addresses that DNS64 translates (RFC 6052). */
const NAT64 = '64:ff9b::/96';

export interface EgressQuery {
  readonly families: readonly AddressFamily[];
  /** The subnet has DNS64 on, so that an IPv6-only task reaches IPv4 names through NAT64. */
  readonly hasDns64?: boolean | undefined;
}

/** The route that packets to AWS take out of the subnet, for the first address family that has one. */
export function egressOf(
  { Routes = [] }: RouteTableDetails,
  { families, hasDns64 = false }: EgressQuery = { families: ['IPv4'] },
): EgressJudgement {
  const ways = families.map((family) => wayOut(Routes, family, hasDns64));
  return (
    ways.find(({ kind }) => kind === 'usable') ??
    ways.find(({ kind }) => kind === 'private') ??
    ways[0] ?? { kind: 'none', why: 'the task has no address' }
  );
}

function wayOut(
  routes: readonly RouteDetails[],
  family: AddressFamily,
  hasDns64: boolean,
): EgressJudgement {
  const usable = routes.flatMap((route) => routeOf(route, family));
  const living = usable.filter(({ isDead }) => !isDead);
  const taken = AWS_ADDRESSES[family].map((address) => mostSpecific(usable, address));
  const open = taken.flatMap((route) =>
    route === undefined || route.isDead ? [] : [route.egress],
  );
  const [first] = open;
  if (first !== undefined) {
    const isWhole = open.length === taken.length;
    const worst = open.find(({ isUncertain }) => isUncertain) ?? first;
    return {
      kind: 'usable',
      egress: isWhole ? worst : { ...worst, isUncertain: true, isPartial: true },
    };
  }
  const nat64 = living.find(({ block }) => block === NAT64);
  if (nat64 !== undefined) {
    return { kind: 'usable', egress: { ...nat64.egress, isUncertain: !hasDns64 } };
  }
  const [elsewhere] = living;
  if (elsewhere !== undefined) {
    return {
      kind: 'private',
      egress: elsewhere.egress,
      blocks: living.map(({ block }) => block),
    };
  }
  const dead = taken.find((route) => route !== undefined)?.egress;
  if (dead === undefined) return { kind: 'none', why: 'its route table has none' };
  return { kind: 'none', why: `its ${dead.kind} ${dead.target} is gone (blackhole)` };
}

interface UsableRoute {
  readonly block: string;
  readonly egress: Egress;
  readonly isDead: boolean;
}

/** A route of the family that leaves the VPC. A prefix list counts as one of its networks. */
function routeOf(route: RouteDetails, family: AddressFamily): readonly UsableRoute[] {
  const block = family === 'IPv4' ? route.DestinationCidrBlock : route.DestinationIpv6CidrBlock;
  const list = route.DestinationPrefixListId;
  // A gateway endpoint also appears as a route to its service's prefix list.
  const destination = block ?? (isGatewayEndpoint(route) ? undefined : list);
  if (destination === undefined) return [];
  const isDead = route.State === 'blackhole';
  return gatewayOf(route, family === 'IPv6').map((egress) => ({
    block: destination,
    egress,
    isDead,
  }));
}

function isGatewayEndpoint({ GatewayId, DestinationPrefixListId }: RouteDetails): boolean {
  return DestinationPrefixListId !== undefined && GatewayId?.startsWith('vpce-') === true;
}

/** The route that a packet to this address takes. */
function mostSpecific(routes: readonly UsableRoute[], address: string): UsableRoute | undefined {
  const [best] = routes
    .filter(({ block }) => containsBlock(block, address))
    .toSorted((a, b) => prefixLength(b.block) - prefixLength(a.block));
  return best;
}

function prefixLength(block: string): number {
  return Number(block.split('/')[1] ?? 0);
}

function gatewayOf(route: RouteDetails, isIpv6: boolean): readonly Egress[] {
  const to = (kind: EgressKind, target: string, isUncertain = true) => [
    { kind, target, isUncertain, isIpv6, isPartial: false },
  ];
  const { NatGatewayId, GatewayId, EgressOnlyInternetGatewayId } = route;
  // A private NAT gateway leads to other networks, which makes no sense for a default route.
  if (NatGatewayId !== undefined) return to('NAT gateway', NatGatewayId, false);
  if (GatewayId?.startsWith('igw-')) return to('internet gateway', GatewayId, false);
  if (EgressOnlyInternetGatewayId !== undefined) {
    return to('egress-only internet gateway', EgressOnlyInternetGatewayId, false);
  }
  const uncertain: readonly (readonly [EgressKind, string | undefined])[] = [
    ['transit gateway', route.TransitGatewayId],
    ['Cloud WAN core network', route.CoreNetworkArn],
    ['carrier gateway', route.CarrierGatewayId],
    ['local gateway', route.LocalGatewayId],
    ['VPC peering', route.VpcPeeringConnectionId],
    ['network interface', route.NetworkInterfaceId ?? route.InstanceId],
    // vpce- leads through a firewall, vgw- to a VPN.
    ['firewall or gateway', GatewayId === 'local' ? undefined : GatewayId],
  ];
  const [found] = uncertain.flatMap(([kind, target]) =>
    target === undefined ? [] : to(kind, target),
  );
  return found === undefined ? [] : [found];
}
