import { createHash } from 'node:crypto';
import { ApiError } from '#simulator/api/api-error.ts';
import type {
  Fleet,
  FleetCluster,
  FleetContainer,
  FleetService,
  FleetSession,
  FleetTask,
} from './fleet.ts';
import type { FleetNetwork } from './fleet-network.ts';
import { hexOf } from './ids.ts';

export interface TargetPlace {
  readonly cluster: FleetCluster;
  readonly task: FleetTask;
  readonly container: FleetContainer;
}

/** Finds resources of the fleet by name, id or ARN, and builds their ARNs. */
export class Inventory {
  readonly fleet: Fleet;
  /** Networks that were changed while the simulator runs, by name. */
  readonly #networks = new Map<string, FleetNetwork>();

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

  /** The sessions that other users have open from the beginning. */
  sessions(): readonly { readonly place: TargetPlace; readonly session: FleetSession }[] {
    return this.fleet.clusters.flatMap((cluster) =>
      this.tasks(cluster).flatMap((task) =>
        task.containers.flatMap((container) =>
          container.sessions.map((session) => ({ place: { cluster, task, container }, session })),
        ),
      ),
    );
  }

  /** Tasks and templates, each of which has a task definition. */
  templates(cluster: FleetCluster): readonly FleetTask[] {
    const ofServices = cluster.services.flatMap(({ template }) => template ?? []);
    return [...ofServices, ...this.tasks(cluster)];
  }

  clusterOf(task: FleetTask): FleetCluster | undefined {
    return this.fleet.clusters.find((cluster) => this.tasks(cluster).includes(task));
  }

  /** The current state of a network. */
  networkOf({ placement: { network } }: Pick<FleetTask, 'placement'>): FleetNetwork {
    return this.#networks.get(network.name) ?? network;
  }

  /** Replaces the network with the same name. */
  changeNetwork(network: FleetNetwork): void {
    this.#networks.set(network.name, network);
  }

  /** The current state of every network in the account. */
  get networks(): readonly FleetNetwork[] {
    const { clusters } = this.fleet;
    const ofServices = clusters.flatMap(({ services }) => services.map((s) => s.placement.network));
    const ofTasks = clusters.flatMap((cluster) =>
      this.tasks(cluster).map(({ placement }) => placement.network),
    );
    return [...ofServices, ...ofTasks].map(
      (network) => this.#networks.get(network.name) ?? network,
    );
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

  /** Finds the container for a target. */
  findTarget(target: string): TargetPlace | undefined {
    for (const cluster of this.fleet.clusters) {
      for (const task of this.tasks(cluster)) {
        const container = task.containers.find((c) => this.target(cluster, task, c) === target);
        if (container !== undefined) return { cluster, task, container };
      }
    }
    return undefined;
  }

  #arn(rest: string): string {
    return `arn:aws:ecs:${this.fleet.region}:${this.fleet.account}:${rest}`;
  }
}

function lastPart(reference: string): string {
  return reference.slice(reference.lastIndexOf('/') + 1);
}
