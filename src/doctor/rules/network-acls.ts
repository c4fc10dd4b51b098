import type { NetworkAclDetails, NetworkAclEntryDetails } from '#domain/ports/ec2-responses.ts';
import { containsBlock } from './cidr.ts';
import type { Passage } from './security-groups.ts';

/** TCP packets that cross the boundary of a subnet. */
export interface Packets {
  readonly isEgress: boolean;
  /** Addresses or CIDR blocks on the other side; the ACL must allow all of them. */
  readonly addresses: readonly string[];
  /** Range of destination ports; any of them may be used. */
  readonly ports: readonly [from: number, to: number];
}

export interface AclJudgement {
  readonly passage: Passage;
  /** The number of the rule that denies; 32767 is the default rule, which denies everything. */
  readonly refusedBy: number;
}

const LAST_RULE = 32_767;

/** The matching rule with the lowest number decides. Network ACLs are stateless. */
export function judgeAcl(acl: NetworkAclDetails, packets: Packets): AclJudgement {
  const rules = rulesFor(acl, packets).toSorted((a, b) => numberOf(a) - numberOf(b));
  const deciding = packets.addresses.flatMap((address) =>
    decisivePorts(rules, packets.ports).map((port) =>
      rules.find((rule) => matches(rule, address, port)),
    ),
  );
  const refusing = deciding.filter((rule) => rule?.RuleAction?.toLowerCase() !== 'allow');
  return {
    passage: passageOf(refusing.length, deciding.length),
    refusedBy: Math.min(LAST_RULE, ...refusing.map(numberOf)),
  };
}

/** The highest free rule number below the rule that denies, so that a new rule takes effect first. */
export function numberBefore(acl: NetworkAclDetails, packets: Packets): number {
  const { refusedBy } = judgeAcl(acl, packets);
  const taken = rulesFor(acl, packets).map(numberOf);
  let free = refusedBy - 1;
  while (taken.includes(free)) free -= 1;
  return free;
}

function rulesFor(
  { Entries = [] }: NetworkAclDetails,
  { isEgress }: Packets,
): readonly NetworkAclEntryDetails[] {
  return Entries.filter(({ Egress = false }) => Egress === isEgress);
}

function passageOf(refusing: number, all: number): Passage {
  if (refusing === 0) return 'yes';
  return refusing === all ? 'no' : 'maybe';
}

function numberOf(rule: NetworkAclEntryDetails | undefined): number {
  return rule?.RuleNumber ?? LAST_RULE;
}

/** Ports at which a different rule can start to decide. */
function decisivePorts(
  rules: readonly NetworkAclEntryDetails[],
  [from, to]: Packets['ports'],
): readonly number[] {
  const edges = rules.flatMap(({ PortRange: range }) =>
    range === undefined ? [] : [range.From ?? 0, (range.To ?? 65_535) + 1],
  );
  return [...new Set([from, to, ...edges.filter((port) => port > from && port <= to)])];
}

/** Protocols by number: 6 is TCP, -1 is all. */
function matches(rule: NetworkAclEntryDetails, address: string, port: number): boolean {
  const { Protocol, PortRange, CidrBlock, Ipv6CidrBlock } = rule;
  if (Protocol !== '-1' && Protocol !== '6') return false;
  if (Protocol === '6' && PortRange !== undefined) {
    if (port < (PortRange.From ?? 0) || port > (PortRange.To ?? 65_535)) return false;
  }
  const block = CidrBlock ?? Ipv6CidrBlock;
  return block !== undefined && containsBlock(block, address);
}
