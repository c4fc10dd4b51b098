import type { DoctorCheck, DoctorContext } from '#doctor/check-model.ts';
import { judge, knownValue } from '#doctor/finding.ts';
import type { AddressFamily } from '#doctor/rules/egress.ts';
import { isInterface } from '#doctor/rules/endpoints.ts';
import { letsIn, letsOut, type TrafficDestination } from '#doctor/rules/security-groups.ts';
import { addressFamilies, isIpv6Only, taskAddress, taskGroupIds } from '#doctor/task-network.ts';
import { awsCommand } from '#domain/errors/aws-command.ts';
import type { SecurityGroupDetails } from '#domain/ports/ec2-responses.ts';
import { type CheckFix, type CheckOutcome, pass, skip } from '#domain/readiness/readiness-model.ts';
import { isFargate, isOlder } from '#domain/readiness/task-checks.ts';
import { DOCS } from './docs.ts';
import { NETWORK_ACL_CHECK } from './network-acl-check.ts';
import {
  egressName,
  endpointOf,
  internetPath,
  needsOf,
  type UsedEndpoint,
} from './network-view.ts';

/** The first ECS agent that supports tasks without IPv4. */
const FIRST_IPV6_AGENT = '1.98.0';

const HTTPS = ['--protocol', 'tcp', '--port', '443'];

/** Security groups, DNS of the VPC, and the IP version of the task. */
export const REACHABILITY_CHECKS: readonly DoctorCheck[] = [
  {
    id: 'security-groups',
    title: 'Security groups',
    area: 'network',
    severity: 'fail',
    meaning:
      'The security groups allow TCP 443 from the task, and into the endpoints. Security groups are stateful, so responses need no rule.',
    remedy: 'Add a rule for TCP 443 to the group of the task or of the endpoint.',
    docs: DOCS.vpcEndpoints,
    run: checkGroups,
  },
  NETWORK_ACL_CHECK,
  {
    id: 'vpc-dns',
    title: 'VPC DNS',
    area: 'network',
    severity: 'fail',
    meaning:
      'Private names of endpoints resolve only with enableDnsSupport and enableDnsHostnames. Without them, the agent needs a route to the public endpoints.',
    remedy: 'Turn both attributes on with aws ec2 modify-vpc-attribute.',
    docs: DOCS.vpcEndpoints,
    run: checkDns,
  },
  {
    id: 'ipv6-only',
    title: 'IPv4 address',
    area: 'network',
    severity: 'warn',
    meaning:
      'An IPv6-only task reaches only dual-stack names. The ECS agent uses them since 1.98.0.',
    remedy: 'On EC2, update the ECS agent; or use a subnet with IPv4.',
    docs: DOCS.networkMode,
    run: checkIpv6,
  },
];

function checkGroups(context: DoctorContext): CheckOutcome {
  const { evidence } = context;
  return judge(taskGroupIds(evidence), (ids) =>
    judge(evidence.endpoints, (endpoints) =>
      judge(evidence.securityGroups, (groups) => {
        const own = groups.filter(({ GroupId = '' }) => ids.includes(GroupId));
        if (own.length === 0) {
          return {
            status: 'unknown',
            message: 'EC2 does not show the security groups of the task.',
          };
        }
        const used = needsOf(context)
          .flatMap((need) => endpointOf(need, endpoints, context) ?? [])
          .filter(({ endpoint, isInUse }) => isInUse && isInterface(endpoint));
        return checkOut(own, used, context) ?? checkIn(ids, groups, used, context);
      }),
    ),
  );
}

/** Undefined if the groups of the task allow everything that it needs. */
function checkOut(
  own: readonly SecurityGroupDetails[],
  used: readonly UsedEndpoint[],
  context: DoctorContext,
): CheckOutcome | undefined {
  const { evidence, task } = context;
  const { block } = taskAddress(task, evidence);
  const families = addressFamilies(task, evidence);
  const names = own.map(({ GroupId }) => GroupId ?? '');
  const passages = needsOf(context).map(({ service, isRequired }) => {
    const endpoint = used.find((candidate) => candidate.service === service);
    const to: TrafficDestination =
      endpoint === undefined
        ? { kind: 'internet', families }
        : { kind: 'endpoint', groupIds: groupIdsOf(endpoint), block, families };
    return { service, isRequired, to: to.kind, passage: letsOut(own, to) };
  });
  const facts = { groups: names, to: passages[0]?.to, passages };
  const blocked = passages.filter(({ passage }) => passage === 'no');
  const [first] = [...blocked.filter(({ isRequired }) => isRequired), ...blocked];
  if (first !== undefined) {
    const isAll = blocked.length === passages.length;
    const where = isAll ? '' : ` to ${blocked.map(({ service }) => service).join(', ')}`;
    return {
      status: first.isRequired ? 'fail' : 'warn',
      message: `${names.join(', ')} allows no outbound TCP 443${where}.`,
      fix: ruleFix('egress', names[0] ?? '', everywhere(families), context),
      evidence: facts,
    };
  }
  if (passages.every(({ passage, isRequired }) => passage === 'yes' || !isRequired))
    return undefined;
  const message = `ecsh cannot tell whether ${names.join(', ')} allows TCP 443 to every destination: its rules name a prefix list or other networks.`;
  return { status: 'unknown', message, evidence: facts };
}

