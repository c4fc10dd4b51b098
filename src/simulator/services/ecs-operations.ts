import { ApiError, invalidParameter } from '#simulator/api/api-error.ts';
import { type ApiInput, pageOf } from '#simulator/api/api-input.ts';
import { describeEach, limitCount } from '#simulator/api/describe.ts';
import type { FleetCluster, FleetContainer, FleetTask } from '#simulator/fleet/fleet.ts';
import type { Inventory, TargetPlace } from '#simulator/fleet/inventory.ts';
import type { SessionBook } from '#simulator/gateway/session-book.ts';
import { commandRequest } from '#simulator/gateway/session-request.ts';
import type { DefinitionBook } from './definition-book.ts';
import { showCluster, showService, showTask } from './ecs-responses.ts';
import type { ExecAgents } from './exec-agent.ts';
import { showTags } from './tags.ts';

const MAX_DESCRIBED = { clusters: 100, services: 10, tasks: 100 } as const;
const LISTS = { usual: 100, most: 100 } as const;
/** ListServices is the only list with a default page size of ten. */
const SERVICE_LIST = { usual: 10, most: 100 } as const;

const NOT_READY =
  'The execute command failed because execute command was not enabled when the task was run or the ' +
  "execute command agent isn't running. Wait and try again or run a new task with execute command " +
  'enabled and try again.';
const NOT_CONNECTED = 'The execute command failed due to an internal error. Try again later.';

interface EcsServices {
  readonly sessions: SessionBook;
  readonly definitions: DefinitionBook;
  readonly agents: ExecAgents;
}

/** The ECS operations that ecsh and the AWS CLI use for exec. */
export class EcsOperations {
  readonly #inventory: Inventory;
  readonly #sessions: SessionBook;
  readonly #definitions: DefinitionBook;

  readonly #agents: ExecAgents;

  constructor(inventory: Inventory, { sessions, definitions, agents }: EcsServices) {
    this.#inventory = inventory;
    this.#sessions = sessions;
    this.#definitions = definitions;
    this.#agents = agents;
  }

  readonly operations: Readonly<Record<string, (input: ApiInput) => object>> = {
    ListClusters: (input) => this.#listClusters(input),
    DescribeClusters: (input) => this.#describeClusters(input),
    ListServices: (input) => this.#listServices(input),
    DescribeServices: (input) => this.#describeServices(input),
    ListTasks: (input) => this.#listTasks(input),
    DescribeTasks: (input) => this.#describeTasks(input),
    DescribeTaskDefinition: (input) => this.#describeTaskDefinition(input),
    ListTaskDefinitionFamilies: (input) => this.#listFamilies(input),
    ExecuteCommand: (input) => this.#executeCommand(input),
  };

  #listClusters(input: ApiInput): object {
    const { clusters } = this.#inventory.fleet;
    const arns = clusters.map((cluster) => this.#inventory.clusterArn(cluster));
    return pageOf(arns, input, 'clusterArns', LISTS);
  }

  #describeClusters(input: ApiInput): object {
    const names = input.texts('clusters');
    limitCount(names, 'Clusters', MAX_DESCRIBED.clusters);
    const include = included(input, [
      'ATTACHMENTS',
      'CONFIGURATIONS',
      'SETTINGS',
      'STATISTICS',
      'TAGS',
    ]);
    return describeEach(names.length === 0 ? ['default'] : names, 'clusters', {
      find: (name) => this.#inventory.findCluster(name),
      show: (cluster) => showCluster(this.#inventory, cluster, include),
      arn: (name) => this.#missingArn('cluster', name),
    });
  }

  #listServices(input: ApiInput): object {
    const cluster = this.#activeCluster(input);
    const arns = cluster.services.map((service) => this.#inventory.serviceArn(cluster, service));
    return pageOf(arns, input, 'serviceArns', SERVICE_LIST);
  }

  #describeServices(input: ApiInput): object {
    const cluster = this.#cluster(input);
    const names = input.texts('services');
    if (names.length === 0) throw invalidParameter('Services cannot be empty.');
    limitCount(names, 'Services', MAX_DESCRIBED.services);
    const include = included(input, ['TAGS']);
    return describeEach(names, 'services', {
      find: (name) => this.#inventory.findService(cluster, name),
      show: (service) => showService(this.#inventory, cluster, service, include),
      arn: (name) => this.#missingArn(`service/${cluster.name}`, name),
    });
  }

  #listTasks(input: ApiInput): object {
    const cluster = this.#activeCluster(input);
    const serviceName = input.text('serviceName');
    const family = input.text('family');
    const startedBy = input.text('startedBy');
    const launchType = input.text('launchType');
    const desiredStatus = input.text('desiredStatus') ?? 'RUNNING';
    if (!['RUNNING', 'PENDING', 'STOPPED'].includes(desiredStatus)) {
      throw invalidParameter('desiredStatus must be one of RUNNING, PENDING, STOPPED.');
    }
    const service =
      serviceName === undefined ? undefined : this.#inventory.requireService(cluster, serviceName);
    const arns = this.#inventory
      .tasks(cluster)
      .filter((task) => service === undefined || service.tasks.includes(task))
      .filter((task) => family === undefined || task.family === family)
      .filter((task) => startedBy === undefined || task.startedBy === startedBy)
      .filter((task) => launchType === undefined || task.launchType === launchType)
      .filter((task) => task.desiredStatus === desiredStatus)
      .map((task) => this.#inventory.taskArn(cluster, task));
    return pageOf(arns, input, 'taskArns', LISTS);
  }

