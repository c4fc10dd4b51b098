import type { DoctorCheck, DoctorContext } from '#doctor/check-model.ts';
import { judge } from '#doctor/finding.ts';
import { AWS_ADDRESSES } from '#doctor/rules/egress.ts';
import { isInterface } from '#doctor/rules/endpoints.ts';
import { judgeAcl, numberBefore, type Packets } from '#doctor/rules/network-acls.ts';
import { addressFamilies, taskAddress } from '#doctor/task-network.ts';
import { awsCommand } from '#domain/errors/aws-command.ts';
import type { NetworkAclDetails, VpcEndpointDetails } from '#domain/ports/ec2-responses.ts';
import { type CheckFix, type CheckOutcome, pass } from '#domain/readiness/readiness-model.ts';
import { isWindows } from '#domain/resolve/selection.ts';
import { DOCS } from './docs.ts';
import { needsOf, servicePath } from './network-view.ts';

/** Checks the network ACLs between the exec agent and the AWS services that it calls. */
export const NETWORK_ACL_CHECK: DoctorCheck = {
  id: 'network-acls',
  title: 'Network ACLs',
  area: 'network',
  severity: 'fail',
  meaning:
    'Network ACLs are stateless: the ACL of the subnet must allow TCP 443 out, and responses to high ports in. If an endpoint is in another subnet, the ACL of that subnet must allow TCP 443 in, and responses out.',
  remedy: 'Add rules that allow TCP 443 and its responses.',
  docs: DOCS.networkAcls,
  run: checkAcls,
};

const HTTPS = [443, 443] as const;

/** The default source ports of outgoing connections. */
const LINUX_PORTS = [32_768, 60_999] as const;
const WINDOWS_PORTS = [49_152, 65_535] as const;

/** Packets that an ACL must allow in one direction. */
interface Crossing {
  readonly acl: NetworkAclDetails;
  readonly subnet: string;
  readonly packets: Packets;
  readonly isRequired: boolean;
}

function checkAcls(context: DoctorContext): CheckOutcome {
  return judge(context.evidence.networkAcls, (acls) =>
    judge(context.evidence.vpc, ({ subnetId }) => {
      const own = aclOf(acls, subnetId);
      if (own === undefined) {
        return { status: 'unknown', message: 'EC2 does not show the network ACL of the subnet.' };
      }
      const judged = crossings(context, acls, own, subnetId).map((crossing) => ({
        ...crossing,
        ...judgeAcl(crossing.acl, crossing.packets),
      }));
      const evidence = { acl: own.NetworkAclId, subnet: subnetId };
      const blocked = judged.filter(({ passage }) => passage === 'no');
      const [first] = [...blocked.filter(({ isRequired }) => isRequired), ...blocked];
      if (first !== undefined) return refused(first, context);
      const open = judged.find(({ passage, isRequired }) => passage === 'maybe' && isRequired);
      if (open !== undefined) {
        const message = `ecsh cannot tell whether network ACL ${open.acl.NetworkAclId} lets ${nameOf(open.packets)} ${directionOf(open)}: its rules allow some addresses or ports, and refuse others.`;
        return { status: 'unknown', message, evidence };
      }
      return pass(`Network ACL ${own.NetworkAclId} lets TCP 443 out and responses in.`, evidence);
    }),
  );
}

