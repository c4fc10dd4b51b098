import { createHash } from 'node:crypto';
import { ApiError } from './api-error.ts';
import type { Fleet, FleetCluster, FleetContainer, FleetService, FleetTask } from './fleet.ts';
import { hexOf } from './ids.ts';
import { attachmentsOf, runsOnInstance } from './network-ids.ts';
import { showTaskDefinition } from './task-definition.ts';

const NOT_STARTED = ['PROVISIONING', 'PENDING', 'ACTIVATING'];

export interface TargetPlace {
  readonly cluster: FleetCluster;
  readonly task: FleetTask;
  readonly container: FleetContainer;
}

/** Finds things of the fleet by name, id or ARN, and shows them as the ECS API does. */
export class Inventory {
  readonly fleet: Fleet;

  constructor(fleet: Fleet) {
    this.fleet = fleet;
  }

  findCluster(reference: string): FleetCluster | undefined {
    if (reference.startsWith('arn:') && !reference.startsWith(this.#arn('cluster/'))) return;
    const name = lastPart(reference);
    return this.fleet.clusters.find((cluster) => cluster.name === name);
  }

  /** @throws ApiError `ClusterNotFoundException` */
  requireCluster(reference = 'default'): FleetCluster {
    const cluster = this.findCluster(reference);
    if (cluster === undefined) throw new ApiError('ClusterNotFoundException', 'Cluster not found.');
    return cluster;
  }

  findService(cluster: FleetCluster, reference: string): FleetService | undefined {
    const name = lastPart(reference);
    return cluster.services.find((service) => service.name === name);
  }

  /** @throws ApiError `ServiceNotFoundException` */
  requireService(cluster: FleetCluster, reference = ''): FleetService {
    const service = this.findService(cluster, reference);
    if (service === undefined) throw new ApiError('ServiceNotFoundException', 'Service not found.');
    return service;
  }

  findTask(cluster: FleetCluster, reference: string): FleetTask | undefined {
    const tasks = this.tasks(cluster);
    if (!reference.startsWith('arn:')) return tasks.find(({ id }) => id === reference);
    return tasks.find((task) => this.taskArn(cluster, task) === reference);
  }

  tasks(cluster: FleetCluster): readonly FleetTask[] {
    return [...cluster.services.flatMap((service) => service.tasks), ...cluster.tasks];
  }

  /** What there are task definitions of. */
  templates(cluster: FleetCluster): readonly FleetTask[] {
    const ofServices = cluster.services.flatMap(({ template }) => template ?? []);
    return [...ofServices, ...this.tasks(cluster)];
  }

  clusterArn(cluster: FleetCluster): string {
    return this.#arn(`cluster/${cluster.name}`);
  }

  serviceArn(cluster: FleetCluster, service: FleetService): string {
    return this.#arn(`service/${cluster.name}/${service.name}`);
  }

  taskArn(cluster: FleetCluster, task: FleetTask): string {
    return this.#arn(`task/${cluster.name}/${task.id}`);
  }

  containerArn(cluster: FleetCluster, task: FleetTask, container: FleetContainer): string {
    const id = createHash('sha256').update(container.runtimeId).digest('hex');
    const uuid = id.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5');
    return this.#arn(`container/${cluster.name}/${task.id}/${uuid}`);
  }

  taskDefinitionArn({ family, revision }: { family: string; revision: number }): string {
    return this.#arn(`task-definition/${family}:${revision}`);
  }

  containerInstanceArn(cluster: FleetCluster, { placement }: FleetTask): string {
    return this.#arn(`container-instance/${cluster.name}/${hexOf(placement.instance.name)}`);
  }

  capacityProviderArn(name: string): string {
    return this.#arn(`capacity-provider/${name}`);
  }

  /** PROTOCOL 1.3. */
  target(cluster: FleetCluster, task: FleetTask, container: FleetContainer): string {
    return `ecs:${cluster.name}_${task.id}_${container.runtimeId}`;
  }

  /** The container that a target names, and where it is. */
  findTarget(target: string): TargetPlace | undefined {
    for (const cluster of this.fleet.clusters) {
      for (const task of this.tasks(cluster)) {
        const container = task.containers.find((c) => this.target(cluster, task, c) === target);
        if (container !== undefined) return { cluster, task, container };
      }
    }
    return undefined;
  }

  showCluster(cluster: FleetCluster, include: readonly string[]): object {
    const { kmsKeyId, logging, logConfiguration, managedStorageConfiguration } = cluster;
    const executeCommandConfiguration = { kmsKeyId, logging, logConfiguration };
    const hasExec = Object.values(executeCommandConfiguration).some((v) => v !== undefined);
    const configuration = {
      ...(hasExec ? { executeCommandConfiguration } : {}),
      ...(managedStorageConfiguration === undefined ? {} : { managedStorageConfiguration }),
    };
    const isConfigured = Object.keys(configuration).length > 0;
    return {
      clusterArn: this.clusterArn(cluster),
      clusterName: cluster.name,
      status: cluster.status,
      registeredContainerInstancesCount: 0,
      ...taskCounts(this.tasks(cluster)),
      activeServicesCount: cluster.services.length,
      statistics: [],
      tags: include.includes('TAGS') ? showTags(cluster.tags) : [],
      settings: [],
      capacityProviders: ['FARGATE', 'FARGATE_SPOT'],
      defaultCapacityProviderStrategy: [],
      ...(include.includes('CONFIGURATIONS') && isConfigured ? { configuration } : {}),
    };
  }

  showService(cluster: FleetCluster, service: FleetService, include: readonly string[]): object {
    const taskDefinition = this.taskDefinitionArn(service.template ?? service);
    const { desiredCount, createdAt, createdBy, events } = service;
    return {
      serviceArn: this.serviceArn(cluster, service),
      serviceName: service.name,
      clusterArn: this.clusterArn(cluster),
      status: service.status,
      desiredCount,
      ...serviceCounts(service.tasks),
      ...launchOf(service),
      platformVersion: service.platformVersion,
      taskDefinition,
      schedulingStrategy: service.schedulingStrategy,
      deploymentController: { type: service.controller },
      deploymentConfiguration: service.deploymentConfiguration,
      enableExecuteCommand: service.enableExecuteCommand,
      loadBalancers: [],
      serviceRegistries: [],
      events,
      createdAt,
      createdBy,
      deployments: this.#showDeployments(service),
      // Absent unless asked for.
      ...(include.includes('TAGS') ? { tags: showTags(service.tags) } : {}),
    };
  }

  showTask(cluster: FleetCluster, task: FleetTask, include: readonly string[]): object {
    return {
      taskArn: this.taskArn(cluster, task),
      clusterArn: this.clusterArn(cluster),
      taskDefinitionArn: this.taskDefinitionArn(task),
      group: task.group,
      lastStatus: task.lastStatus,
      desiredStatus: task.desiredStatus,
      launchType: task.launchType,
      ...this.#showPlacement(cluster, task),
      connectivity: 'CONNECTED',
      connectivityAt: task.createdAt + 2,
      enableExecuteCommand: task.enableExecuteCommand,
      availabilityZone: `${this.fleet.region}a`,
      cpu: '256',
      memory: '512',
      createdAt: task.createdAt,
      startedBy: task.startedBy,
      startedAt: task.startedAt,
      stoppedAt: task.stoppedAt,
      stopCode: task.stopCode,
      stoppedReason: task.stoppedReason,
      attachments: attachmentsOf(task),
      attributes: [],
      overrides: {
        containerOverrides: [],
        inferenceAcceleratorOverrides: [],
        ...task.placement.overrides,
      },
      tags: include.includes('TAGS') ? showTags(task.tags) : [],
      version: 3,
      containers: task.containers.map((container) => this.#showContainer(cluster, task, container)),
    };
  }

  showTaskDefinition(cluster: FleetCluster, task: FleetTask): object {
    const taskDefinitionArn = this.taskDefinitionArn(task);
    return { taskDefinitionArn, ...showTaskDefinition(this.fleet, cluster, task) };
  }

  /** Fargate has platforms, EC2 has instances. */
  #showPlacement(cluster: FleetCluster, task: FleetTask): object {
    const { capacityProvider, platformFamily } = task.placement;
    return {
      ...(task.launchType === 'FARGATE'
        ? { platformVersion: task.platformVersion, platformFamily }
        : {}),
      ...(runsOnInstance(task)
        ? { containerInstanceArn: this.containerInstanceArn(cluster, task) }
        : {}),
      ...(capacityProvider === undefined ? {} : { capacityProviderName: capacityProvider }),
    };
  }

  #showDeployments(service: FleetService): object[] {
    // Other controllers have task sets instead (READINESS 4.3).
    if (service.controller !== 'ECS') return [];
    return (
      service.deployments
        // The others are known to DescribeServiceDeployments only.
        .filter(({ status }) => status !== 'INACTIVE')
        .map(({ rollbackOf: _, template, ...deployment }) => ({
          ...deployment,
          taskDefinition: this.taskDefinitionArn(template ?? service),
          ...launchOf(service),
          ...serviceCounts(service.tasks.filter(({ startedBy }) => startedBy === deployment.id)),
        }))
    );
  }

  #showContainer(cluster: FleetCluster, task: FleetTask, container: FleetContainer): object {
    const { agentStatus, agentReason, agentStartedAt, lastStatus, runtimeId } = container;
    const agent = {
      name: 'ExecuteCommandAgent',
      lastStatus: agentStatus,
      ...(agentStatus === 'RUNNING' ? { lastStartedAt: agentStartedAt } : {}),
      ...(agentReason === undefined ? {} : { reason: agentReason }),
    };
    return {
      containerArn: this.containerArn(cluster, task, container),
      taskArn: this.taskArn(cluster, task),
      name: container.name,
      image: container.image,
      // Given when the container starts.
      ...(lastStatus === 'PENDING' ? {} : { runtimeId }),
      lastStatus,
      healthStatus: 'UNKNOWN',
      cpu: '0',
      networkBindings: [],
      networkInterfaces: [],
      ...(agentStatus === undefined ? {} : { managedAgents: [agent] }),
    };
  }

  #arn(rest: string): string {
    return `arn:aws:ecs:${this.fleet.region}:${this.fleet.account}:${rest}`;
  }
}

function taskCounts(tasks: readonly FleetTask[]) {
  const running = tasks.filter(({ lastStatus }) => lastStatus === 'RUNNING');
  const pending = tasks.filter(({ lastStatus }) => NOT_STARTED.includes(lastStatus));
  return { runningTasksCount: running.length, pendingTasksCount: pending.length };
}

function serviceCounts(tasks: readonly FleetTask[]) {
  const { runningTasksCount, pendingTasksCount } = taskCounts(tasks);
  return { runningCount: runningTasksCount, pendingCount: pendingTasksCount };
}

/** A service has a launch type or a strategy, never both (ECS API, Service). */
function launchOf({ launchType, capacityProvider }: FleetService): object {
  if (capacityProvider === undefined) return { launchType };
  return { capacityProviderStrategy: [{ capacityProvider, weight: 1, base: 0 }] };
}

function showTags(tags: Readonly<Record<string, string>>): object[] {
  return Object.entries(tags).map(([key, value]) => ({ key, value }));
}

function lastPart(reference: string): string {
  return reference.slice(reference.lastIndexOf('/') + 1);
}
