import {
  type ClusterField,
  DescribeClustersCommand,
  DescribeServicesCommand,
  type Cluster as SdkCluster,
  type Deployment as SdkDeployment,
  type Service as SdkService,
  type ServiceField,
} from '@aws-sdk/client-ecs';
import type {
  ClusterSummary,
  DeploymentSummary,
  InventoryApi,
  ServiceSummary,
} from '#domain/ports/inventory-ports.ts';
import { inBatches } from './batches.ts';
import { toTags } from './ecs-answer.ts';
import type { EcsConnection } from './ecs-connection.ts';

/** The maximum for DescribeClusters and DescribeServices at once (ECS API). */
const CLUSTER_BATCH = 100;
const SERVICE_BATCH = 10;

/** `InventoryApi` over the AWS SDK. */
export function createInventory({ client, call }: EcsConnection): InventoryApi {
  return {
    async describeClusters(clusters, { tags } = { tags: false }) {
      const answers = await inBatches(clusters, CLUSTER_BATCH, (batch) => {
        const include: ClusterField[] = tags ? ['TAGS'] : [];
        const command = new DescribeClustersCommand({ clusters: [...batch], include });
        return call('DescribeClusters', { cluster: batch[0] }, () => client.send(command));
      });
      return answers.flatMap((answer) => (answer.clusters ?? []).flatMap(toCluster));
    },

    async describeServices(cluster, services, { tags } = { tags: false }) {
      const answers = await inBatches(services, SERVICE_BATCH, (batch) => {
        const include: ServiceField[] = tags ? ['TAGS'] : [];
        const command = new DescribeServicesCommand({ cluster, services: [...batch], include });
        const context = { cluster, service: batch[0] };
        return call('DescribeServices', context, () => client.send(command));
      });
      return answers.flatMap((answer) => (answer.services ?? []).flatMap(toService));
    },
  };
}

function toCluster(cluster: SdkCluster): readonly ClusterSummary[] {
  const { clusterArn, clusterName } = cluster;
  if (clusterArn === undefined || clusterName === undefined) return [];
  return [
    {
      clusterArn,
      clusterName,
      status: cluster.status ?? 'UNKNOWN',
      activeServicesCount: cluster.activeServicesCount ?? 0,
      runningTasksCount: cluster.runningTasksCount ?? 0,
      pendingTasksCount: cluster.pendingTasksCount ?? 0,
      registeredContainerInstancesCount: cluster.registeredContainerInstancesCount ?? 0,
      capacityProviders: cluster.capacityProviders ?? [],
      tags: toTags(cluster.tags),
    },
  ];
}

function toService(service: SdkService): readonly ServiceSummary[] {
  const { serviceArn, serviceName, clusterArn } = service;
  if (serviceArn === undefined || serviceName === undefined || clusterArn === undefined) return [];
  const strategy = service.capacityProviderStrategy ?? [];
  return [
    {
      serviceArn,
      serviceName,
      clusterArn,
      status: service.status ?? 'UNKNOWN',
      desiredCount: service.desiredCount ?? 0,
      runningCount: service.runningCount ?? 0,
      pendingCount: service.pendingCount ?? 0,
      launchType: service.launchType,
      capacityProviders: strategy.flatMap(({ capacityProvider }) => capacityProvider ?? []),
      taskDefinition: service.taskDefinition ?? '',
      enableExecuteCommand: service.enableExecuteCommand ?? false,
      createdAt: service.createdAt,
      deployments: (service.deployments ?? []).map(toDeployment),
      events: (service.events ?? []).map(({ createdAt, message = '' }) => ({ createdAt, message })),
      tags: toTags(service.tags),
    },
  ];
}

function toDeployment(deployment: SdkDeployment): DeploymentSummary {
  return {
    id: deployment.id ?? '',
    status: deployment.status ?? 'UNKNOWN',
    rolloutState: deployment.rolloutState,
    rolloutStateReason: deployment.rolloutStateReason,
    taskDefinition: deployment.taskDefinition ?? '',
    desiredCount: deployment.desiredCount ?? 0,
    runningCount: deployment.runningCount ?? 0,
    pendingCount: deployment.pendingCount ?? 0,
    failedTasks: deployment.failedTasks ?? 0,
    createdAt: deployment.createdAt,
  };
}
