import { ApiError, invalidParameter } from '#simulator/api/api-error.ts';
import type { ApiInput } from '#simulator/api/api-input.ts';
import type { FleetCluster, FleetService, FleetTask } from '#simulator/fleet/fleet.ts';
import type { Inventory } from '#simulator/fleet/inventory.ts';
import type { Rollouts } from '#simulator/tasks/rollout.ts';
import type { DefinitionBook } from './definition-book.ts';
import { showCluster, showService } from './ecs-responses.ts';
import { NO_TASK_ROLE, platformOf } from './run-task.ts';

/** AWS's text, verbatim. */
const CODE_DEPLOY =
  'Cannot force a new deployment on services with a CODE_DEPLOY deployment controller. Use AWS ' +
  'CodeDeploy to trigger a new deployment.';
const NEEDS_OVERRIDE = "You must set logging to 'OVERRIDE' when you supply a log configuration";

/** The text as users have reported it. */
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

interface ChangeServices {
  readonly rollouts: Rollouts;
  readonly definitions: DefinitionBook;
}

/** UpdateService and UpdateCluster. */
export class EcsChangeOperations {
  readonly #inventory: Inventory;
  readonly #rollouts: Rollouts;
  readonly #definitions: DefinitionBook;

  constructor(inventory: Inventory, { rollouts, definitions }: ChangeServices) {
    this.#inventory = inventory;
    this.#rollouts = rollouts;
    this.#definitions = definitions;
  }

  readonly operations: Readonly<Record<string, (input: ApiInput) => object>> = {
    UpdateService: (input) => this.#updateService(input),
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
      // UNVERIFIED: the text for EXTERNAL. The one for CODE_DEPLOY is AWS's.
      throw invalidParameter(CODE_DEPLOY.replaceAll('CODE_DEPLOY', service.controller));
    }
    const template = this.#templateFor(service, input);
    // A missing field leaves the setting unchanged.
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

  /** Replaces the whole `configuration`. */
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
    if (found.status !== 'ACTIVE') {
      throw new ApiError('ClientException', 'TaskDefinition is inactive');
    }
    return found.template;
  }

  #cluster(input: ApiInput): FleetCluster {
    return this.#inventory.requireCluster(input.text('cluster'));
  }
}
