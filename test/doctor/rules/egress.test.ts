import { describe, expect, it } from 'vitest';
import { egressOf } from '#doctor/rules/egress.ts';
import type { RouteDetails } from '#domain/ports/ec2-responses.ts';
import { routeTable } from '#test/doctor/checks/network-facts.ts';

const V4 = { DestinationCidrBlock: '0.0.0.0/0', State: 'active' };
const V6 = { DestinationIpv6CidrBlock: '::/0', State: 'active' };
const egress = (...Routes: RouteDetails[]) => egressOf({ Routes });

describe('egressOf', () => {
  it.each([
    ['route-nat', 'NAT gateway', 'nat-0123456789abcdef0'],
    ['route-igw', 'internet gateway', 'igw-0123456789abcdef0'],
  ])('finds the way out of %s', (name, kind, target) => {
    expect(egressOf(routeTable(name))).toEqual({
      kind: 'usable',
      egress: { kind, target, isUncertain: false, isIpv6: false },
    });
  });

  it.each([
    ['route-isolated-main', 'its route table has none'],
    ['route-blackhole', 'its NAT gateway nat-0dead000000000000 is gone (blackhole)'],
  ])('finds none in %s', (name, why) => {
    expect(egressOf(routeTable(name))).toEqual({ kind: 'none', why });
  });

  it.each<[string, RouteDetails]>([
    ['transit gateway', { TransitGatewayId: 'tgw-1' }],
    ['network interface', { NetworkInterfaceId: 'eni-1', InstanceId: 'i-1' }],
    ['VPC peering', { VpcPeeringConnectionId: 'pcx-1' }],
    ['firewall or gateway', { GatewayId: 'vpce-1' }],
    ['firewall or gateway', { GatewayId: 'vgw-1' }],
  ])('cannot tell what lies behind a %s', (kind, route) => {
    expect(egress({ ...V4, ...route })).toMatchObject({
      egress: { kind, isUncertain: true },
    });
  });

  it('takes IPv4 first, and IPv6 where there is no other', () => {
    const v6 = { ...V6, EgressOnlyInternetGatewayId: 'eigw-1' };
    expect(egress(v6)).toMatchObject({ egress: { kind: 'egress-only internet gateway' } });
    expect(egress(v6, { ...V4, NatGatewayId: 'nat-1' })).toMatchObject({
      egress: { kind: 'NAT gateway' },
    });
  });

  it('takes the living route of two', () => {
    const dead = { ...V4, NatGatewayId: 'nat-1', State: 'blackhole' };
    expect(egress(dead, { ...V6, GatewayId: 'igw-1' })).toMatchObject({
      egress: { target: 'igw-1' },
    });
  });
});
