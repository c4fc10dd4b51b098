import { ApiError, invalidParameter } from './api-error.ts';
import { type ApiInput, pageOf } from './api-input.ts';
import type { FleetCluster, FleetDeployment, FleetService, FleetTask } from './fleet.ts';
import { DEFAULT_ROLLOUT } from './fleet-rollout.ts';
import type { Inventory } from './inventory.ts';
import type { Rollouts } from './rollout.ts';
import { type TaskLife, taskLike } from './task-life.ts';

/** READINESS 2, word for word. */
const NO_TASK_ROLE =
  "The service couldn't be updated because a valid taskRoleArn is not being used. Specify a valid " +
  'task role in your task definition and try again.';
const CODE_DEPLOY =
  'Cannot force a new deployment on services with a CODE_DEPLOY deployment controller. Use AWS ' +
  'CodeDeploy to trigger a new deployment.';
const NEEDS_OVERRIDE = "You must set logging to 'OVERRIDE' when you supply a log configuration";

const CHANGEABLE = ['cluster', 'service', 'enableExecuteCommand', 'forceNewDeployment'];
const LISTS = { usual: 20, most: 100 } as const;

/** The ECS operations that change something, as far as ecsh uses them (READINESS 4, 5). */
export class EcsChanges {
  readonly #inventory: Inventory;
  readonly #rollouts: Rollouts;
  readonly #life: TaskLife;
  /** Of RunTask, by client token. */
  readonly #launched = new Map<string, FleetTask>();

  constructor(inventory: Inventory, rollouts: Rollouts, life: TaskLife) {
    this.#inventory = inventory;
    this.#rollouts = rollouts;
    this.#life = life;
  }

  readonly operations: Readonly<Record<string, (input: ApiInput) => object>> = {
    UpdateService: (input) => this.#updateService(input),
    ListServiceDeployments: (input) => this.#listServiceDeployments(input),
    DescribeServiceDeployments: (input) => this.#describeServiceDeployments(input),
    StopServiceDeployment: (input) => this.#stopServiceDeployment(input),
    RunTask: (input) => this.#runTask(input),
    UpdateCluster: (input) => this.#updateCluster(input),
  };

  #updateService(input: ApiInput): object {
    const { cluster, service } = this.#service(input);
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
    // Absent leaves it as it is (READINESS 4.1).
    const isEnabled = input.has('enableExecuteCommand')
      ? input.flag('enableExecuteCommand')
      : service.enableExecuteCommand;
    if (isEnabled && !service.hasTaskRole) throw invalidParameter(NO_TASK_ROLE);
    service.enableExecuteCommand = isEnabled;
    if (isForced) this.#rollouts.start(service);
    return { service: this.#inventory.showService(cluster, service, []) };
  }

