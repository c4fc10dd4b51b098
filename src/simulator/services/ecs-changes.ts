import { ApiError, invalidParameter } from '#simulator/api/api-error.ts';
import type { ApiInput } from '#simulator/api/api-input.ts';
import type { FleetCluster, FleetService, FleetTask } from '#simulator/fleet/fleet.ts';
import { DEFAULT_ROLLOUT } from '#simulator/fleet/fleet-rollout.ts';
import type { Inventory } from '#simulator/fleet/inventory.ts';
import type { Rollouts } from '#simulator/fleet/rollout.ts';
import { type TaskLife, taskLike } from '#simulator/fleet/task-life.ts';
import type { DefinitionBook } from './definition-book.ts';
import { showCluster, showService, showTask } from './ecs-responses.ts';

/** READINESS 2, word for word. */
const NO_TASK_ROLE =
  "The service couldn't be updated because a valid taskRoleArn is not being used. Specify a valid " +
  'task role in your task definition and try again.';
const CODE_DEPLOY =
  'Cannot force a new deployment on services with a CODE_DEPLOY deployment controller. Use AWS ' +
  'CodeDeploy to trigger a new deployment.';
const NEEDS_OVERRIDE = "You must set logging to 'OVERRIDE' when you supply a log configuration";

/** As users have reported it. */
const CODE_DEPLOY_DEFINITION =
  'Unable to update task definition on services with a CODE_DEPLOY deployment controller. Use AWS ' +
  'CodeDeploy to trigger a new deployment.';

const CHANGEABLE = [
  'cluster',
  'service',
  'desiredCount',
  'enableExecuteCommand',
  'forceNewDeployment',
  'platformVersion',
  'taskDefinition',
];
/** What `LATEST` stands for. */
const LATEST_PLATFORM = '1.4.0';

interface ChangeServices {
  readonly rollouts: Rollouts;
  readonly life: TaskLife;
  readonly definitions: DefinitionBook;
}

/** The ECS operations that change something, as far as ecsh uses them (READINESS 4, 5). */
export class EcsChanges {
  readonly #inventory: Inventory;
  readonly #rollouts: Rollouts;
  readonly #life: TaskLife;
  readonly #definitions: DefinitionBook;
  /** Of RunTask, by client token. */
  readonly #launched = new Map<string, FleetTask>();

  constructor(inventory: Inventory, { rollouts, life, definitions }: ChangeServices) {
    this.#inventory = inventory;
    this.#rollouts = rollouts;
    this.#life = life;
    this.#definitions = definitions;
  }

  readonly operations: Readonly<Record<string, (input: ApiInput) => object>> = {
    UpdateService: (input) => this.#updateService(input),
    RegisterTaskDefinition: (input) => {
      const tags = input.objects('tags');
      const taskDefinition = this.#definitions.register(input, this.#life.now());
      return { taskDefinition, ...(tags.length === 0 ? {} : { tags }) };
    },
    RunTask: (input) => this.#runTask(input),
    UpdateCluster: (input) => this.#updateCluster(input),
  };

  #updateService(input: ApiInput): object {
    const cluster = this.#cluster(input);
    const service = this.#inventory.requireService(cluster, input.text('service'));
    const other = input.names.find((name) => !CHANGEABLE.includes(name));
    if (other !== undefined) throw invalidParameter(`The simulator does not change ${other}.`);
    if (service.status !== 'ACTIVE') {
      throw new ApiError('ServiceNotActiveException', 'Service was not ACTIVE.');
    }
    const isForced = input.flag('forceNewDeployment');
    if (isForced && service.controller !== 'ECS') {
      // UNVERIFIED: the text for EXTERNAL; the one for CODE_DEPLOY is READINESS 2.
      throw invalidParameter(CODE_DEPLOY.replaceAll('CODE_DEPLOY', service.controller));
    }
    const template = this.#templateFor(service, input);
    // Absent leaves it as it is (READINESS 4.1).
    const isEnabled = input.has('enableExecuteCommand')
      ? input.flag('enableExecuteCommand')
      : service.enableExecuteCommand;
    const { taskRoleArn } = (template ?? service).placement.taskDefinition;
    if (isEnabled && taskRoleArn === null) throw invalidParameter(NO_TASK_ROLE);
    const isOther = template !== service.template || input.has('platformVersion');
    service.enableExecuteCommand = isEnabled;
    service.template = template;
    service.platformVersion = platformOf(input) ?? service.platformVersion;
    service.desiredCount = input.number('desiredCount') ?? service.desiredCount;
    if (isForced || isOther) this.#rollouts.start(service);
    else if (input.has('desiredCount')) this.#rollouts.scale(service);
    return { service: showService(this.#inventory, cluster, service, []) };
  }

  #templateFor(service: FleetService, input: ApiInput): FleetTask | undefined {
    if (!input.has('taskDefinition')) return service.template;
    if (service.controller === 'CODE_DEPLOY') throw invalidParameter(CODE_DEPLOY_DEFINITION);
    const wanted = this.#templateOf(input.text('taskDefinition') ?? '');
    const { family, revision } = service.template ?? service;
    const isSame = family === wanted.family && revision === wanted.revision;
    return isSame ? service.template : wanted;
  }

