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
  ])('finds the default route in %s', (name, kind, target) => {
    expect(egressOf(routeTable(name))).toEqual({
      kind: 'usable',
      egress: { kind, target, isUncertain: false, isIpv6: false, isPartial: false },
    });
  });

  it.each([
    ['route-isolated-main', 'its route table has none'],
    ['route-blackhole', 'its NAT gateway nat-0dead000000000000 is gone (blackhole)'],
  ])('finds no default route in %s', (name, why) => {
    expect(egressOf(routeTable(name))).toEqual({ kind: 'none', why });
  });

  it.each<[string, RouteDetails]>([
    ['transit gateway', { TransitGatewayId: 'tgw-1' }],
    ['network interface', { NetworkInterfaceId: 'eni-1', InstanceId: 'i-1' }],
    ['VPC peering', { VpcPeeringConnectionId: 'pcx-1' }],
    ['firewall or gateway', { GatewayId: 'vpce-1' }],
    ['firewall or gateway', { GatewayId: 'vgw-1' }],
  ])('is uncertain about a %s', (kind, route) => {
    expect(egress({ ...V4, ...route })).toMatchObject({
      egress: { kind, isUncertain: true },
    });
  });

  it.each<[string, RouteDetails]>([
    ['Cloud WAN core network', { CoreNetworkArn: 'arn:aws:networkmanager::1:core-network/c-1' }],
    ['carrier gateway', { CarrierGatewayId: 'cagw-1' }],
    ['local gateway', { LocalGatewayId: 'lgw-1' }],
  ])('names a %s', (kind, route) => {
    expect(egress({ ...V4, ...route })).toMatchObject({ egress: { kind, isUncertain: true } });
  });

  it('combines routes to both halves of the internet', () => {
    const half = (block: string, target: string) => ({
      DestinationCidrBlock: block,
      NatGatewayId: target,
      State: 'active',
    });
    const first = half('0.0.0.0/1', 'nat-1');
    expect(egress(first, half('128.0.0.0/1', 'nat-1'))).toMatchObject({
      kind: 'usable',
      egress: { target: 'nat-1', isUncertain: false },
    });
    expect(egress(first)).toMatchObject({ kind: 'usable', egress: { isUncertain: true } });
  });

  it('is uncertain if a more specific route is a black hole', () => {
    const dead = { DestinationCidrBlock: '0.0.0.0/1', NatGatewayId: 'nat-0', State: 'blackhole' };
    expect(egress({ ...V4, NatGatewayId: 'nat-1' }, dead)).toMatchObject({
      egress: { target: 'nat-1', isUncertain: true },
    });
  });

  it.each<[string, RouteDetails]>([
    ['a private network', { DestinationCidrBlock: '10.0.0.0/8' }],
    ['a prefix list', { DestinationPrefixListId: 'pl-1' }],
  ])('reports that only %s is routed out', (_name, route) => {
    expect(egress({ ...route, TransitGatewayId: 'tgw-1', State: 'active' })).toMatchObject({
      kind: 'private',
      egress: { kind: 'transit gateway', target: 'tgw-1' },
    });
  });

  it('counts neither a gateway endpoint nor the local route', () => {
    const endpoint = { DestinationPrefixListId: 'pl-s3', GatewayId: 'vpce-1', State: 'active' };
    const local = { DestinationCidrBlock: '10.1.0.0/16', GatewayId: 'local', State: 'active' };
    expect(egress(endpoint, local)).toEqual({ kind: 'none', why: 'its route table has none' });
  });

  const v6 = { ...V6, EgressOnlyInternetGatewayId: 'eigw-1' };

  it("uses only routes of the task's address families", () => {
    expect(egressOf({ Routes: [v6] }, { families: ['IPv4'] })).toMatchObject({ kind: 'none' });
    expect(egressOf({ Routes: [v6] }, { families: ['IPv6'] })).toMatchObject({
      egress: { kind: 'egress-only internet gateway', isUncertain: false, isIpv6: true },
    });
  });

  it('prefers IPv4 if the task has both families', () => {
    const routes = [v6, { ...V4, NatGatewayId: 'nat-1' }];
    expect(egressOf({ Routes: routes }, { families: ['IPv4', 'IPv6'] })).toMatchObject({
      egress: { kind: 'NAT gateway' },
    });
  });

  it.each([
    [true, false],
    [false, true],
  ])('reaches IPv4 names through NAT64, DNS64 %s', (hasDns64, isUncertain) => {
    const route = { DestinationIpv6CidrBlock: '64:ff9b::/96', NatGatewayId: 'nat-1' };
    expect(egressOf({ Routes: [route] }, { families: ['IPv6'], hasDns64 })).toMatchObject({
      egress: { target: 'nat-1', isUncertain },
    });
  });

  it('skips a black hole if the other family has a working route', () => {
    const dead = { ...V4, NatGatewayId: 'nat-1', State: 'blackhole' };
    const living = { ...V6, GatewayId: 'igw-1' };
    expect(egressOf({ Routes: [dead, living] }, { families: ['IPv4', 'IPv6'] })).toMatchObject({
      egress: { target: 'igw-1' },
    });
  });
});
