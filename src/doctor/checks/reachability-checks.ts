import type { DoctorCheck, DoctorContext } from '#doctor/check-model.ts';
import { judge, knownValue } from '#doctor/finding.ts';
import { isInterface } from '#doctor/rules/endpoints.ts';
import { type Destination, letsIn, letsOut } from '#doctor/rules/security-groups.ts';
import { isIpv6Only, taskGroupIds } from '#doctor/task-network.ts';
import { awsCommand } from '#domain/errors/aws-command.ts';
import type { SecurityGroupDetails } from '#domain/ports/ec2-responses.ts';
import { type CheckFix, type CheckOutcome, pass, skip } from '#domain/readiness/readiness-model.ts';
import { DOCS } from './docs.ts';
import { endpointOf, needsOf, type UsedEndpoint } from './network-view.ts';

/** Checks 66 to 68 of READINESS 1.6. */
export const REACHABILITY_CHECKS: readonly DoctorCheck[] = [
  {
    id: 'security-groups',
    title: 'Security groups',
    area: 'network',
    severity: 'fail',
    meaning:
      'The task may open TCP 443 outwards, and endpoints accept it. Network ACLs are not looked at; they would have to let 443 out and high ports back in.',
    remedy: 'Add a rule for TCP 443 to the group of the task or of the endpoint.',
    docs: DOCS.vpcEndpoints,
    run: checkGroups,
  },
  {
    id: 'vpc-dns',
    title: 'DNS of the VPC',
    area: 'network',
    severity: 'fail',
    meaning:
      'Private names of endpoints resolve only with enableDnsSupport and enableDnsHostnames.',
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
      'A task with IPv6 alone reaches only dual-stack names; the ECS agent asks for them from 1.98.0 on.',
    remedy: 'Update the ECS agent, or use a subnet with IPv4.',
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
          .filter(({ endpoint }) => isInterface(endpoint));
        return checkOut(own, used, context) ?? checkIn(ids, groups, used, context);
      }),
    ),
  );
}

/** Undefined: the task gets out. */
function checkOut(
  own: readonly SecurityGroupDetails[],
  used: readonly UsedEndpoint[],
  context: DoctorContext,
): CheckOutcome | undefined {
  const messages = used.find(({ service }) => service === 'ssmmessages');
  const block = knownValue(context.evidence.subnet)?.CidrBlock;
  const to: Destination =
    messages === undefined
      ? { kind: 'internet' }
      : { kind: 'endpoint', groupIds: groupIdsOf(messages), block };
  const passage = letsOut(own, to);
  const names = own.map(({ GroupId }) => GroupId ?? '');
  const facts = { groups: names, to: to.kind };
  if (passage === 'yes') return undefined;
  if (passage === 'maybe') {
    const message = `Whether ${names.join(', ')} lets 443 out far enough cannot be told: its rules name a prefix list or other networks.`;
    return { status: 'unknown', message, evidence: facts };
  }
  return {
    status: 'fail',
    message: `${names.join(', ')} lets no 443 out.`,
    fix: ruleFix('egress', names[0] ?? '', ['--cidr', '0.0.0.0/0'], context),
    evidence: facts,
  };
}

function checkIn(
  ids: readonly string[],
  groups: readonly SecurityGroupDetails[],
  used: readonly UsedEndpoint[],
  context: DoctorContext,
): CheckOutcome {
  const { networkInterface, subnet, instance } = context.evidence;
  const address = knownValue(networkInterface)?.PrivateIpAddress ?? knownValue(subnet)?.CidrBlock;
  const judged = used.map((endpoint) => {
    const theirs = groups.filter(({ GroupId = '' }) => groupIdsOf(endpoint).includes(GroupId));
    const from = { groupIds: ids, block: address };
    return { ...endpoint, passage: theirs.length === 0 ? 'maybe' : letsIn(theirs, from) };
  });
  const facts = {
    groups: ids,
    instance: knownValue(instance)?.InstanceId,
    endpoints: judged.map(({ service, passage }) => `${service}: ${passage}`),
  };
  const closed = judged.filter(({ passage }) => passage === 'no');
  const [first] = [...closed.filter(({ isRequired }) => isRequired), ...closed];
  if (first !== undefined) {
    const group = groupIdsOf(first)[0] ?? '';
    return {
      status: first.isRequired ? 'fail' : 'warn',
      message: `Endpoint ${group} (${closed.map(({ service }) => service).join(', ')}) does not accept 443 from the task.`,
      fix: ruleFix('ingress', group, ['--source-group', ids[0] ?? ''], context),
      evidence: facts,
    };
  }
  const open = judged.find(({ passage }) => passage === 'maybe');
  if (open !== undefined) {
    const message = `Whether the endpoint for ${open.service} accepts 443 from the task cannot be told.`;
    return { status: 'unknown', message, evidence: facts };
  }
  return pass('443 is open from the task to where it has to go.', facts);
}

function groupIdsOf({ endpoint }: UsedEndpoint): readonly string[] {
  return (endpoint.Groups ?? []).flatMap(({ GroupId }) => GroupId ?? []);
}

function ruleFix(
  direction: 'egress' | 'ingress',
  group: string,
  peer: readonly string[],
  { flags }: DoctorContext,
): CheckFix {
  const words = ['ec2', `authorize-security-group-${direction}`, '--group-id', group];
  return {
    summary: 'Add a rule for TCP 443; network ACLs have to let it through as well',
    command: awsCommand([...words, '--protocol', 'tcp', '--port', '443', ...peer], flags),
  };
}

function checkDns({ evidence, flags }: DoctorContext): CheckOutcome {
  return judge(evidence.dnsSupport, (support) =>
    judge(evidence.dnsHostnames, (hostnames) => {
      const off = [
        ...(support === false ? ['support'] : []),
        ...(hostnames === false ? ['hostnames'] : []),
      ];
      const facts = { enableDnsSupport: support, enableDnsHostnames: hostnames };
      if (off.length === 0) return pass('Private names of endpoints resolve.', facts);
      const vpc = knownValue(evidence.subnet)?.VpcId ?? '';
      // One attribute a call (ModifyVpcAttribute).
      const commands = off.map((name) =>
        awsCommand(['ec2', 'modify-vpc-attribute', '--vpc-id', vpc, `--enable-dns-${name}`], flags),
      );
      return {
        status: 'fail',
        message: `VPC DNS ${off.join(' and ')} is off in ${vpc}, so private endpoint names do not resolve.`,
        fix: { summary: 'Turn it on', command: commands.join(' &&\n  ') },
        evidence: facts,
      };
    }),
  );
}

function checkIpv6({ task, evidence }: DoctorContext): CheckOutcome {
  if (!isIpv6Only(task)) return skip('The task has no interface without an IPv4 address.');
  const agent = knownValue(evidence.containerInstance)?.versionInfo?.agentVersion;
  return {
    status: 'warn',
    message: 'IPv6-only task: the agent must use dual-stack names.',
    fix: { summary: 'Use an ECS agent of 1.98.0 or newer, or a subnet with IPv4.' },
    evidence: { agentVersion: agent },
  };
}
