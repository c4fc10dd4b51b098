import type { DoctorCheck, DoctorContext } from '#doctor/check-model.ts';
import { judge, knownValue } from '#doctor/finding.ts';
import { agentRoleArn } from '#doctor/roles.ts';
import { hasDeny, withStatement } from '#doctor/rules/policy-document.ts';
import { awsCommand } from '#domain/errors/aws-command.ts';
import { type CheckFix, type CheckOutcome, pass, skip } from '#domain/readiness/readiness-model.ts';
import { DOCS } from './docs.ts';
import {
  egressName,
  endpointOf,
  internetPath,
  needsOf,
  type UsedEndpoint,
} from './network-view.ts';

/** Checks whether the VPC endpoints that the exec agent would use work. */
export const ENDPOINT_USE_CHECK: DoctorCheck = {
  id: 'vpce-usable',
  title: 'Endpoints work',
  area: 'network',
  severity: 'fail',
  meaning:
    'If an endpoint is available and has private DNS on, the name of the service resolves to it, and the policy of the endpoint must allow the task role the actions of the agent. Otherwise the agent takes the route of its subnet, and the endpoint matters only if the subnet has no route out.',
  remedy: 'Accept or recreate the endpoint, turn private DNS on, or widen its policy.',
  docs: DOCS.vpcEndpoints,
  run: checkUsable,
};

function checkUsable(context: DoctorContext): CheckOutcome {
  return judge(context.evidence.endpoints, (endpoints) => {
    const used = needsOf(context).flatMap((need) => endpointOf(need, endpoints, context) ?? []);
    if (used.length === 0) return skip('The agent uses no endpoint.');
    const faulty = used
      .filter(({ faults }) => faults.length > 0)
      .map((endpoint) => ({ endpoint, status: gravityOf(endpoint, context) }))
      .toSorted((a, b) => GRAVITY.indexOf(a.status) - GRAVITY.indexOf(b.status));
    const ids = used.map(({ endpoint }) => endpoint.VpcEndpointId);
    const [worst] = faulty;
    if (worst === undefined) {
      return dependent(used) ?? pass('The endpoints work.', { endpoints: ids });
    }
    const facts = faulty.map(({ endpoint: { endpoint, service, faults } }) => ({
      endpoint: endpoint.VpcEndpointId,
      service,
      faults: faults.map(({ text }) => text),
    }));
    return {
      status: worst.status,
      message: faulty.map((found) => sentence(found, context)).join(' '),
      fix: repairFix(worst.endpoint, context),
      evidence: { endpoints: facts },
    };
  });
}

/** `unknown` if the policy of an endpoint in use depends on condition keys that only a real request has. */
function dependent(used: readonly UsedEndpoint[]): CheckOutcome | undefined {
  const open = used.find(({ isInUse, openKeys }) => isInUse && openKeys.length > 0);
  if (open === undefined) return undefined;
  const id = open.endpoint.VpcEndpointId;
  const keys = open.openKeys.join(', ');
  const message = `Whether the policy of endpoint ${id} for ${open.service} allows the agent's calls depends on ${keys}.`;
  return { status: 'unknown', message, evidence: { endpoint: id, keys: open.openKeys } };
}

/** Most severe first. */
const GRAVITY = ['fail', 'warn', 'info'] as const;
type Gravity = (typeof GRAVITY)[number];

/** A fault of an endpoint in use affects every call; one of an unused endpoint matters only without another route. */
function gravityOf(used: UsedEndpoint, context: DoctorContext): Gravity {
  const { isRequired, isInUse } = used;
  if (isInUse) return isRequired ? 'fail' : 'warn';
  const path = knownValue(internetPath(context));
  if (path === 'yes') return 'info';
  return path === 'no' && isRequired ? 'fail' : 'warn';
}

interface Faulty {
  readonly endpoint: UsedEndpoint;
  readonly status: Gravity;
}

function sentence({ endpoint: used, status }: Faulty, context: DoctorContext): string {
  const { endpoint, service, faults, isInUse } = used;
  const fault = `Endpoint ${endpoint.VpcEndpointId} for ${service} ${faults.map(({ text }) => text).join(' and ')}`;
  if (isInUse) return `${fault}.`;
  const through = egressName(context);
  if (status === 'info') return `${fault}; ${service} is reached through ${through} instead.`;
  return through === undefined
    ? `${fault}, and the subnet has no other route out.`
    : `${fault}; ecsh cannot tell whether ${service} is reachable through ${through}.`;
}

function repairFix(broken: UsedEndpoint, context: DoctorContext): CheckFix | undefined {
  const { endpoint, faults } = broken;
  const { flags } = context;
  const id = endpoint.VpcEndpointId;
  const [fault] = faults;
  if (id === undefined || fault === undefined) return undefined;
  const modify = ['ec2', 'modify-vpc-endpoint', '--vpc-endpoint-id', id];
  switch (fault.kind) {
    case 'state':
      return {
        summary: 'Look at its state, and accept or recreate it',
        command: awsCommand(['ec2', 'describe-vpc-endpoints', '--vpc-endpoint-ids', id], flags),
      };
    case 'dns':
      return {
        summary: 'Turn private DNS on',
        command: awsCommand([...modify, '--private-dns-enabled'], flags),
      };
    case 'addresses':
      return {
        summary: 'Make it dual-stack, in subnets that have IPv6',
        command: awsCommand([...modify, '--ip-address-type', 'dualstack'], flags),
      };
    case 'records':
      return {
        summary: 'Give it DNS records for IPv4 and IPv6',
        command: awsCommand([...modify, '--dns-options', 'DnsRecordIpType=dualstack'], flags),
      };
    case 'policy':
      return allowFix(broken, modify, context);
  }
}

/** Adds a statement to the policy. If the policy denies something, its owner has to edit it, so there is no command. */
function allowFix(
  { endpoint, actions }: UsedEndpoint,
  modify: readonly string[],
  context: DoctorContext,
): CheckFix {
  const policy = endpoint.PolicyDocument ?? '';
  const role = knownValue(agentRoleArn(context, context.evidence));
  const statement = {
    Effect: 'Allow',
    Principal: role === undefined ? '*' : { AWS: role },
    Action: actions,
    Resource: '*',
  };
  const widened = withStatement(policy, statement);
  if (widened === undefined || hasDeny(policy)) {
    const summary = `Let its policy allow ${actions.join(', ')}${role === undefined ? '' : ` for ${role}`}.`;
    return { summary, policy: statement };
  }
  return {
    summary: 'Add a statement to its policy',
    command: awsCommand([...modify, '--policy-document', JSON.stringify(widened)], context.flags),
    policy: statement,
  };
}
