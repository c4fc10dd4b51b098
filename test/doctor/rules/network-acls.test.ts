import { describe, expect, it } from 'vitest';
import { judgeAcl, numberBefore, type Packets } from '#doctor/rules/network-acls.ts';
import type { NetworkAclEntryDetails } from '#domain/ports/ec2-responses.ts';

const OUT: Packets = { isEgress: true, addresses: ['52.94.0.1'], ports: [443, 443] };
const ANSWERS: Packets = { isEgress: false, addresses: ['52.94.0.1'], ports: [32_768, 60_999] };
const rule = (
  RuleNumber: number,
  RuleAction: string,
  changes: NetworkAclEntryDetails = {},
): NetworkAclEntryDetails => ({
  RuleNumber,
  RuleAction,
  Protocol: '-1',
  CidrBlock: '0.0.0.0/0',
  Egress: true,
  ...changes,
});
const tcp = (From: number, To = From) => ({ Protocol: '6', PortRange: { From, To } });
const inwards = (From: number, To: number) => ({ ...tcp(From, To), Egress: false });

describe('judgeAcl', () => {
  it.each<[string, NetworkAclEntryDetails[], Packets, string, number]>([
    ['denies if no rule matches', [], OUT, 'no', 32_767],
    ['allows if a rule matches', [rule(100, 'allow')], OUT, 'yes', 32_767],
    [
      'obeys the rule with the lower number',
      [rule(200, 'allow'), rule(100, 'deny', tcp(443))],
      OUT,
      'no',
      100,
    ],
    [
      'ignores a deny with a higher number',
      [rule(50, 'allow', tcp(443)), rule(60, 'deny')],
      OUT,
      'yes',
      32_767,
    ],
    [
      'ignores rules for other ports',
      [rule(50, 'deny', tcp(80)), rule(100, 'allow')],
      OUT,
      'yes',
      32_767,
    ],
    [
      'ignores rules for other protocols',
      [rule(50, 'deny', { ...tcp(443), Protocol: '17' }), rule(100, 'allow')],
      OUT,
      'yes',
      32_767,
    ],
    [
      'ignores rules for other addresses',
      [rule(50, 'deny', { CidrBlock: '10.0.0.0/8' }), rule(100, 'allow')],
      OUT,
      'yes',
      32_767,
    ],
    [
      'ignores rules for the other direction',
      [rule(100, 'allow', { Egress: false })],
      OUT,
      'no',
      32_767,
    ],
    [
      'allows responses to all high ports',
      [rule(100, 'allow', inwards(1_024, 65_535))],
      ANSWERS,
      'yes',
      32_767,
    ],
    [
      'allows responses to the default port range of Linux',
      [rule(100, 'allow', inwards(32_768, 61_000))],
      ANSWERS,
      'yes',
      32_767,
    ],
    [
      'denies responses if only a server port is open',
      [rule(100, 'allow', inwards(443, 443))],
      ANSWERS,
      'no',
      32_767,
    ],
    [
      'is uncertain if only some high ports are open',
      [rule(100, 'allow', inwards(49_152, 65_535))],
      ANSWERS,
      'maybe',
      32_767,
    ],
    [
      'is uncertain if a rule covers only some addresses',
      [rule(100, 'allow', { CidrBlock: '52.0.0.0/8' })],
      { ...OUT, addresses: ['52.94.0.1', '3.208.0.1'] },
      'maybe',
      32_767,
    ],
    [
      'uses the IPv6 rules for an IPv6 address',
      [rule(100, 'allow'), rule(101, 'allow', { CidrBlock: undefined, Ipv6CidrBlock: '::/0' })],
      { ...OUT, addresses: ['2600:1f18::1'] },
      'yes',
      32_767,
    ],
  ])('%s', (_name, Entries, packets, passage, refusedBy) => {
    expect(judgeAcl({ Entries }, packets)).toEqual({ passage, refusedBy });
  });
});

it('a new rule gets the highest free number below the one that denies', () => {
  const Entries = [rule(99, 'deny', tcp(80)), rule(100, 'deny', tcp(443)), rule(200, 'allow')];
  expect(numberBefore({ Entries }, OUT)).toBe(98);
  expect(numberBefore({ Entries: [rule(32_767, 'deny')] }, OUT)).toBe(32_766);
});
