import type { DoctorContext } from '#doctor/check-model.ts';
import { type Finding, known, knownValue } from '#doctor/finding.ts';
import { loggingFound } from '#doctor/logging-found.ts';
import { placeOf } from '#doctor/place.ts';
import { agentRoleArn } from '#doctor/roles.ts';
import { type Egress, type EgressJudgement, egressOf, IPV6_ROUTES } from '#doctor/rules/egress.ts';
import {
  type EndpointFault,
  type EndpointService,
  endpointFaults,
  endpointsFor,
  isInterface,
} from '#doctor/rules/endpoints.ts';
import { isIpv6Only } from '#doctor/task-network.ts';
import { CHANNEL_ACTIONS } from '#domain/policy/task-role-policies.ts';
import type { RouteTableDetails, VpcEndpointDetails } from '#domain/ports/ec2-responses.ts';

/** Whether the internet is reached from the subnet; nobody can look behind a transit gateway. */
export type InternetPath = 'yes' | 'unsure' | 'no';

/** By its default route, and in a public subnet by its address (READINESS checks 59 and 60). */
export function internetPath(context: DoctorContext): Finding<InternetPath> {
  const { routeTable } = context.evidence;
  if (routeTable.kind !== 'known') return routeTable;
  if (routeTable.value === undefined) {
    return { kind: 'unknown', reason: 'EC2 does not know the route table of the subnet.' };
  }
  const judged = egressFrom(routeTable.value, context);
  if (judged.kind === 'none') return known('no');
  if (!needsPublicIp(judged.egress)) return known(judged.egress.isUncertain ? 'unsure' : 'yes');
  const address = publicIp(context);
  if (address.kind === 'unknown') return known('unsure');
  return known(knownValue(address) === undefined ? 'no' : 'yes');
}

/** The way out of the subnet that the addresses of the task can take. */
export function egressFrom(table: RouteTableDetails, { task }: DoctorContext): EgressJudgement {
  return isIpv6Only(task) ? egressOf(table, IPV6_ROUTES) : egressOf(table);
}

export function needsPublicIp({ kind, isIpv6 }: Egress): boolean {
  return kind === 'internet gateway' && !isIpv6;
}

/** Of the task's network interface, else of the instance whose network it shares. */
export function publicIp({ evidence }: DoctorContext): Finding<string | undefined> {
  const { networkInterface, instance } = evidence;
  if (networkInterface.kind === 'known') {
    return networkInterface.value === undefined
      ? { kind: 'unknown', reason: 'EC2 does not know the network interface of the task.' }
      : known(networkInterface.value.Association?.PublicIp);
  }
  if (networkInterface.kind === 'unknown') return networkInterface;
  return instance.kind === 'known' ? known(instance.value?.PublicIpAddress) : networkInterface;
}

/** What the agent needs a service for. */
export interface Need {
  readonly service: EndpointService;
  /** Without it there is no session; otherwise only its log is lost. */
  readonly isRequired: boolean;
  readonly actions: readonly string[];
}

const LOGS = [
  'logs:DescribeLogGroups',
  'logs:CreateLogStream',
  'logs:DescribeLogStreams',
  'logs:PutLogEvents',
];

/** The key of a bucket is no reason for an endpoint of KMS: S3 itself calls KMS. */
export function needsOf({ evidence, container }: DoctorContext): readonly Need[] {
  const { logGroup, bucket } = knownValue(loggingFound(evidence, container)) ?? {};
  const configuration = knownValue(evidence.cluster)?.configuration?.executeCommandConfiguration;
  const needs: readonly (Need | undefined)[] = [
    { service: 'ssmmessages', isRequired: true, actions: CHANNEL_ACTIONS },
    (configuration?.kmsKeyId ?? '') === ''
      ? undefined
      : { service: 'kms', isRequired: true, actions: ['kms:Decrypt'] },
    logGroup && { service: 'logs', isRequired: logGroup.mustBeEncrypted, actions: LOGS },
    bucket && {
      service: 's3',
      isRequired: bucket.mustBeEncrypted,
      actions: ['s3:PutObject', 's3:GetEncryptionConfiguration'],
    },
  ];
  return needs.filter((need) => need !== undefined);
}

export interface UsedEndpoint extends Need {
  readonly endpoint: VpcEndpointDetails;
  readonly faults: readonly EndpointFault[];
}

/** The endpoint that serves a need; of several the one with the least wrong with it. */
export function endpointOf(
  need: Need,
  endpoints: readonly VpcEndpointDetails[],
  context: DoctorContext,
): UsedEndpoint | undefined {
  const region = placeOf(context, context.evidence)?.region ?? '';
  const roleArn = knownValue(agentRoleArn(context, context.evidence));
  const table = knownValue(context.evidence.routeTable)?.RouteTableId;
  const { service, actions } = need;
  const [best] = endpointsFor(service, region, endpoints)
    // A gateway serves only subnets whose route table it is in (READINESS check 64).
    .filter(
      (endpoint) =>
        isInterface(endpoint) ||
        table === undefined ||
        (endpoint.RouteTableIds ?? []).includes(table),
    )
    .map((endpoint) => ({
      endpoint,
      faults: endpointFaults(endpoint, { service, actions, resource: '*', roleArn }),
    }))
    .sort((a, b) => a.faults.length - b.faults.length);
  return best === undefined ? undefined : { ...need, ...best };
}
