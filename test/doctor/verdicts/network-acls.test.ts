import { describe, expect, it } from 'vitest';
import type { NetworkAclDetails } from '#domain/ports/ec2-responses.ts';
import { type Ec2Answers, NAT, NO_ROUTE, network, to } from '#test/fakes/doctor-network.ts';
import { verdictOf } from '#test/fakes/doctor-verdict.ts';

type Entry = NonNullable<NetworkAclDetails['Entries']>[number];
const rule = (RuleNumber: number, Egress: boolean, changes: Partial<Entry> = {}): Entry => ({
  RuleNumber,
  Egress,
  Protocol: '6',
  RuleAction: 'allow',
  CidrBlock: '0.0.0.0/0',
  ...changes,
});
const acl = (...Entries: Entry[]): Ec2Answers => ({
  describeNetworkAcls: async () => [
    { NetworkAclId: 'acl-1', Associations: [{ SubnetId: 'subnet-0aaa1111bbbb2222c' }], Entries },
  ],
});
const ports = (From: number, To: number) => ({ PortRange: { From, To } });

describe('network ACLs of a task behind NAT', () => {
  const OPEN_IN = rule(100, false, { Protocol: '-1' });
  it.each<[string, Ec2Answers, string]>([
    [
      '443 out, ephemeral ports in',
      acl(rule(100, true, ports(443, 443)), rule(100, false, ports(1024, 65_535))),
      'ready: -',
    ],
    [
      '443 out, 32768 to 60999 in',
      acl(rule(100, true, ports(443, 443)), rule(100, false, ports(32_768, 60_999))),
      'ready: -',
    ],
    [
      '443 out, only 80 and 443 in',
      acl(
        rule(100, true, ports(443, 443)),
        rule(100, false, ports(443, 443)),
        rule(110, false, ports(80, 80)),
      ),
      'not ready: network-acls',
    ],
    [
      'a deny with a higher number than the allow',
      acl(
        rule(100, true, ports(443, 443)),
        rule(200, true, { RuleAction: 'deny', Protocol: '-1' }),
        OPEN_IN,
      ),
      'ready: -',
    ],
    [
      'a deny with a lower number than the allow',
      acl(
        rule(90, true, { RuleAction: 'deny', ...ports(443, 443) }),
        rule(100, true, { Protocol: '-1' }),
        OPEN_IN,
      ),
      'not ready: network-acls',
    ],
    [
      'rules out of order in the response',
      acl(
        rule(200, true, { RuleAction: 'deny', Protocol: '-1' }),
        rule(100, true, ports(443, 443)),
        OPEN_IN,
      ),
      'ready: -',
    ],
    [
      'only UDP out',
      acl(rule(100, true, { Protocol: '17', ...ports(443, 443) }), OPEN_IN),
      'not ready: network-acls',
    ],
    [
      'only IPv6 out',
      acl(
        { ...rule(100, true, ports(443, 443)), CidrBlock: undefined, Ipv6CidrBlock: '::/0' },
        OPEN_IN,
      ),
      'not ready: network-acls',
    ],
    [
      'a deny only for 10.0.0.0/8',
      acl(
        rule(90, true, { RuleAction: 'deny', Protocol: '-1', CidrBlock: '10.0.0.0/8' }),
        rule(100, true, { Protocol: '-1' }),
        OPEN_IN,
      ),
      'ready: -',
    ],
    [
      'two rules out, one for each half of IPv4',
      acl(
        rule(100, true, { CidrBlock: '0.0.0.0/1', ...ports(443, 443) }),
        rule(110, true, { CidrBlock: '128.0.0.0/1', ...ports(443, 443) }),
        OPEN_IN,
      ),
      'ready: -',
    ],
  ])('%s', async (_name, ec2, expected) => {
    const routes = [...NO_ROUTE, to('0.0.0.0/0', NAT)];
    expect(await verdictOf(network({ routes, list: [], ec2 }))).toBe(expected);
  });
});