  #describeTasks(input: ApiInput): object {
    const cluster = this.#cluster(input);
    const references = input.texts('tasks');
    if (references.length === 0) throw invalidParameter('Tasks cannot be empty.');
    limitCount(references, 'Tasks', MAX_DESCRIBED.tasks);
    const include = included(input, ['TAGS']);
    return describeEach(references, 'tasks', {
      find: (reference) => this.#inventory.findTask(cluster, reference),
      show: (task) => showTask(this.#inventory, cluster, task, include),
      arn: (reference) => this.#missingArn(`task/${cluster.name}`, reference),
    });
  }

  #describeTaskDefinition(input: ApiInput): object {
    const found = this.#definitions.find(input.text('taskDefinition') ?? '');
    const tags = included(input, ['TAGS']).includes('TAGS') ? showTags(found?.tags ?? {}) : [];
    if (found !== undefined) return { taskDefinition: found.shown, tags };
    throw new ApiError('ClientException', 'Unable to describe task definition.');
  }

  #listFamilies(input: ApiInput): object {
    const prefix = input.text('familyPrefix') ?? '';
    const matching = this.#definitions.families.filter((family) => family.startsWith(prefix));
    return pageOf(matching, input, 'families', LISTS);
  }

  #executeCommand(input: ApiInput): object {
    const cluster = this.#activeCluster(input);
    const task = this.#inventory.findTask(cluster, input.text('task') ?? '');
    const command = input.text('command') ?? '';
    if (task === undefined) throw invalidParameter('The specified task was not found.');
    if (!input.flag('interactive')) {
      throw invalidParameter('Interactive is the only mode supported currently.');
    }
    if (command === '') throw invalidParameter('Command cannot be empty.');
    const container = chooseContainer(task, input.text('container'));
    const place: TargetPlace = { cluster, task, container };
    requireReady(task, container);
    if (!this.#agents.isConnected(place)) {
      throw new ApiError('TargetNotConnectedException', NOT_CONNECTED);
    }
    this.#requireSlot(place);
    const session = this.#sessions.start(place, commandRequest(command));
    return {
      clusterArn: this.#inventory.clusterArn(cluster),
      containerArn: this.#inventory.containerArn(cluster, task, container),
      containerName: container.name,
      interactive: true,
      session,
      taskArn: this.#inventory.taskArn(cluster, task),
    };
  }

  #requireSlot(place: TargetPlace): void {
    const { perContainer, isRefused } = this.#inventory.fleet.sessionLimit;
    if (!isRefused || this.#sessions.countLive(place) < perContainer) return;
    throw new ApiError(
      'ClientException',
      `Unable to start new execute sessions because the maximum session limit of ${perContainer} has been reached.`,
    );
  }

  #cluster(input: ApiInput): FleetCluster {
    return this.#inventory.requireCluster(input.text('cluster'));
  }

  /**
   * A deleted cluster can still be described, but every other call rejects it.
   * UNVERIFIED for the lists: delete a cluster and call ListTasks on it.
   */
  #activeCluster(input: ApiInput): FleetCluster {
    const cluster = this.#cluster(input);
    if (cluster.status !== 'INACTIVE') return cluster;
    throw new ApiError('ClusterNotFoundException', 'The referenced cluster was inactive.');
  }

  #missingArn(kind: string, reference: string): string {
    if (reference.startsWith('arn:')) return reference;
    const { region, account } = this.#inventory.fleet;
    return `arn:aws:ecs:${region}:${account}:${kind}/${reference}`;
  }
}

function chooseContainer(task: FleetTask, name: string | undefined): FleetContainer {
  const [only] = task.containers;
  if (name === undefined) {
    if (only !== undefined && task.containers.length === 1) return only;
    throw invalidParameter('Container name is required when the task has more than one container.');
  }
  const container = task.containers.find((candidate) => candidate.name === name);
  if (container !== undefined) return container;
  throw invalidParameter('The container name specified does not exist in the task.');
}

function requireReady(task: FleetTask, container: FleetContainer): void {
  if (task.lastStatus !== 'RUNNING') {
    throw invalidParameter('The execute command failed because the task is not running.');
  }
  if (!task.enableExecuteCommand || container.agentStatus !== 'RUNNING') {
    throw invalidParameter(NOT_READY);
  }
}

function included(input: ApiInput, known: readonly string[]): readonly string[] {
  const include = input.texts('include');
  const unknown = include.find((field) => !known.includes(field));
  if (unknown === undefined) return include;
  throw invalidParameter(`Unknown include value ${unknown}.`);
}
