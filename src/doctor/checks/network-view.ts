import type { DoctorContext } from '#doctor/check-model.ts';
import { clusterHome } from '#doctor/cluster-home.ts';
import { containerLogging } from '#doctor/container-logging.ts';
import { type Finding, known, knownValue } from '#doctor/finding.ts';
import { agentRoleArn } from '#doctor/roles.ts';
import { type Egress, type EgressJudgement, egressOf } from '#doctor/rules/egress.ts';
import {
  type EndpointFault,
  type EndpointService,
  endpointFaults,
  endpointsFor,
  isInterface,
  judgeEndpointPolicy,
} from '#doctor/rules/endpoints.ts';
import { sessionKeyArn } from '#doctor/session-key.ts';
import { addressFamilies, isIpv6Only } from '#doctor/task-network.ts';
import { CHANNEL_ACTIONS } from '#domain/policy/task-role-policies.ts';
import type { RouteTableDetails, VpcEndpointDetails } from '#domain/ports/ec2-responses.ts';

/** Whether packets from the subnet reach public addresses of AWS; `unsure` through a transit gateway and the like. */
export type InternetPath = 'yes' | 'unsure' | 'no';

/** Decides by the routes, and in a public subnet by the public address. */
export function internetPath(context: DoctorContext): Finding<InternetPath> {
  const { routeTable } = context.evidence;
  if (routeTable.kind !== 'known') return routeTable;
  if (routeTable.value === undefined) {
    return { kind: 'unknown', reason: 'EC2 does not know the route table of the subnet.' };
  }
  const judged = egressFrom(routeTable.value, context);
  if (judged.kind === 'none') return known('no');
  if (judged.kind === 'private') return known('unsure');
  if (!needsPublicIp(judged.egress)) {
    return known(isUncertain(judged.egress, context) ? 'unsure' : 'yes');
  }
  const address = publicIp(context);
  if (address.kind === 'unknown') return known('unsure');
  return known(knownValue(address) === undefined ? 'no' : 'yes');
}

/** The default route of the subnet for the task's address families. */
export function egressFrom(
  table: RouteTableDetails,
  { task, evidence }: DoctorContext,
): EgressJudgement {
  const hasDns64 = knownValue(evidence.subnet)?.EnableDns64;
  return egressOf(table, { families: addressFamilies(task, evidence), hasDns64 });
}

function isUncertain(egress: Egress, context: DoctorContext): boolean {
  return egress.isUncertain || doubtOf(egress, context) !== undefined;
}

/** Why a gateway may not lead to ssmmessages, to follow "through X"; undefined if it certainly does. */
export function doubtOf(
  { isPartial, isIpv6 }: Egress,
  { task }: DoctorContext,
): string | undefined {
  if (isPartial) return 'for some public addresses only, and routes others nowhere';
  // Only an IPv6-only task certainly uses names with IPv6 addresses.
  return isIpv6 && !isIpv6Only(task)
    ? 'for IPv6 alone, and the agent of a task with an IPv4 address asks for IPv4 addresses'
    : undefined;
}

export function needsPublicIp({ kind, isIpv6 }: Egress): boolean {
  return kind === 'internet gateway' && !isIpv6;
}

/** The public address of the task's network interface, or of the instance whose network it shares. */
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

/** A service that the agent calls. */
export interface Need {
  readonly service: EndpointService;
  /** Without it, no session starts. Otherwise, only the session log is lost. */
  readonly isRequired: boolean;
  readonly actions: readonly string[];
  /** The resource of a call, as policies name it; undefined if it has none. */
  readonly resourceOf: (action: string) => string | undefined;
}

const LOGS = [
  'logs:DescribeLogGroups',
  'logs:CreateLogStream',
  'logs:DescribeLogStreams',
  'logs:PutLogEvents',
];

export const MESSAGES: Need = {
  service: 'ssmmessages',
  isRequired: true,
  actions: CHANNEL_ACTIONS,
  resourceOf: () => undefined,
};

