import type { VpcEndpointDetails } from '#domain/ports/ec2-responses.ts';
import { judgePolicy, parsePolicy } from './policy-document.ts';

/** What the exec agent talks to; only the first is always needed (READINESS check 61). */
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

/** What every endpoint but those of type Gateway (and GatewayLoadBalancer) is. */
export function isInterface({ VpcEndpointType }: VpcEndpointDetails): boolean {
  return (VpcEndpointType ?? '').toLowerCase() === 'interface';
}

export interface EndpointUse {
  readonly service: EndpointService;
  /** What goes through it. */
  readonly actions: readonly string[];
  /** Its resources, as far as they are known; `*` otherwise. */
  readonly resource: string;
  /** The role that calls. */
  readonly roleArn: string | undefined;
}

export interface EndpointFault {
  readonly kind: 'state' | 'dns' | 'policy';
  readonly text: string;
}

/** Why an endpoint is of no use to the agent, the worst first (READINESS check 65). */
export function endpointFaults(
  endpoint: VpcEndpointDetails,
  use: EndpointUse,
): readonly EndpointFault[] {
  const faults: EndpointFault[] = [];
  const { State, PrivateDnsEnabled, PolicyDocument } = endpoint;
  // The API answers in lower case, the SDK's enum is capitalised.
  if (State !== undefined && State.toLowerCase() !== 'available') {
    faults.push({ kind: 'state', text: `is ${State.toLowerCase()}` });
  }
  if (isInterface(endpoint) && PrivateDnsEnabled === false) {
    faults.push({ kind: 'dns', text: 'has private DNS off' });
  }
  const refused = PolicyDocument === undefined ? [] : refusedActions(PolicyDocument, use);
  if (refused.length > 0) {
    faults.push({ kind: 'policy', text: `has a policy that does not allow ${refused.join(', ')}` });
  }
  return faults;
}

/** Only what its policy certainly refuses: conditions may be met. */
function refusedActions(document: string, use: EndpointUse): readonly string[] {
  const policy = parsePolicy(document);
  if (policy === undefined) return [];
  return use.actions.filter((action) => {
    const { verdict } = judgePolicy(policy, {
      action,
      // A policy that names one resource may well name the right one.
      resource: use.resource === '*' ? undefined : use.resource,
      isPrincipal: (type, value) => type === 'AWS' && isOf(value, use.roleArn),
      context: {},
    });
    return verdict === 'none' || verdict === 'denied';
  });
}

/** A principal is a role, or its whole account by id or as `root`. */
function isOf(principal: string, roleArn: string | undefined): boolean {
  if (roleArn === undefined) return true;
  const account = roleArn.split(':')[4] ?? '';
  return principal === roleArn || principal === account || principal.endsWith(`:${account}:root`);
}
