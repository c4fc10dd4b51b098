import { ApiError } from '#simulator/api/api-error.ts';
import { type ApiInput, pageOf } from '#simulator/api/api-input.ts';
import type { FleetCluster, FleetDeployment, FleetService } from '#simulator/fleet/fleet.ts';
import type { Inventory } from '#simulator/fleet/inventory.ts';
import type { Rollouts } from '#simulator/tasks/rollout.ts';

const LISTS = { usual: 20, most: 100 } as const;

/** The ECS operations that list, describe and stop service deployments. */
export class ServiceDeploymentOperations {
  readonly #inventory: Inventory;
  readonly #rollouts: Rollouts;

  constructor(inventory: Inventory, rollouts: Rollouts) {
    this.#inventory = inventory;
    this.#rollouts = rollouts;
  }

  readonly operations: Readonly<Record<string, (input: ApiInput) => object>> = {
    ListServiceDeployments: (input) => this.#list(input),
    DescribeServiceDeployments: (input) => this.#describe(input),
    StopServiceDeployment: (input) => this.#stop(input),
  };

  #list(input: ApiInput): object {
    const cluster = this.#inventory.requireCluster(input.text('cluster'));
    const service = this.#inventory.requireService(cluster, input.text('service'));
    const all = withoutRollbacks(service).map((deployment) => {
      const { startedAt, status, serviceDeploymentArn } = this.#show(cluster, service, deployment);
      return { serviceDeploymentArn, startedAt, createdAt: startedAt, status };
    });
    return pageOf(all, input, 'serviceDeployments', LISTS);
  }

  #describe(input: ApiInput): object {
    const wanted = input.texts('serviceDeploymentArns');
    const all = this.#inventory.fleet.clusters.flatMap((cluster) =>
      cluster.services.flatMap((service) =>
        withoutRollbacks(service).map((deployment) => this.#show(cluster, service, deployment)),
      ),
    );
    const found = all.filter(({ serviceDeploymentArn: arn }) => wanted.includes(arn));
    const failures = wanted
      .filter((arn) => !found.some(({ serviceDeploymentArn }) => serviceDeploymentArn === arn))
      .map((arn) => ({ arn, reason: 'MISSING' }));
    return { serviceDeployments: found, failures };
  }

  #stop(input: ApiInput): object {
    const arn = input.text('serviceDeploymentArn') ?? '';
    for (const cluster of this.#inventory.fleet.clusters) {
      for (const service of cluster.services) {
        const deployment = withoutRollbacks(service).find(
          (candidate) => this.#show(cluster, service, candidate).serviceDeploymentArn === arn,
        );
        if (deployment === undefined) continue;
        if (deployment.rolloutState !== 'IN_PROGRESS') {
          // UNVERIFIED: the wording. To check it, stop a service deployment that has ended.
          throw new ApiError('ConflictException', 'The service deployment is not in progress.');
        }
        this.#rollouts.stop(service, deployment, input.text('stopType') === 'ABORT');
        return { serviceDeploymentArn: arn };
      }
    }
    throw new ApiError('ServiceDeploymentNotFoundException', 'Service deployment not found.');
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
}

/** Omits rollbacks, because a rollback belongs to the service deployment that failed. */
function withoutRollbacks({ deployments }: FleetService): readonly FleetDeployment[] {
  return deployments.filter(({ rollbackOf }) => rollbackOf === undefined);
}

const STATUSES: Readonly<Record<string, string>> = {
  IN_PROGRESS: 'IN_PROGRESS',
  COMPLETED: 'SUCCESSFUL',
  // UNVERIFIED: the status when the circuit breaker fails a deployment without a rollback. To check it, turn
  // rollback off and deploy an image that does not exist.
  FAILED: 'STOPPED',
};

function statusOf({ deployments }: FleetService, { id, rolloutState }: FleetDeployment): string {
  const rollback = deployments.find(({ rollbackOf }) => rollbackOf === id);
  if (rollback?.rolloutState === 'IN_PROGRESS') return 'ROLLBACK_IN_PROGRESS';
  if (rollback?.rolloutState === 'COMPLETED') return 'ROLLBACK_SUCCESSFUL';
  return STATUSES[rolloutState] ?? rolloutState;
}
