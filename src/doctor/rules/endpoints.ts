import type { VpcEndpointDetails } from '#domain/ports/ec2-responses.ts';
import type { AddressFamily } from './egress.ts';
import { judgePolicy, parsePolicy } from './policy-document.ts';
import { namesAccount, namesPrincipal, principalContext } from './principals.ts';

/** Services that the exec agent calls; only the first one is always needed. */
export const AGENT_SERVICES = ['ssmmessages', 'kms', 'logs', 's3'] as const;
export type EndpointService = (typeof AGENT_SERVICES)[number];

/** Other names of a service in `ServiceName`. */
const ALIASES: Readonly<Record<string, readonly string[]>> = { kms: ['kms', 'kms-fips'] };

/** The endpoints for a service. Names in China may begin with `cn.`. */
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

/** Interface endpoints for ECS itself. AWS's guide recommends one for ssmmessages with them. */
export function servesEcs({ ServiceName = '' }: VpcEndpointDetails): boolean {
  return /\.(?:ecs|ecs-agent|ecs-telemetry)$/.test(ServiceName);
}

export interface EndpointUse {
  readonly service: EndpointService;
  /** The IAM actions of the calls through the endpoint. */
  readonly actions: readonly string[];
  /** The resource of a call; undefined if it is unknown or the action has none. */
  readonly resourceOf: (action: string) => string | undefined;
  /** The calling role. */
  readonly roleArn: string | undefined;
  /** The family of the addresses that the agent connects to. */
  readonly family: AddressFamily;
  /** The VPC of the task and of the endpoint. */
  readonly vpcId: string | undefined;
}

/**
 * With a `policy` fault, the endpoint denies calls. With any other fault, its private names do not resolve to
 * it, so calls take the same route as without the endpoint.
 */
export interface EndpointFault {
  readonly kind: 'state' | 'dns' | 'addresses' | 'records' | 'policy';
  readonly text: string;
}

/** Why the agent cannot use an endpoint, the most severe fault first. */
export function endpointFaults(
  endpoint: VpcEndpointDetails,
  use: EndpointUse,
): readonly EndpointFault[] {
  const faults: EndpointFault[] = [];
  const { State, PrivateDnsEnabled, IpAddressType, DnsOptions } = endpoint;
  // The API returns lower case, but the SDK's enum is capitalized.
  if (State !== undefined && State.toLowerCase() !== 'available') {
    faults.push({ kind: 'state', text: `is ${State.toLowerCase()}` });
  }
  if (isInterface(endpoint) && PrivateDnsEnabled === false) {
    faults.push({ kind: 'dns', text: 'has private DNS off' });
  }
  if (DnsOptions?.PrivateDnsOnlyForInboundResolverEndpoint === true && isInterface(endpoint)) {
    faults.push({ kind: 'dns', text: 'has private DNS for inbound resolvers alone' });
  }
  const other = use.family === 'IPv4' ? 'IPv6' : 'IPv4';
  if (isOnly(IpAddressType, other)) {
    faults.push({ kind: 'addresses', text: `has only ${other} addresses, and the task has none` });
  } else if (isOnly(DnsOptions?.DnsRecordIpType, other)) {
    faults.push({
      kind: 'records',
      text: `has DNS records for ${other} alone, and the task has no ${other} address`,
    });
  }
  const { refused } = judgeEndpointPolicy(endpoint, use);
  if (refused.length > 0) {
    faults.push({ kind: 'policy', text: `has a policy that does not allow ${refused.join(', ')}` });
  }
  return faults;
}

function isOnly(setting: string | undefined, family: AddressFamily): boolean {
  return setting?.toLowerCase() === family.toLowerCase();
}

export interface EndpointPolicyJudgement {
  /** Actions that the policy certainly denies. */
  readonly refused: readonly string[];
  /** Condition keys that the other decisions depend on and that only a real request has. */
  readonly keys: readonly string[];
}

/** Evaluates an endpoint policy, as far as the role, its account and the VPC decide. */
export function judgeEndpointPolicy(
  endpoint: VpcEndpointDetails,
  use: EndpointUse,
): EndpointPolicyJudgement {
  const { PolicyDocument } = endpoint;
  const policy = PolicyDocument === undefined ? undefined : parsePolicy(PolicyDocument);
  if (policy === undefined) return { refused: [], keys: [] };
  const judged = use.actions.map((action) => ({
    action,
    ...judgePolicy(policy, {
      action,
      // Without a known resource, a policy for any specific resource may name the right one.
      resource: use.resourceOf(action),
      isPrincipal: (type, value) => type === 'AWS' && names(value, use.roleArn),
      context: contextOf(endpoint, use),
    }),
  }));
  const open = judged.filter(({ verdict }) => verdict === 'depends');
  return {
    refused: judged.flatMap(({ action, verdict }) =>
      verdict === 'none' || verdict === 'denied' ? [action] : [],
    ),
    keys: [...new Set(open.flatMap(({ keys }) => keys))],
  };
}

/** Condition keys that follow from where the call comes from, and that it is made over TLS. */
function contextOf(
  { VpcEndpointId }: VpcEndpointDetails,
  { roleArn, vpcId }: EndpointUse,
): Readonly<Record<string, string>> {
  const pairs: readonly (readonly [string, string | undefined])[] = [
    ['aws:sourcevpc', vpcId],
    ['aws:sourcevpce', VpcEndpointId],
    ['aws:securetransport', 'true'],
    ['aws:viaawsservice', 'false'],
    ['aws:principalisawsservice', 'false'],
  ];
  return {
    ...(roleArn === undefined ? {} : principalContext(roleArn)),
    ...Object.fromEntries(
      pairs.flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
    ),
  };
}

/** An unknown role may be the one that the policy names. */
function names(principal: string, roleArn: string | undefined): boolean {
  if (roleArn === undefined) return true;
  return namesPrincipal(principal, roleArn) || namesAccount(principal, roleArn);
}
