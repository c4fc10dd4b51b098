import { EcshError } from '#domain/errors/errors.ts';
import type { NetworkInterfaceDetails } from '#domain/ports/ec2-responses.ts';
import {
  type AwsvpcConfiguration,
  LAUNCH_TYPES,
  type RunOverrides,
  type RunTaskFailure,
  type RunTaskRequest,
} from '#domain/ports/ecs-admin-ports.ts';
import { isFargate } from '#domain/readiness/task-checks.ts';
import { familyOf, nameInArn } from '#domain/resolve/arn.ts';
import { serviceOf } from '#domain/resolve/selection.ts';
import type { Task } from '#domain/resolve/task.ts';

/** Facts that DescribeTasks does not report. */
export interface CloneSources {
  /** Including its tags. */
  readonly task: Task;
  readonly overrides: RunOverrides;
  /** Undefined: it has none, it was deleted, or the caller lacks permission to read it. */
  readonly networkInterface: NetworkInterfaceDetails | undefined;
  /** Network settings from the user, which take precedence. */
  readonly subnets: readonly string[];
  readonly securityGroups: readonly string[];
  readonly assignsPublicIp: boolean | undefined;
  readonly clientToken: string;
}

/** `startedBy` in DescribeTasks. */
export const STARTED_BY = 'ecsh';

/**
 * RunTask for a task like this one, with ECS Exec on.
 *
 * @throws EcshError `network-unknown` if the security groups are unknown
 */
export function cloneRequest(sources: CloneSources): RunTaskRequest {
  const { task, clientToken } = sources;
  const network = networkOf(sources);
  const group =
    task.group === `family:${familyOf(task.taskDefinitionArn)}` ? undefined : task.group;
  // Names that begin with aws: are reserved for AWS.
  const tags = task.tags.filter(({ key }) => !/^aws:/i.test(key));
  return {
    cluster: nameInArn(task.clusterArn),
    taskDefinition: task.taskDefinitionArn,
    ...capacityOf(task),
    ...(isFargate(task) ? { platformVersion: 'LATEST' } : {}),
    ...(network === undefined ? {} : { networkConfiguration: { awsvpcConfiguration: network } }),
    ...overridesOf(sources.overrides),
    ...(group === undefined ? {} : { group }),
    ...(tags.length === 0 ? {} : { tags }),
    enableExecuteCommand: true,
    startedBy: STARTED_BY,
    clientToken,
  };
}

/** For people to read; hides values of variables, which may be secrets. */
export function withoutValues(request: RunTaskRequest): RunTaskRequest {
  const { overrides } = request;
  if (overrides?.containerOverrides === undefined) return request;
  const containerOverrides = overrides.containerOverrides.map((container) =>
    container.environment === undefined
      ? container
      : {
          ...container,
          environment: container.environment.map(({ name }) => ({ name, value: '***' })),
        },
  );
  return { ...request, overrides: { ...overrides, containerOverrides } };
}

/**
 * @throws EcshError `task-of-service`, because its service would not manage the clone
 */
export function assertStandalone(task: Task): void {
  const service = serviceOf(task);
  if (service === undefined) return;
  const id = nameInArn(task.taskArn);
  throw new EcshError('task-of-service', `Task ${id} belongs to service ${service}.`, {
    hint: `Turn ECS Exec on for the service:  ecsh enable ${nameInArn(task.clusterArn)}/${service}`,
    exitCode: 2,
  });
}

/** The `ElasticNetworkInterface` of the task, and its subnet; undefined without one (bridge, host). */
export function attachedInterface({ attachments }: Task) {
  const details = attachments.find(({ type }) => type === 'ElasticNetworkInterface')?.details;
  if (details === undefined) return undefined;
  return { id: details.networkInterfaceId, subnet: details.subnetId };
}

/** `failures[]` of a successful answer. */
export function runTaskFailed(failures: readonly RunTaskFailure[]): EcshError {
  const [{ reason = 'no reason given', detail } = {}] = failures;
  const known = FAILURES.find(({ fragment }) => fragment.test(reason));
  const words = detail === undefined ? reason : `${reason}: ${detail}`;
  return new EcshError('task-not-placed', `ECS did not start the task (${words}).`, {
    hint: known?.hint ?? 'See "API failure reasons" in the ECS guide.',
    exitCode: 1,
  });
}

const FAILURES: readonly { readonly fragment: RegExp; readonly hint: string }[] = [
  {
    fragment: /^RESOURCE:/,
    hint: 'No instance has enough of it free: add capacity, or stop something.',
  },
  { fragment: /^AGENT$/, hint: 'The ECS agent of the instance is not connected.' },
  {
    fragment: /^ATTRIBUTE/,
    hint: 'No instance has an attribute that the task definition requires.',
  },
  { fragment: /^LOCATION/, hint: 'No instance is in a fitting Availability Zone.' },
  {
    fragment: /capacity/i,
    hint: 'AWS is out of capacity there: try again later, or another subnet.',
  },
  { fragment: /^MISSING$/, hint: 'The cluster or its instances are gone.' },
];

/** A launch type or a strategy, never both. */
function capacityOf({ capacityProviderName, launchType }: Task): Partial<RunTaskRequest> {
  if (capacityProviderName !== undefined) {
    return { capacityProviderStrategy: [{ capacityProvider: capacityProviderName }] };
  }
  const known = LAUNCH_TYPES.find((type) => type === launchType);
  return known === undefined ? {} : { launchType: known };
}

function networkOf(sources: CloneSources): AwsvpcConfiguration | undefined {
  const { task, networkInterface, subnets, securityGroups, assignsPublicIp } = sources;
  const attached = attachedInterface(task);
  if (attached === undefined && subnets.length === 0) return undefined;
  const found = networkInterface?.Groups?.flatMap(({ GroupId }) => GroupId ?? []) ?? [];
  const groups = securityGroups.length > 0 ? securityGroups : found;
  const own = subnets.length > 0 ? subnets : [attached?.subnet ?? networkInterface?.SubnetId ?? ''];
  if (groups.length === 0 || own.includes('')) throw networkUnknown(task);
  const hasPublicIp = networkInterface?.Association?.PublicIp !== undefined;
  return {
    subnets: [...own],
    securityGroups: [...groups],
    assignPublicIp: (assignsPublicIp ?? hasPublicIp) ? 'ENABLED' : 'DISABLED',
  };
}

function networkUnknown(task: Task): EcshError {
  const id = nameInArn(task.taskArn);
  return new EcshError(
    'network-unknown',
    `Subnet and security groups of task ${id} cannot be read from its network interface.`,
    {
      hint: 'Name them with --subnet and --security-group, or allow ec2:DescribeNetworkInterfaces.',
      exitCode: 2,
    },
  );
}

/** Only non-empty lists: ECS returns empty ones, and refuses some of them. */
function overridesOf(overrides: RunOverrides): Partial<RunTaskRequest> {
  const containerOverrides = (overrides.containerOverrides ?? [])
    .map(withoutEmpty)
    .filter((container) => Object.keys(container).length > 1);
  const { containerOverrides: _, ...others } = withoutEmpty(overrides);
  const kept = { ...others, ...(containerOverrides.length === 0 ? {} : { containerOverrides }) };
  return Object.keys(kept).length === 0 ? {} : { overrides: kept };
}

function withoutEmpty<T extends object>(record: T): Partial<T> {
  const kept: Partial<T> = { ...record };
  for (const [name, value] of Object.entries(record)) {
    const isEmpty = value === undefined || (Array.isArray(value) && value.length === 0);
    if (isEmpty) Reflect.deleteProperty(kept, name);
  }
  return kept;
}
