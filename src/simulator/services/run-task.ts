import { ApiError, invalidParameter } from '#simulator/api/api-error.ts';
import { ApiInput } from '#simulator/api/api-input.ts';
import { requireAllowed, requireAllowedOn } from '#simulator/api/denial.ts';
import type { FleetCluster, FleetTask, RolloutSettings } from '#simulator/fleet/fleet.ts';
import type { FleetNetwork } from '#simulator/fleet/fleet-network.ts';
import type { FleetPlacement } from '#simulator/fleet/fleet-placement.ts';
import { DEFAULT_ROLLOUT } from '#simulator/fleet/fleet-rollout.ts';
import type { Inventory } from '#simulator/fleet/inventory.ts';
import { taskLike } from '#simulator/tasks/new-task.ts';
import type { TaskLife } from '#simulator/tasks/task-life.ts';
import type { DefinitionBook } from './definition-book.ts';
import { showTask } from './ecs-responses.ts';
import { subnetId } from './network-ids.ts';
import { managedTags, tagsOf } from './tags.ts';
import { showTaskDefinition } from './task-definition.ts';

/** AWS's text, verbatim. */
export const NO_TASK_ROLE =
  "The service couldn't be updated because a valid taskRoleArn is not being used. Specify a valid " +
  'task role in your task definition and try again.';
const TWO_STRATEGIES =
  'Specifying both a launch type and capacity provider strategy is not supported. Remove one and try again.';
const NO_NETWORK = "Network Configuration must be provided when networkMode 'awsvpc' is specified.";
const NEEDLESS_NETWORK =
  'Network Configuration is not valid for the given networkMode of this task definition.';
/** Characters (ECS API, TaskOverride). */
const MAX_OVERRIDES = 8192;
const MAX_TASKS = 10;
/** ECS API, RunTask: `startedBy`. */
const STARTED_BY = /^[\w\-/.:]{1,128}$/;
/** The platform version that `LATEST` resolves to. */
const LATEST_PLATFORM = '1.4.0';
const FARGATE_PROVIDERS = ['FARGATE', 'FARGATE_SPOT'];
/** ECS developer guide, "API failure reasons". */
const NO_ROOM_ON_INSTANCES = 'RESOURCE:MEMORY';

interface RunTaskServices {
  readonly life: TaskLife;
  readonly definitions: DefinitionBook;
}

/** RunTask, including its checks before a task is placed. */
export class RunTask {
  readonly #inventory: Inventory;
  readonly #life: TaskLife;
  readonly #definitions: DefinitionBook;
  /** The tasks of earlier calls, by client token. */
  readonly #launched = new Map<string, readonly FleetTask[]>();

  constructor(inventory: Inventory, { life, definitions }: RunTaskServices) {
    this.#inventory = inventory;
    this.#life = life;
    this.#definitions = definitions;
  }

  run(input: ApiInput): object {
    const cluster = this.#inventory.requireCluster(input.text('cluster'));
    const token = input.text('clientToken');
    const before = token === undefined ? undefined : this.#launched.get(token);
    if (before !== undefined) return this.#answer(cluster, before);
    const template = this.#templateOf(input);
    const count = input.number('count') ?? 1;
    if (count < 1 || count > MAX_TASKS) throw invalidParameter('Count must be between 1 and 10.');
    const placement = this.#placementOf(input, template, cluster);
    const settings = this.#settingsOf(cluster, template);
    const launchType = launchTypeOf(input, template);
    if (settings.outcome === 'unplaceable') return this.#refuse(cluster, launchType, settings);
    const tasks = Array.from({ length: count }, () =>
      taskLike(template, {
        startedBy: startedByOf(input),
        group: input.text('group') ?? `family:${template.family}`,
        launchType,
        platformVersion: platformOf(input) ?? template.platformVersion,
        isExecEnabled: input.flag('enableExecuteCommand'),
        now: this.#life.now(),
        tags: this.#tagsOf(input, cluster, template),
        placement,
      }),
    );
    cluster.tasks.push(...tasks);
    if (token !== undefined) this.#launched.set(token, tasks);
    for (const task of tasks) this.#life.start(task, settings, () => undefined);
    return this.#answer(cluster, tasks);
  }

  #answer(cluster: FleetCluster, tasks: readonly FleetTask[]): object {
    const shown = tasks.map((task) => showTask(this.#inventory, cluster, task, ['TAGS']));
    return { tasks: shown, failures: [] };
  }

  /** Returns a list of failures instead of an error, like ECS without capacity. */
  #refuse(cluster: FleetCluster, launchType: string, { stoppedReason }: RolloutSettings): object {
    const isCapacity = launchType === 'EC2' && stoppedReason.startsWith('Capacity is unavailable');
    const reason = isCapacity ? NO_ROOM_ON_INSTANCES : stoppedReason;
    const [task] = this.#inventory.tasks(cluster);
    const arn =
      launchType === 'EC2' && task !== undefined
        ? { arn: this.#inventory.containerInstanceArn(cluster, task) }
        : {};
    return { tasks: [], failures: [{ ...arn, reason }] };
  }

  #templateOf(input: ApiInput): FleetTask {
    const found = this.#definitions.find(input.text('taskDefinition') ?? '');
    if (found === undefined) throw new ApiError('ClientException', 'TaskDefinition not found.');
    if (found.status !== 'ACTIVE') {
      throw new ApiError('ClientException', 'TaskDefinition is inactive');
    }
    return found.template;
  }

