import { EcshError } from '#domain/errors/errors.ts';
import type {
  ClusterSummary,
  InventoryApi,
  ServiceSummary,
} from '#domain/ports/inventory-ports.ts';
import { nameInArn } from '#domain/resolve/arn.ts';
import { clusterArn, serviceArn } from './sample-task.ts';

export interface FakeInventoryContent {
  readonly clusters?: readonly ClusterSummary[];
  readonly services?: readonly ServiceSummary[];
  /** Calls for which the caller lacks permission. */
  readonly denied?: readonly (keyof InventoryApi)[];
}

export interface FakeInventory extends InventoryApi {
  /** One line for each call. */
  readonly calls: readonly string[];
}

export function fakeInventory(content: FakeInventoryContent = {}): FakeInventory {
  const { clusters = [], services = [], denied = [] } = content;
  const calls: string[] = [];
  const record = (method: keyof InventoryApi, ...details: readonly string[]) => {
    calls.push([method, ...details].join(' '));
    if (denied.includes(method)) throw new EcshError('access-denied', `No ${method}.`);
  };
  return {
    calls,
    async describeClusters(wanted) {
      record('describeClusters', `${wanted.length}`);
      const names = wanted.map(nameInArn);
      return clusters.filter(({ clusterName }) => names.includes(clusterName));
    },
    async describeServices(cluster, wanted) {
      record('describeServices', cluster, `${wanted.length}`);
      const names = wanted.map(nameInArn);
      return services.filter(
        (service) =>
          nameInArn(service.clusterArn) === nameInArn(cluster) &&
          names.includes(service.serviceName),
      );
    },
  };
}

export function sampleCluster(name: string, changes: Partial<ClusterSummary> = {}): ClusterSummary {
  return {
    clusterArn: clusterArn(name),
    clusterName: name,
    status: 'ACTIVE',
    activeServicesCount: 1,
    runningTasksCount: 1,
    pendingTasksCount: 0,
    registeredContainerInstancesCount: 0,
    capacityProviders: ['FARGATE'],
    tags: [],
    ...changes,
  };
}

/** A steady service of one task in cluster `prod`. */
export function sampleService(name: string, changes: Partial<ServiceSummary> = {}): ServiceSummary {
  return {
    serviceArn: serviceArn(name),
    serviceName: name,
    clusterArn: clusterArn('prod'),
    status: 'ACTIVE',
    desiredCount: 1,
    runningCount: 1,
    pendingCount: 0,
    launchType: 'FARGATE',
    capacityProviders: [],
    taskDefinition: `arn:aws:ecs:us-east-1:123456789012:task-definition/${name}:1`,
    enableExecuteCommand: true,
    createdAt: new Date('2026-03-01T14:00:00Z'),
    deployments: [],
    events: [],
    tags: [],
    ...changes,
  };
}
