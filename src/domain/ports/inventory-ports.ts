/** Clusters and services for `ecsh ls`, the picker and completion; names as in the API. */

import type { TaskTag } from '#domain/resolve/task.ts';

export interface ClusterSummary {
  readonly clusterArn: string;
  readonly clusterName: string;
  /** ACTIVE, PROVISIONING, DEPROVISIONING, FAILED or INACTIVE. */
  readonly status: string;
  readonly activeServicesCount: number;
  readonly runningTasksCount: number;
  readonly pendingTasksCount: number;
  readonly registeredContainerInstancesCount: number;
  readonly capacityProviders: readonly string[];
  /** Empty unless requested. */
  readonly tags: readonly TaskTag[];
}

export interface DeploymentSummary {
  readonly id: string;
  /** PRIMARY, ACTIVE or INACTIVE. */
  readonly status: string;
  /** COMPLETED, FAILED or IN_PROGRESS; undefined for other deployment controllers than ECS. */
  readonly rolloutState?: string | undefined;
  readonly rolloutStateReason?: string | undefined;
  readonly taskDefinition: string;
  readonly desiredCount: number;
  readonly runningCount: number;
  readonly pendingCount: number;
  readonly failedTasks: number;
  readonly createdAt?: Date | undefined;
}

export interface ServiceSummary {
  readonly serviceArn: string;
  readonly serviceName: string;
  readonly clusterArn: string;
  /** ACTIVE, DRAINING or INACTIVE. */
  readonly status: string;
  readonly desiredCount: number;
  readonly runningCount: number;
  readonly pendingCount: number;
  /** Undefined if a capacity provider strategy replaces it. */
  readonly launchType?: string | undefined;
  /** Providers of the strategy; empty with a launch type. */
  readonly capacityProviders: readonly string[];
  readonly taskDefinition: string;
  readonly enableExecuteCommand: boolean;
  readonly createdAt?: Date | undefined;
  readonly deployments: readonly DeploymentSummary[];
  /** Newest first. */
  readonly events: readonly { readonly createdAt?: Date | undefined; readonly message: string }[];
  /** Empty unless requested. */
  readonly tags: readonly TaskTag[];
}

export interface SummaryOptions {
  readonly tags: boolean;
}

/**
 * Any number of clusters and services, in as few calls as the API allows (100 clusters or 10 services per
 * call), several at a time. In any order, without those that ECS reports as MISSING.
 */
export interface InventoryApi {
  /** Names or ARNs. */
  describeClusters(
    clusters: readonly string[],
    options?: SummaryOptions,
  ): Promise<readonly ClusterSummary[]>;
  /** Names or ARNs of services of one cluster. */
  describeServices(
    cluster: string,
    services: readonly string[],
    options?: SummaryOptions,
  ): Promise<readonly ServiceSummary[]>;
}
