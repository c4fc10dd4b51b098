import { createHash } from 'node:crypto';
import type {
  FleetCluster,
  FleetContainer,
  FleetService,
  FleetTask,
} from '#simulator/fleet/fleet.ts';
import type { Inventory } from '#simulator/fleet/inventory.ts';
import {
  attachmentsOf,
  hasOwnInterface,
  runsOnInstance,
  subnetId,
  taskGroup,
} from './network-ids.ts';
import { showTags } from './tags.ts';

/** Formats resources of the fleet like the ECS API. */

const NOT_STARTED = ['PROVISIONING', 'PENDING', 'ACTIVATING'];

export function showCluster(
  inventory: Inventory,
  cluster: FleetCluster,
  include: readonly string[],
): object {
  const { kmsKeyId, logging, logConfiguration, managedStorageConfiguration } = cluster;
  const executeCommandConfiguration = { kmsKeyId, logging, logConfiguration };
  const hasExec = Object.values(executeCommandConfiguration).some((v) => v !== undefined);
  const configuration = {
    ...(hasExec ? { executeCommandConfiguration } : {}),
    ...(managedStorageConfiguration === undefined ? {} : { managedStorageConfiguration }),
  };
  const isConfigured = Object.keys(configuration).length > 0;
  return {
    clusterArn: inventory.clusterArn(cluster),
    clusterName: cluster.name,
    status: cluster.status,
    registeredContainerInstancesCount: 0,
    ...taskCounts(inventory.tasks(cluster)),
    activeServicesCount: cluster.services.length,
    statistics: [],
    tags: include.includes('TAGS') ? showTags(cluster.tags) : [],
    settings: [],
    capacityProviders: ['FARGATE', 'FARGATE_SPOT'],
    defaultCapacityProviderStrategy: [],
    ...(include.includes('CONFIGURATIONS') && isConfigured ? { configuration } : {}),
  };
}

export function showService(
  inventory: Inventory,
  cluster: FleetCluster,
  service: FleetService,
  include: readonly string[],
): object {
  const taskDefinition = inventory.taskDefinitionArn(service.template ?? service);
  const { desiredCount, createdAt, createdBy, events } = service;
  return {
    serviceArn: inventory.serviceArn(cluster, service),
    serviceName: service.name,
    clusterArn: inventory.clusterArn(cluster),
    status: service.status,
    desiredCount,
    ...serviceCounts(service.tasks),
    ...launchOf(service),
    // Only Fargate has platform versions.
    ...(service.launchType === 'FARGATE' ? { platformVersion: service.platformVersion } : {}),
    ...networkOf(service),
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
    deployments: showDeployments(inventory, service),
    // Included only on request.
    ...(include.includes('TAGS') ? { tags: showTags(service.tags) } : {}),
  };
}

export function showTask(
  inventory: Inventory,
  cluster: FleetCluster,
  task: FleetTask,
  include: readonly string[],
): object {
  return {
    taskArn: inventory.taskArn(cluster, task),
    clusterArn: inventory.clusterArn(cluster),
    taskDefinitionArn: inventory.taskDefinitionArn(task),
    group: task.group,
    lastStatus: task.lastStatus,
    desiredStatus: task.desiredStatus,
    launchType: task.launchType,
    ...showPlacement(inventory, cluster, task),
    connectivity: 'CONNECTED',
    connectivityAt: task.createdAt + 2,
    enableExecuteCommand: task.enableExecuteCommand,
    availabilityZone: `${inventory.fleet.region}a`,
    ...sizeOf(task),
    createdAt: task.createdAt,
    startedBy: task.startedBy,
    pullStartedAt: task.pullStartedAt,
    pullStoppedAt: task.pullStoppedAt,
    startedAt: task.startedAt,
    stoppingAt: task.stoppingAt,
    executionStoppedAt: task.executionStoppedAt,
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
    containers: task.containers.map((container) =>
      showContainer(inventory, cluster, task, container),
    ),
  };
}

/** Strings here, unlike in container definitions (ECS API, Task). */
function sizeOf({ placement }: FleetTask): object {
  const { taskDefinition, overrides } = placement;
  const cpu = overrides.cpu ?? taskDefinition.cpu ?? '256';
  const memory = overrides.memory ?? taskDefinition.memory ?? '512';
  return { cpu: String(cpu), memory: String(memory) };
}

/** Fargate has platforms, EC2 has instances. */
function showPlacement(inventory: Inventory, cluster: FleetCluster, task: FleetTask): object {
  const { capacityProvider, platformFamily } = task.placement;
  return {
    ...(task.launchType === 'FARGATE'
      ? { platformVersion: task.platformVersion, platformFamily }
      : {}),
    ...(runsOnInstance(task)
      ? { containerInstanceArn: inventory.containerInstanceArn(cluster, task) }
      : {}),
    ...(capacityProvider === undefined ? {} : { capacityProviderName: capacityProvider }),
  };
}

function showDeployments(inventory: Inventory, service: FleetService): object[] {
  // Other controllers have task sets instead.
  if (service.controller !== 'ECS') return [];
  return (
    service.deployments
      // Only DescribeServiceDeployments returns the others.
      .filter(({ status }) => status !== 'INACTIVE')
      .map(({ rollbackOf: _, template, ...deployment }) => ({
        ...deployment,
        taskDefinition: inventory.taskDefinitionArn(template ?? service),
        ...launchOf(service),
        ...serviceCounts(service.tasks.filter(({ startedBy }) => startedBy === deployment.id)),
      }))
  );
}

function showContainer(
  inventory: Inventory,
  cluster: FleetCluster,
  task: FleetTask,
  container: FleetContainer,
): object {
  const { agentStatus, agentReason, agentStartedAt, lastStatus, runtimeId } = container;
  const agent = {
    name: 'ExecuteCommandAgent',
    lastStatus: agentStatus,
    ...(agentStatus === 'RUNNING' ? { lastStartedAt: agentStartedAt } : {}),
    ...(agentReason === undefined ? {} : { reason: agentReason }),
  };
  return {
    containerArn: inventory.containerArn(cluster, task, container),
    taskArn: inventory.taskArn(cluster, task),
    name: container.name,
    image: container.image,
    // Assigned when the container starts.
    ...(lastStatus === 'PENDING' ? {} : { runtimeId, imageDigest: digestOf(container.image) }),
    lastStatus,
    ...(container.exitCode === undefined ? {} : { exitCode: container.exitCode }),
    ...(container.reason === undefined ? {} : { reason: container.reason }),
    healthStatus: container.healthStatus,
    cpu: '0',
    networkBindings: [],
    networkInterfaces: [],
    ...(agentStatus === undefined ? {} : { managedAgents: [agent] }),
  };
}

/** The digest of a fictitious image, always the same for a name. */
function digestOf(image: string): string {
  return `sha256:${createHash('sha256').update(image).digest('hex')}`;
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
/** The network that its tasks are in; tasks in bridge or host mode have none of their own. */
function networkOf({ template, tasks }: FleetService): object {
  const task = template ?? tasks[0];
  if (task === undefined || !hasOwnInterface(task)) return {};
  const { network } = task.placement;
  const awsvpcConfiguration = {
    subnets: [subnetId(network)],
    securityGroups: [taskGroup(network)],
    assignPublicIp: network.hasPublicIp ? 'ENABLED' : 'DISABLED',
  };
  return { networkConfiguration: { awsvpcConfiguration } };
}

function launchOf({ launchType, capacityProvider }: FleetService): object {
  if (capacityProvider === undefined) return { launchType };
  return { capacityProviderStrategy: [{ capacityProvider, weight: 1, base: 0 }] };
}