  #runTask(input: ApiInput): object {
    const cluster = this.#cluster(input);
    const token = input.text('clientToken');
    const before = token === undefined ? undefined : this.#launched.get(token);
    if (before !== undefined) return this.#launchedAnswer(cluster, before);
    const template = this.#templateOf(input.text('taskDefinition') ?? '');
    if (input.text('launchType') !== undefined && input.has('capacityProviderStrategy')) {
      throw invalidParameter(
        'Specifying both a launch type and capacity provider strategy is not supported. Remove one and try again.',
      );
    }
    if (
      input.flag('enableExecuteCommand') &&
      template.placement.taskDefinition.taskRoleArn === null
    ) {
      throw invalidParameter(NO_TASK_ROLE);
    }
    if (!input.has('networkConfiguration')) {
      throw invalidParameter(
        "Network Configuration must be provided when networkMode 'awsvpc' is specified.",
      );
    }
    const task = taskLike(template, {
      startedBy: input.text('startedBy'),
      group: input.text('group') ?? `family:${template.family}`,
      launchType: input.text('launchType') ?? template.launchType,
      platformVersion: platformOf(input) ?? template.platformVersion,
      isExecEnabled: input.flag('enableExecuteCommand'),
      now: this.#life.now(),
    });
    cluster.tasks.push(task);
    if (token !== undefined) this.#launched.set(token, task);
    this.#life.start(task, DEFAULT_ROLLOUT, () => undefined);
    return this.#launchedAnswer(cluster, task);
  }

  #launchedAnswer(cluster: FleetCluster, task: FleetTask): object {
    return { tasks: [showTask(this.#inventory, cluster, task, [])], failures: [] };
  }

  /** Replaces `configuration` as it was sent (READINESS 5). */
  #updateCluster(input: ApiInput): object {
    const cluster = this.#cluster(input);
    if (input.has('configuration')) {
      const configuration = input.object('configuration');
      const exec = configuration?.object('executeCommandConfiguration');
      const logging = exec?.text('logging');
      const logConfiguration = exec?.object('logConfiguration')?.all();
      if (logConfiguration !== undefined && logging !== 'OVERRIDE') {
        throw invalidParameter(NEEDS_OVERRIDE);
      }
      cluster.kmsKeyId = exec?.text('kmsKeyId');
      cluster.logging = logging;
      cluster.logConfiguration = logConfiguration;
      cluster.managedStorageConfiguration = configuration
        ?.object('managedStorageConfiguration')
        ?.all();
    }
    return { cluster: showCluster(this.#inventory, cluster, ['CONFIGURATIONS']) };
  }

  #templateOf(reference: string): FleetTask {
    const found = this.#definitions.find(reference);
    if (found === undefined) throw new ApiError('ClientException', 'TaskDefinition not found.');
    return found.template;
  }

  #cluster(input: ApiInput): FleetCluster {
    return this.#inventory.requireCluster(input.text('cluster'));
  }
}

function platformOf(input: ApiInput): string | undefined {
  const version = input.text('platformVersion');
  return version === 'LATEST' ? LATEST_PLATFORM : version;
}
