import { describe, expect, it } from 'vitest';
import { letsIn, letsOut, type TrafficDestination } from '#doctor/rules/security-groups.ts';
import type { IpPermissionDetails } from '#domain/ports/ec2-responses.ts';
import { securityGroups } from '#test/doctor/checks/network-facts.ts';

const HTTPS = { IpProtocol: 'tcp', FromPort: 443, ToPort: 443 };
const INTERNET: TrafficDestination = { kind: 'internet', families: ['IPv4'] };
const ENDPOINT: TrafficDestination = {
  kind: 'endpoint',
  groupIds: ['sg-vpce'],
  block: '10.0.12.0/24',
  families: ['IPv4'],
};
const IPV6: TrafficDestination = { kind: 'internet', families: ['IPv6'] };
const SOURCE = { groupIds: ['sg-task'], block: '10.0.12.34' };

const [taskGroup, endpointGroup] = securityGroups('sg-no-egress');
const out = (permission: IpPermissionDetails, to: TrafficDestination) =>
  letsOut([{ IpPermissionsEgress: [permission] }], to);
const into = (permission: IpPermissionDetails, from = SOURCE) =>
  letsIn([{ IpPermissions: [permission] }], from);
const blocks = (...CidrIp: string[]) => ({ IpRanges: CidrIp.map((block) => ({ CidrIp: block })) });
const prefixList = { PrefixListIds: [{ PrefixListId: 'pl-1' }] };

describe('letsOut', () => {
  it('denies everything in the fixture', () => {
    expect(letsOut([taskGroup ?? {}], INTERNET)).toBe('no');
    expect(letsOut([taskGroup ?? {}], ENDPOINT)).toBe('no');
  });

  it('requires a rule for the address family of the task', () => {
    const open = (rule: IpPermissionDetails) => out({ ...HTTPS, ...rule }, IPV6);
    expect(open(blocks('0.0.0.0/0'))).toBe('no');
    expect(open({ Ipv6Ranges: [{ CidrIpv6: '::/0' }] })).toBe('yes');
  });

  it.each<[string, IpPermissionDetails, string, string]>([
    ['everything', { IpProtocol: '-1', ...blocks('0.0.0.0/0') }, 'yes', 'yes'],
    ['443 to everywhere', { ...HTTPS, ...blocks('0.0.0.0/0') }, 'yes', 'yes'],
    ['443 to all of IPv6', { ...HTTPS, Ipv6Ranges: [{ CidrIpv6: '::/0' }] }, 'no', 'no'],
    [
      'a range with 443',
      { IpProtocol: 'tcp', FromPort: 1, ToPort: 1024, ...blocks('0.0.0.0/0') },
      'yes',
      'yes',
    ],
    ['TCP by number', { ...HTTPS, IpProtocol: '6', ...blocks('0.0.0.0/0') }, 'yes', 'yes'],
    ['UDP', { ...HTTPS, IpProtocol: 'udp', ...blocks('0.0.0.0/0') }, 'no', 'no'],
    ['port 80', { ...HTTPS, FromPort: 80, ToPort: 80, ...blocks('0.0.0.0/0') }, 'no', 'no'],
    ['443 to the VPC', { ...HTTPS, ...blocks('10.0.0.0/16') }, 'no', 'yes'],
    ['443 to another subnet', { ...HTTPS, ...blocks('10.0.99.0/24') }, 'no', 'maybe'],
    [
      '443 to the group of the endpoint',
      { ...HTTPS, UserIdGroupPairs: [{ GroupId: 'sg-vpce' }] },
      'no',
      'yes',
    ],
    ['443 to another group', { ...HTTPS, UserIdGroupPairs: [{ GroupId: 'sg-x' }] }, 'no', 'no'],
    ['443 to a prefix list', { ...HTTPS, ...prefixList }, 'maybe', 'maybe'],
    ['443 to some public block', { ...HTTPS, ...blocks('203.0.113.0/24') }, 'maybe', 'no'],
  ])('evaluates %s', (_name, permission, toInternet, toEndpoint) => {
    expect(out(permission, INTERNET)).toBe(toInternet);
    expect(out(permission, ENDPOINT)).toBe(toEndpoint);
  });

  it('takes the most permissive of several groups', () => {
    const open = { IpPermissionsEgress: [{ IpProtocol: '-1', ...blocks('0.0.0.0/0') }] };
    expect(letsOut([taskGroup ?? {}, open], INTERNET)).toBe('yes');
  });
});

describe('letsIn', () => {
  it('denies everything in the fixture', () => {
    expect(letsIn([endpointGroup ?? {}], { ...SOURCE, groupIds: ['sg-0task1111111111111'] })).toBe(
      'no',
    );
  });

  it.each<[string, IpPermissionDetails, string]>([
    ['the group of the task', { ...HTTPS, UserIdGroupPairs: [{ GroupId: 'sg-task' }] }, 'yes'],
    ['the subnet', { ...HTTPS, ...blocks('10.0.12.0/24') }, 'yes'],
    ['another address', { ...HTTPS, ...blocks('10.0.12.35/32') }, 'no'],
    ['a prefix list', { ...HTTPS, ...prefixList }, 'maybe'],
    [
      'everything, but only on port 80',
      { IpProtocol: 'tcp', FromPort: 80, ToPort: 80, ...blocks('0.0.0.0/0') },
      'no',
    ],
  ])('evaluates %s', (_name, permission, expected) => {
    expect(into(permission)).toBe(expected);
  });

  it('is uncertain if a rule covers part of the subnet or the address is unknown', () => {
    const half = { ...HTTPS, ...blocks('10.0.12.0/25') };
    expect(into(half, { groupIds: [], block: '10.0.12.0/24' })).toBe('maybe');
    expect(letsIn([{ IpPermissions: [half] }], { groupIds: [], block: undefined })).toBe('maybe');
  });
});