function crossings(
  context: DoctorContext,
  acls: readonly NetworkAclDetails[],
  own: NetworkAclDetails,
  subnet: string,
): readonly Crossing[] {
  const { task, evidence } = context;
  const [family = 'IPv4'] = addressFamilies(task, evidence);
  const { address, block } = taskAddress(task, evidence);
  const home = address ?? block;
  const high = task !== undefined && isWindows(task) ? WINDOWS_PORTS : LINUX_PORTS;
  return needsOf(context).flatMap((need): readonly Crossing[] => {
    const { isRequired } = need;
    const path = servicePath(need, context);
    if (path.kind !== 'known') return [];
    const { value } = path;
    const endpoint = value.kind === 'endpoint' ? value.used.endpoint : undefined;
    if (endpoint === undefined || !isInterface(endpoint)) {
      return throughBoth({ acl: own, subnet, isRequired }, AWS_ADDRESSES[family], high);
    }
    const others = othersOf(endpoint, subnet);
    // Network ACLs do not apply to traffic within a subnet.
    if (others.length === 0 || home === undefined) return [];
    const there = others.flatMap((id) => {
      const acl = aclOf(acls, id);
      return acl === undefined ? [] : [{ acl, subnet: id, isRequired }];
    });
    return [
      ...throughBoth({ acl: own, subnet, isRequired }, [home, ...namedBlocks(own)], high),
      // With several subnets, the agent may use another one. Only a single subnet is certain.
      ...(endpoint.SubnetIds?.length === 1 ? there : []).flatMap((each) =>
        intoBoth(each, [home], high),
      ),
    ];
  });
}

type Gate = Omit<Crossing, 'packets'>;

function throughBoth(
  gate: Gate,
  addresses: readonly string[],
  high: Packets['ports'],
): readonly Crossing[] {
  return [
    { ...gate, packets: { isEgress: true, addresses, ports: HTTPS } },
    { ...gate, packets: { isEgress: false, addresses, ports: high } },
  ];
}

function intoBoth(
  gate: Gate,
  addresses: readonly string[],
  high: Packets['ports'],
): readonly Crossing[] {
  return [
    { ...gate, packets: { isEgress: false, addresses, ports: HTTPS } },
    { ...gate, packets: { isEgress: true, addresses, ports: high } },
  ];
}

function othersOf({ SubnetIds = [] }: VpcEndpointDetails, subnet: string): readonly string[] {
  return SubnetIds.filter((id) => id !== subnet);
}

/** All CIDR blocks that the rules allow, because the endpoint may be in any of them. */
function namedBlocks({ Entries = [] }: NetworkAclDetails): readonly string[] {
  return Entries.flatMap(({ RuleAction, CidrBlock, Ipv6CidrBlock }) =>
    RuleAction?.toLowerCase() === 'allow' ? (CidrBlock ?? Ipv6CidrBlock ?? []) : [],
  );
}

function aclOf(acls: readonly NetworkAclDetails[], subnet: string): NetworkAclDetails | undefined {
  return acls.find(({ Associations = [] }) =>
    Associations.some(({ SubnetId }) => SubnetId === subnet),
  );
}

function refused(crossing: Crossing, context: DoctorContext): CheckOutcome {
  const { acl, subnet, packets, isRequired } = crossing;
  const id = acl.NetworkAclId ?? '';
  return {
    status: isRequired ? 'fail' : 'warn',
    message: `Network ACL ${id} does not let ${nameOf(packets)} ${directionOf(crossing)}.`,
    fix: allowFix(crossing, context),
    evidence: { acl: id, subnet, refusedBy: judgeAcl(acl, packets).refusedBy },
  };
}

function nameOf({ ports }: Packets): string {
  const [from, to] = ports;
  return from === to ? `TCP ${from}` : `responses to ports ${from}-${to}`;
}

function directionOf({ packets, subnet }: Pick<Crossing, 'packets' | 'subnet'>): string {
  return packets.isEgress ? `out of subnet ${subnet}` : `into subnet ${subnet}`;
}

function allowFix({ acl, packets }: Crossing, { flags }: DoctorContext): CheckFix {
  const [from, to] = packets.ports;
  const isIpv6 = packets.addresses.some((address) => address.includes(':'));
  const create = ['ec2', 'create-network-acl-entry', '--network-acl-id', acl.NetworkAclId ?? ''];
  const words = [
    ...create,
    packets.isEgress ? '--egress' : '--ingress',
    ...['--rule-number', String(numberBefore(acl, packets)), '--rule-action', 'allow'],
    ...['--protocol', 'tcp', '--port-range', `From=${from},To=${to}`],
    ...(isIpv6 ? ['--ipv6-cidr-block', '::/0'] : ['--cidr-block', '0.0.0.0/0']),
  ];
  return {
    summary: 'Add a rule that allows it before the rule that refuses it',
    command: awsCommand(words, flags),
  };
}