function everywhere([family]: readonly AddressFamily[]): readonly string[] {
  return family === 'IPv6'
    ? ['--ip-permissions', 'IpProtocol=tcp,FromPort=443,ToPort=443,Ipv6Ranges=[{CidrIpv6=::/0}]']
    : [...HTTPS, '--cidr', '0.0.0.0/0'];
}

function checkIn(
  ids: readonly string[],
  groups: readonly SecurityGroupDetails[],
  used: readonly UsedEndpoint[],
  context: DoctorContext,
): CheckOutcome {
  const { task, evidence } = context;
  const { address, block } = taskAddress(task, evidence);
  const judged = used.map((endpoint) => {
    const theirs = groups.filter(({ GroupId = '' }) => groupIdsOf(endpoint).includes(GroupId));
    const from = { groupIds: ids, block: address ?? block };
    return { ...endpoint, passage: theirs.length === 0 ? 'maybe' : letsIn(theirs, from) };
  });
  const facts = {
    groups: ids,
    instance: knownValue(evidence.instance)?.InstanceId,
    endpoints: judged.map(({ service, passage }) => `${service}: ${passage}`),
  };
  const closed = judged.filter(({ passage }) => passage === 'no');
  const [first] = [...closed.filter(({ isRequired }) => isRequired), ...closed];
  if (first !== undefined) {
    const group = groupIdsOf(first)[0] ?? '';
    return {
      status: first.isRequired ? 'fail' : 'warn',
      message: `Endpoint ${group} (${closed.map(({ service }) => service).join(', ')}) does not accept TCP 443 from the task.`,
      fix: ruleFix('ingress', group, [...HTTPS, '--source-group', ids[0] ?? ''], context),
      evidence: facts,
    };
  }
  const open = judged.find(({ passage }) => passage === 'maybe');
  if (open !== undefined) {
    const message = `ecsh cannot tell whether the endpoint for ${open.service} accepts TCP 443 from the task.`;
    return { status: 'unknown', message, evidence: facts };
  }
  return pass('Security groups allow TCP 443 from the task to every destination.', facts);
}

function groupIdsOf({ endpoint }: UsedEndpoint): readonly string[] {
  return (endpoint.Groups ?? []).flatMap(({ GroupId }) => GroupId ?? []);
}

function ruleFix(
  direction: 'egress' | 'ingress',
  group: string,
  rule: readonly string[],
  { flags }: DoctorContext,
): CheckFix {
  const words = ['ec2', `authorize-security-group-${direction}`, '--group-id', group];
  return {
    summary: 'Add a rule for TCP 443',
    command: awsCommand([...words, ...rule], flags),
  };
}

/** Without VPC DNS, the agent needs public names and an internet route. */
function checkDns(context: DoctorContext): CheckOutcome {
  const { evidence, flags } = context;
  return judge(evidence.dnsSupport, (support) =>
    judge(evidence.dnsHostnames, (hostnames) => {
      const off = [
        ...(support === false ? ['support'] : []),
        ...(hostnames === false ? ['hostnames'] : []),
      ];
      const facts = { enableDnsSupport: support, enableDnsHostnames: hostnames };
      if (off.length === 0) return pass('Private names of endpoints resolve.', facts);
      const vpc = knownValue(evidence.vpc)?.vpcId ?? '';
      const fault = `VPC DNS ${off.join(' and ')} is off in ${vpc}, so private endpoint names do not resolve`;
      // ModifyVpcAttribute changes one attribute per call.
      const commands = off.map((name) =>
        awsCommand(['ec2', 'modify-vpc-attribute', '--vpc-id', vpc, `--enable-dns-${name}`], flags),
      );
      const fix = { summary: 'Turn it on', command: commands.join(' &&\n  ') };
      const path = knownValue(internetPath(context));
      const through = egressName(context);
      if (path === 'no') return { status: 'fail', message: `${fault}.`, fix, evidence: facts };
      if (path === 'yes' && support !== false) {
        const message = `${fault}; public names do, and are reached through ${through}.`;
        return { status: 'info', message, fix, evidence: facts };
      }
      const doubt =
        path === 'yes'
          ? 'The task needs a DNS server of its own.'
          : `Whether public names are reachable through ${through ?? 'a route'} cannot be seen from here.`;
      return { status: 'warn', message: `${fault}. ${doubt}`, fix, evidence: facts };
    }),
  );
}

/** On Fargate the agent supports IPv6; on EC2 that depends on the version of the ECS agent. */
function checkIpv6({ task, evidence }: DoctorContext): CheckOutcome {
  if (task === undefined || !isIpv6Only(task)) {
    return skip('The task has no interface without an IPv4 address.');
  }
  if (isFargate(task)) return pass('IPv6-only task on Fargate: the agent uses dual-stack names.');
  const agentVersion = knownValue(evidence.containerInstance)?.versionInfo?.agentVersion;
  const facts = { agentVersion };
  if (agentVersion !== undefined && !isOlder(agentVersion, FIRST_IPV6_AGENT)) {
    return pass(`IPv6-only task: ECS agent ${agentVersion} uses dual-stack names.`, facts);
  }
  return {
    status: 'warn',
    message: `IPv6-only task: the ECS agent has to be ${FIRST_IPV6_AGENT} or newer.`,
    fix: { summary: `Use an ECS agent of ${FIRST_IPV6_AGENT} or newer, or a subnet with IPv4.` },
    evidence: facts,
  };
}