  /** The outcome of tasks of this family: from its service, otherwise from the cluster. */
  #settingsOf(cluster: FleetCluster, { family }: FleetTask): RolloutSettings {
    const service = cluster.services.find((candidate) => candidate.family === family);
    return service?.runTask ?? cluster.runTask ?? DEFAULT_ROLLOUT;
  }

  #placementOf(input: ApiInput, template: FleetTask, cluster: FleetCluster): FleetPlacement {
    const overrides = overridesOf(input, template);
    const { placement } = template;
    const definition = showTaskDefinition(this.#inventory, cluster, template);
    const roleOf = (name: string) => new ApiInput({ ...definition, ...overrides }).text(name);
    const taskRoleArn = roleOf('taskRoleArn');
    if (input.flag('enableExecuteCommand') && taskRoleArn === undefined) {
      throw invalidParameter(NO_TASK_ROLE);
    }
    for (const role of [taskRoleArn, roleOf('executionRoleArn')]) {
      if (role !== undefined) this.#requirePassRole(role);
    }
    const [provider] = input.objects('capacityProviderStrategy');
    if (input.text('launchType') !== undefined && provider !== undefined) {
      throw invalidParameter(TWO_STRATEGIES);
    }
    return {
      ...placement,
      overrides,
      capacityProvider: provider === undefined ? undefined : String(provider.capacityProvider),
      network: this.#networkOf(input, placement),
    };
  }

  #requirePassRole(resource: string): void {
    const { fleet } = this.#inventory;
    const action = 'iam:PassRole';
    if (fleet.deny.length > 0) requireAllowed(fleet.deny, action, fleet.caller.arn);
    requireAllowedOn(fleet, { action, resource, context: new Map() });
  }

  #networkOf(input: ApiInput, { taskDefinition, network }: FleetPlacement): FleetNetwork {
    const isAwsvpc = (taskDefinition.networkMode ?? 'awsvpc') === 'awsvpc';
    const configuration = input.object('networkConfiguration')?.object('awsvpcConfiguration');
    if (!isAwsvpc) {
      if (configuration !== undefined) throw invalidParameter(NEEDLESS_NETWORK);
      return network;
    }
    const [subnet] = configuration?.texts('subnets') ?? [];
    if (subnet === undefined) throw invalidParameter(NO_NETWORK);
    const known = this.#inventory.networks.find((candidate) => subnetId(candidate) === subnet);
    const assigned = configuration?.text('assignPublicIp');
    if (known !== undefined) {
      return assigned === undefined ? known : { ...known, hasPublicIp: assigned === 'ENABLED' };
    }
    throw invalidParameter(`The subnet ID '${subnet}' does not exist`);
  }

  #tagsOf(
    input: ApiInput,
    cluster: FleetCluster,
    template: FleetTask,
  ): Readonly<Record<string, string>> {
    const propagate = input.text('propagateTags') ?? 'NONE';
    if (!['NONE', 'TASK_DEFINITION', 'SERVICE'].includes(propagate)) {
      throw invalidParameter('Invalid propagateTags value.');
    }
    return {
      ...(input.flag('enableECSManagedTags') ? managedTags(cluster) : {}),
      ...(propagate === 'TASK_DEFINITION' ? this.#definitions.tagsOf(template) : {}),
      ...tagsOf(input),
    };
  }
}

/** The request's `overrides`; they can only name containers of the task definition. */
function overridesOf(input: ApiInput, template: FleetTask): Readonly<Record<string, unknown>> {
  const overrides = input.object('overrides');
  if (overrides === undefined) return {};
  const all = overrides.all();
  if (JSON.stringify(all).length > MAX_OVERRIDES) {
    throw invalidParameter(`Container Overrides length must be at most ${MAX_OVERRIDES}`);
  }
  for (const { name } of overrides.objects('containerOverrides')) {
    if (template.containers.some((container) => container.name === name)) continue;
    throw invalidParameter(
      `Override for container named ${name} is not a container in the TaskDefinition.`,
    );
  }
  return all;
}

function launchTypeOf(input: ApiInput, template: FleetTask): string {
  const [strategy] = input.objects('capacityProviderStrategy');
  if (strategy === undefined) return input.text('launchType') ?? template.launchType;
  const isFargate = FARGATE_PROVIDERS.includes(String(strategy.capacityProvider));
  return isFargate ? 'FARGATE' : 'EC2';
}

function startedByOf(input: ApiInput): string | undefined {
  const startedBy = input.text('startedBy');
  if (startedBy === undefined || STARTED_BY.test(startedBy)) return startedBy;
  throw invalidParameter('Invalid startedBy value.');
}

/** The platform version of a request, with `LATEST` resolved. */
export function platformOf(input: ApiInput): string | undefined {
  const version = input.text('platformVersion');
  return version === 'LATEST' ? LATEST_PLATFORM : version;
}
