import { invalidParameter } from '#simulator/api/api-error.ts';
import type { ApiInput } from '#simulator/api/api-input.ts';
import { describeEach, limitCount } from '#simulator/api/describe.ts';
import type { FleetCluster, FleetTask } from '#simulator/fleet/fleet.ts';
import type { Inventory } from '#simulator/fleet/inventory.ts';
import { imageId, instanceId, runsOnInstance, subnetId, vpcId } from './network-ids.ts';

const MAX_INSTANCES = 100;

/** The ECS operations on capacity providers and container instances. */
export class EcsCapacityOperations {
  readonly #inventory: Inventory;

  constructor(inventory: Inventory) {
    this.#inventory = inventory;
  }

  readonly operations: Readonly<Record<string, (input: ApiInput) => object>> = {
    DescribeContainerInstances: (input) => this.#describeInstances(input),
    DescribeCapacityProviders: (input) => this.#describeProviders(input),
  };

  #describeInstances(input: ApiInput): object {
    const cluster = this.#inventory.requireCluster(input.text('cluster'));
    const references = input.texts('containerInstances');
    if (references.length === 0) throw invalidParameter('Container instances cannot be empty.');
    limitCount(references, 'Container instances', MAX_INSTANCES);
    const tasks = this.#inventory.tasks(cluster).filter(runsOnInstance);
    const arnOf = (task: FleetTask) => this.#inventory.containerInstanceArn(cluster, task);
    return describeEach(references, 'containerInstances', {
      find: (reference) => tasks.find((task) => arnOf(task).endsWith(reference)),
      show: (task) => this.#showInstance(cluster, task),
      arn: (reference) => reference,
    });
  }

  #showInstance(cluster: FleetCluster, task: FleetTask): object {
    const { instance, network } = task.placement;
    const attributes = {
      'ecs.ami-id': imageId(task.placement),
      'ecs.os-type': instance.osType,
      'ecs.os-family': instance.osFamily,
      'ecs.subnet-id': subnetId(network),
      'ecs.vpc-id': vpcId(network),
      'ecs.availability-zone': `${this.#inventory.fleet.region}a`,
    };
    return {
      containerInstanceArn: this.#inventory.containerInstanceArn(cluster, task),
      ec2InstanceId: instanceId(task.placement),
      status: instance.status,
      agentConnected: instance.agentConnected,
      versionInfo: { agentVersion: instance.agentVersion, dockerVersion: 'DockerVersion: 25.0.8' },
      attributes: Object.entries(attributes).map(([name, value]) => ({ name, value })),
      pendingTasksCount: 0,
      runningTasksCount: 1,
      remainingResources: [],
      registeredResources: [],
      tags: [],
    };
  }

  #describeProviders(input: ApiInput): object {
    const names = input.texts('capacityProviders');
    const known = new Set([...FARGATE, ...this.#scalingGroups()]);
    return describeEach(names.length === 0 ? [...known] : names, 'capacityProviders', {
      find: (name) => [...known].find((candidate) => name.endsWith(candidate)),
      show: (name) => this.#showProvider(name),
      arn: (name) => this.#inventory.capacityProviderArn(name),
    });
  }

  #scalingGroups(): readonly string[] {
    const tasks = this.#inventory.fleet.clusters.flatMap((cluster) =>
      this.#inventory.tasks(cluster),
    );
    return tasks.flatMap(({ placement }) => placement.capacityProvider ?? []);
  }

  #showProvider(name: string): object {
    const { region, account } = this.#inventory.fleet;
    const group = `arn:aws:autoscaling:${region}:${account}:autoScalingGroup:1:autoScalingGroupName/${name}`;
    return {
      capacityProviderArn: this.#inventory.capacityProviderArn(name),
      name,
      status: 'ACTIVE',
      tags: [],
      ...(FARGATE.includes(name)
        ? {}
        : {
            autoScalingGroupProvider: {
              autoScalingGroupArn: group,
              managedScaling: { status: 'ENABLED', targetCapacity: 100 },
              managedTerminationProtection: 'DISABLED',
            },
          }),
    };
  }
}

const FARGATE = ['FARGATE', 'FARGATE_SPOT'];