/** An encrypted bucket does not need a KMS endpoint, because S3 itself calls KMS. */
export function needsOf(context: DoctorContext): readonly Need[] {
  const { evidence, container } = context;
  const { logGroup, bucket } = knownValue(containerLogging(evidence, container)) ?? {};
  const configuration = knownValue(evidence.cluster)?.configuration?.executeCommandConfiguration;
  const key = knownValue(sessionKeyArn(evidence));
  const home = clusterHome(context, evidence);
  const needs: readonly (Need | undefined)[] = [
    MESSAGES,
    (configuration?.kmsKeyId ?? '') === ''
      ? undefined
      : {
          service: 'kms',
          isRequired: true,
          actions: ['kms:Decrypt'],
          resourceOf: () => key,
        },
    logGroup && {
      service: 'logs',
      isRequired: logGroup.mustBeEncrypted,
      actions: LOGS,
      // DescribeLogGroups applies to all log groups.
      resourceOf: (action) =>
        home === undefined || action === 'logs:DescribeLogGroups'
          ? undefined
          : `arn:${home.partition}:logs:${home.region}:${home.account}:log-group:${logGroup.name}:log-stream:x`,
    },
    bucket && {
      service: 's3',
      isRequired: bucket.mustBeEncrypted,
      actions: ['s3:PutObject', 's3:GetEncryptionConfiguration'],
      resourceOf: (action) => {
        const arn = `arn:${home?.partition ?? 'aws'}:s3:::${bucket.name}`;
        return action === 's3:PutObject' ? `${arn}/${bucket.prefix}x` : arn;
      },
    },
  ];
  return needs.filter((need) => need !== undefined);
}

export interface UsedEndpoint extends Need {
  readonly endpoint: VpcEndpointDetails;
  readonly faults: readonly EndpointFault[];
  /** The service's name resolves to it, so calls go through it even if its policy denies them. */
  readonly isInUse: boolean;
  /** Condition keys in its policy that only a real request has. */
  readonly openKeys: readonly string[];
}

function useOf(
  { service, actions, resourceOf }: Need,
  context: DoctorContext,
): Parameters<typeof endpointFaults>[1] {
  const { evidence, task } = context;
  const roleArn = knownValue(agentRoleArn(context, evidence));
  const vpcId = knownValue(evidence.vpc)?.vpcId;
  const [family = 'IPv4'] = addressFamilies(task, evidence);
  return { service, actions, resourceOf, roleArn, family, vpcId };
}

/** The endpoint for a need. If there are several, prefers one in use with the smallest fault. */
export function endpointOf(
  need: Need,
  endpoints: readonly VpcEndpointDetails[],
  context: DoctorContext,
): UsedEndpoint | undefined {
  const { evidence } = context;
  const region = clusterHome(context, evidence)?.region ?? '';
  const table = knownValue(evidence.routeTable)?.RouteTableId;
  const use = useOf(need, context);
  const [best] = endpointsFor(need.service, region, endpoints)
    // A gateway serves only subnets whose route table lists it.
    .filter(
      (endpoint) =>
        isInterface(endpoint) ||
        table === undefined ||
        (endpoint.RouteTableIds ?? []).includes(table),
    )
    .map((endpoint) => {
      const faults = endpointFaults(endpoint, use);
      const { keys } = judgeEndpointPolicy(endpoint, use);
      return { endpoint, faults, isInUse: isInUse(endpoint, faults, context), openKeys: keys };
    })
    .toSorted((a, b) => rank(a) - rank(b));
  return best === undefined ? undefined : { ...need, ...best };
}

function isInUse(
  endpoint: VpcEndpointDetails,
  faults: readonly EndpointFault[],
  { evidence }: DoctorContext,
): boolean {
  if (faults.some(({ kind }) => kind !== 'policy')) return false;
  if (!isInterface(endpoint)) return true;
  const { dnsSupport, dnsHostnames } = evidence;
  return knownValue(dnsSupport) !== false && knownValue(dnsHostnames) !== false;
}

function rank({ isInUse: is, faults }: Pick<UsedEndpoint, 'isInUse' | 'faults'>): number {
  return (is ? 0 : 100) + faults.length;
}

/** How the agent's calls reach an AWS service. */
export type ServicePath =
  | { readonly kind: 'endpoint'; readonly used: UsedEndpoint }
  | {
      readonly kind: 'internet';
      readonly internetPath: Finding<InternetPath>;
      /** An endpoint that exists but that the task cannot use. */
      readonly idle: UsedEndpoint | undefined;
    };

/** Unknown if the VPC's endpoints are unknown. */
export function servicePath(need: Need, context: DoctorContext): Finding<ServicePath> {
  const { endpoints } = context.evidence;
  if (endpoints.kind !== 'known') return endpoints;
  const used = endpointOf(need, endpoints.value, context);
  if (used?.isInUse === true) return known({ kind: 'endpoint', used });
  return known({ kind: 'internet', internetPath: internetPath(context), idle: used });
}

/** For example `NAT gateway nat-1`; undefined if no route out is known. */
export function egressName(context: DoctorContext): string | undefined {
  const table = knownValue(context.evidence.routeTable);
  const judged = table === undefined ? undefined : egressFrom(table, context);
  if (judged === undefined || judged.kind === 'none') return undefined;
  return `${judged.egress.kind} ${judged.egress.target}`;
}