  #listServiceDeployments(input: ApiInput): object {
    const { cluster, service } = this.#service(input);
    const all = ownDeployments(service).map((deployment) => {
      const { startedAt, status, serviceDeploymentArn } = this.#show(cluster, service, deployment);
      return { serviceDeploymentArn, startedAt, createdAt: startedAt, status };
    });
    return pageOf(all, input, 'serviceDeployments', LISTS);
  }

  #describeServiceDeployments(input: ApiInput): object {
    const wanted = input.texts('serviceDeploymentArns');
    const all = this.#inventory.fleet.clusters.flatMap((cluster) =>
      cluster.services.flatMap((service) =>
        ownDeployments(service).map((deployment) => this.#show(cluster, service, deployment)),
      ),
    );
    const found = all.filter(({ serviceDeploymentArn: arn }) => wanted.includes(arn));
    const failures = wanted
      .filter((arn) => !found.some(({ serviceDeploymentArn }) => serviceDeploymentArn === arn))
      .map((arn) => ({ arn, reason: 'MISSING' }));
    return { serviceDeployments: found, failures };
  }

  #stopServiceDeployment(input: ApiInput): object {
    const arn = input.text('serviceDeploymentArn') ?? '';
    for (const cluster of this.#inventory.fleet.clusters) {
      for (const service of cluster.services) {
        const deployment = ownDeployments(service).find(
          (candidate) => this.#show(cluster, service, candidate).serviceDeploymentArn === arn,
        );
        if (deployment === undefined) continue;
        if (deployment.rolloutState !== 'IN_PROGRESS') {
          // UNVERIFIED: the text; try it with a deployment that is done.
          throw new ApiError('ConflictException', 'The service deployment is not in progress.');
        }
        this.#rollouts.stop(service, deployment, input.text('stopType') === 'ABORT');
        return { serviceDeploymentArn: arn };
      }
    }
    throw new ApiError('ServiceDeploymentNotFoundException', 'Service deployment not found.');
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
      isExecEnabled: input.flag('enableExecuteCommand'),
      now: this.#life.now(),
    });
    cluster.tasks.push(task);
    if (token !== undefined) this.#launched.set(token, task);
    this.#life.start(task, DEFAULT_ROLLOUT, () => undefined);
    return this.#launchedAnswer(cluster, task);
  }

  #launchedAnswer(cluster: FleetCluster, task: FleetTask): object {
    return { tasks: [this.#inventory.showTask(cluster, task, [])], failures: [] };
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
    return { cluster: this.#inventory.showCluster(cluster, ['CONFIGURATIONS']) };
  }

  #show(cluster: FleetCluster, service: FleetService, deployment: FleetDeployment) {
    const { region, account } = this.#inventory.fleet;
    const id = deployment.id.replace('ecs-svc/', '');
    const path = `service-deployment/${cluster.name}/${service.name}/${id}`;
    const { rolloutState, rolloutStateReason, createdAt, updatedAt } = deployment;
    return {
      serviceDeploymentArn: `arn:aws:ecs:${region}:${account}:${path}`,
      serviceArn: this.#inventory.serviceArn(cluster, service),
      clusterArn: this.#inventory.clusterArn(cluster),
      createdAt,
      startedAt: createdAt,
      updatedAt,
      status: statusOf(service, deployment),
      ...(rolloutState === 'FAILED' ? { statusReason: rolloutStateReason } : {}),
    };
  }

  #templateOf(reference: string): FleetTask {
    const { fleet } = this.#inventory;
    const task = fleet.clusters
      .flatMap((cluster) => this.#inventory.tasks(cluster))
      .find((candidate) =>
        [
          this.#inventory.taskDefinitionArn(candidate),
          `${candidate.family}:${candidate.revision}`,
          candidate.family,
        ].includes(reference),
      );
    if (task === undefined) throw new ApiError('ClientException', 'TaskDefinition not found.');
    return task;
  }

  #service(input: ApiInput): { readonly cluster: FleetCluster; readonly service: FleetService } {
    const cluster = this.#cluster(input);
    const service = this.#inventory.findService(cluster, input.text('service') ?? '');
    if (service === undefined) throw new ApiError('ServiceNotFoundException', 'Service not found.');
    return { cluster, service };
  }

  #cluster(input: ApiInput): FleetCluster {
    const cluster = this.#inventory.findCluster(input.text('cluster') ?? 'default');
    if (cluster === undefined) throw new ApiError('ClusterNotFoundException', 'Cluster not found.');
    return cluster;
  }
}

/** A rollback belongs to the service deployment that failed. */
function ownDeployments({ deployments }: FleetService): readonly FleetDeployment[] {
  return deployments.filter(({ rollbackOf }) => rollbackOf === undefined);
}

const STATUSES: Readonly<Record<string, string>> = {
  IN_PROGRESS: 'IN_PROGRESS',
  COMPLETED: 'SUCCESSFUL',
  // UNVERIFIED: what a deployment ends as whose circuit breaker does not roll back.
  FAILED: 'STOPPED',
};

function statusOf({ deployments }: FleetService, { id, rolloutState }: FleetDeployment): string {
  const rollback = deployments.find(({ rollbackOf }) => rollbackOf === id);
  if (rollback?.rolloutState === 'IN_PROGRESS') return 'ROLLBACK_IN_PROGRESS';
  if (rollback?.rolloutState === 'COMPLETED') return 'ROLLBACK_SUCCESSFUL';
  return STATUSES[rolloutState] ?? rolloutState;
}
