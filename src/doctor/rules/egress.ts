import type { RouteDetails, RouteTableDetails } from '#domain/ports/ec2-responses.ts';

/** Where the default route of a subnet leads. */
export type EgressKind =
  | 'NAT gateway'
  | 'internet gateway'
  | 'egress-only internet gateway'
  | 'transit gateway'
  | 'network interface'
  | 'VPC peering'
  | 'firewall or gateway';

export interface Egress {
  readonly kind: EgressKind;
  readonly target: string;
  /** Nobody can tell from here whether the internet lies behind it. */
  readonly isUncertain: boolean;
  readonly isIpv6: boolean;
}

export type EgressJudgement =
  | { readonly kind: 'usable'; readonly egress: Egress }
  | { readonly kind: 'none'; readonly why: string };

/** `::/0` serves where there is no IPv4 default route: an IPv6-only subnet has no other. */
const DEFAULT_ROUTES = ['0.0.0.0/0', '::/0'];

/** What a task without an IPv4 address can take. */
export const IPV6_ROUTES = ['::/0'];

/** The default route of a subnet (READINESS check 59): of these blocks the first that has one. */
export function egressOf(
  table: RouteTableDetails,
  blocks: readonly string[] = DEFAULT_ROUTES,
): EgressJudgement {
  const routes = blocks.flatMap((block) =>
    (table.Routes ?? []).filter(
      ({ DestinationCidrBlock, DestinationIpv6CidrBlock }) =>
        (DestinationCidrBlock ?? DestinationIpv6CidrBlock) === block,
    ),
  );
  const [usable] = routes.filter(({ State }) => State !== 'blackhole').flatMap(egressBy);
  if (usable !== undefined) return { kind: 'usable', egress: usable };
  const [dead] = routes.flatMap(egressBy);
  if (dead === undefined) return { kind: 'none', why: 'its route table has none' };
  return { kind: 'none', why: `its ${dead.kind} ${dead.target} is gone (blackhole)` };
}

function egressBy(route: RouteDetails): readonly Egress[] {
  const isIpv6 = route.DestinationCidrBlock === undefined;
  const found = (kind: EgressKind, target: string, isUncertain = true) => [
    { kind, target, isUncertain, isIpv6 },
  ];
  const { NatGatewayId, GatewayId, EgressOnlyInternetGatewayId } = route;
  if (NatGatewayId !== undefined) return found('NAT gateway', NatGatewayId, false);
  if (GatewayId?.startsWith('igw-')) return found('internet gateway', GatewayId, false);
  if (EgressOnlyInternetGatewayId !== undefined) {
    return found('egress-only internet gateway', EgressOnlyInternetGatewayId, false);
  }
  const { TransitGatewayId, VpcPeeringConnectionId } = route;
  if (TransitGatewayId !== undefined) return found('transit gateway', TransitGatewayId);
  if (VpcPeeringConnectionId !== undefined) return found('VPC peering', VpcPeeringConnectionId);
  const appliance = route.NetworkInterfaceId ?? route.InstanceId;
  if (appliance !== undefined) return found('network interface', appliance);
  // vpce- leads through a firewall, vgw- to a VPN.
  if (GatewayId !== undefined && GatewayId !== 'local') {
    return found('firewall or gateway', GatewayId);
  }
  return [];
}
