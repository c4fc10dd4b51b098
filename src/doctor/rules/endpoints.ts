import type { VpcEndpointDetails } from '#domain/ports/ec2-responses.ts';
import { judgePolicy, parsePolicy } from './policy-document.ts';

/** Services that the exec agent calls; only the first is always needed (READINESS check 61). */
export const AGENT_SERVICES = ['ssmmessages', 'kms', 'logs', 's3'] as const;
export type EndpointService = (typeof AGENT_SERVICES)[number];

/** Names by which a service goes in `ServiceName`; all others are named as they are. */
const ALIASES: Readonly<Record<string, readonly string[]>> = { kms: ['kms', 'kms-fips'] };

/** The endpoints for a service. Names in China may begin with `cn.` (READINESS check 61). */
export function endpointsFor(
  service: EndpointService,
  region: string,
  endpoints: readonly VpcEndpointDetails[],
): readonly VpcEndpointDetails[] {
  const endings = (ALIASES[service] ?? [service]).map((name) => `com.amazonaws.${region}.${name}`);
  return endpoints.filter(({ ServiceName = '' }) =>
    endings.some((ending) => ServiceName === ending || ServiceName.endsWith(`.${ending}`)),
  );
}

/** True for every endpoint except those of type Gateway and GatewayLoadBalancer. */
export function isInterface({ VpcEndpointType }: VpcEndpointDetails): boolean {
  return (VpcEndpointType ?? '').toLowerCase() === 'interface';
}

/** Interface endpoints of ECS itself; AWS's guide asks for one of ssmmessages beside them. */
export function servesEcs({ ServiceName = '' }: VpcEndpointDetails): boolean {
  return /\.(?:ecs|ecs-agent|ecs-telemetry)$/.test(ServiceName);
}

export interface EndpointUse {
  readonly service: EndpointService;
  /** The IAM actions of the calls that go through it. */
  readonly actions: readonly string[];
  /** The resource of a call; undefined where it is unknown, or the action has none. */
  readonly resourceOf: (action: string) => string | undefined;
  /** The role that calls. */
  readonly roleArn: string | undefined;
  /** The task has no IPv4 address. */
  readonly isIpv6Only: boolean;
}

/**
 * With a `policy` fault the endpoint refuses calls. With any other fault its private names do not
 * resolve to it, so that calls take the way that they would take without it.
 */
export interface EndpointFault {
  readonly kind: 'state' | 'dns' | 'addresses' | 'policy';
  readonly text: string;
}

/** Why an endpoint is of no use to the agent, the worst first (READINESS check 65). */
export function endpointFaults(
  endpoint: VpcEndpointDetails,
  use: EndpointUse,
): readonly EndpointFault[] {
  const faults: EndpointFault[] = [];
  const { State, PrivateDnsEnabled, PolicyDocument, IpAddressType } = endpoint;
  // The API answers in lower case, the SDK's enum is capitalised.
  if (State !== undefined && State.toLowerCase() !== 'available') {
    faults.push({ kind: 'state', text: `is ${State.toLowerCase()}` });
  }
  if (isInterface(endpoint) && PrivateDnsEnabled === false) {
    faults.push({ kind: 'dns', text: 'has private DNS off' });
  }
  if (use.isIpv6Only && IpAddressType?.toLowerCase() === 'ipv4') {
    faults.push({ kind: 'addresses', text: 'has only IPv4 addresses, and the task has none' });
  }
  const refused = PolicyDocument === undefined ? [] : refusedActions(PolicyDocument, use);
  if (refused.length > 0) {
    faults.push({ kind: 'policy', text: `has a policy that does not allow ${refused.join(', ')}` });
  }
  return faults;
}

/** Only calls that the policy certainly refuses: conditions on unknown keys may hold. */
function refusedActions(document: string, use: EndpointUse): readonly string[] {
  const policy = parsePolicy(document);
  if (policy === undefined) return [];
  return use.actions.filter((action) => {
    const { verdict } = judgePolicy(policy, {
      action,
      // Without one, a policy that names any resource may name the right one.
      resource: use.resourceOf(action),
      isPrincipal: (type, value) => type === 'AWS' && isOf(value, use.roleArn),
      context: contextOf(use.roleArn),
    });
    return verdict === 'none' || verdict === 'denied';
  });
}

function contextOf(roleArn: string | undefined): Readonly<Record<string, string>> {
  if (roleArn === undefined) return {};
  const account = accountOf(roleArn);
  return { 'aws:principalarn': roleArn, 'aws:principalaccount': account };
}

/** A principal is a role, one of its sessions, or its whole account by id or as `root`. */
function isOf(principal: string, roleArn: string | undefined): boolean {
  if (roleArn === undefined) return true;
  const account = accountOf(roleArn);
  if (principal === roleArn || principal === account) return true;
  if (principal.endsWith(`:${account}:root`)) return true;
  // ECS chooses the names of sessions: one that is named may be the task's.
  return principal.includes(`:${account}:assumed-role/${roleArn.split('/').at(-1)}/`);
}

function accountOf(arn: string): string {
  return arn.split(':')[4] ?? '';
}
