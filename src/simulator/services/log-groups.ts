import { ApiError } from '#simulator/api/api-error.ts';
import type { Fleet } from '#simulator/fleet/fleet.ts';
import type { FleetLogGroup } from '#simulator/fleet/fleet-account.ts';
import type { Inventory } from '#simulator/fleet/inventory.ts';
import { definedContainers } from './task-definition.ts';

/** The log groups of a region, including those created or changed while the simulator runs. */
export class SimulatedLogGroups {
  readonly #inventory: Inventory;
  /** Created or changed groups by name. */
  readonly #changed = new Map<string, FleetLogGroup>();

  constructor(inventory: Inventory) {
    this.#inventory = inventory;
  }

  find(name: string): FleetLogGroup | undefined {
    return this.all().find((group) => group.name === name);
  }

  put(group: FleetLogGroup): void {
    this.#changed.set(group.name, group);
  }

  /** The groups of the fleet file, and those that clusters and containers name, encrypted if a cluster requires it. */
  all(): readonly FleetLogGroup[] {
    const { fleet } = this.#inventory;
    const groups = [...this.#usualGroups(), ...fleet.logGroups, ...this.#changed.values()];
    const byName = new Map(groups.map((group) => [group.name, group]));
    return [...byName.values()].filter(({ exists }) => exists);
  }

  #usualGroups(): readonly FleetLogGroup[] {
    const { fleet } = this.#inventory;
    return fleet.clusters.flatMap((cluster) => [
      ...destinationOf(fleet, cluster.logConfiguration),
      ...this.#inventory
        .tasks(cluster)
        .flatMap((task) => definedContainers(this.#inventory.fleet, cluster, task))
        .flatMap(({ logConfiguration }) => awslogsGroup(logConfiguration)),
    ]);
  }
}

/** Resolves a log group's name or ARN to its name. @throws ApiError if it does not exist */
export function requireLogGroup(groups: SimulatedLogGroups, reference: string): string {
  const name = /^arn:[^:]*:logs:[^:]*:[^:]*:log-group:([^:]+)/.exec(reference)?.[1] ?? reference;
  if (name === '')
    throw new ApiError(
      'InvalidParameterException',
      'A log group name or identifier must be specified.',
    );
  if (groups.find(name) !== undefined) return name;
  throw new ApiError('ResourceNotFoundException', 'The specified log group does not exist.');
}

function destinationOf(
  { region, account }: Fleet,
  configuration: Readonly<Record<string, unknown>> | undefined,
): readonly FleetLogGroup[] {
  const name = configuration?.cloudWatchLogGroupName;
  if (typeof name !== 'string') return [];
  const isEncrypted = configuration?.cloudWatchEncryptionEnabled === true;
  const key = `arn:aws:kms:${region}:${account}:key/00000000-0000-4000-8000-000000000000`;
  return [{ name, kmsKeyId: isEncrypted ? key : undefined, exists: true }];
}

function awslogsGroup(configuration: unknown): readonly FleetLogGroup[] {
  if (typeof configuration !== 'object' || configuration === null) return [];
  const options: unknown = Reflect.get(configuration, 'options');
  if (typeof options !== 'object' || options === null) return [];
  const name: unknown = Reflect.get(options, 'awslogs-group');
  return typeof name === 'string' ? [{ name, kmsKeyId: undefined, exists: true }] : [];
}
