import { ApiError } from './api-error.ts';
import type { ApiInput } from './api-input.ts';
import type { Fleet } from './fleet.ts';
import type { FleetLogGroup } from './fleet-account.ts';
import type { Inventory } from './inventory.ts';
import { definedContainers } from './task-definition.ts';

const MOST_GROUPS = 50;
/** Milliseconds. */
const CREATED = 1_735_689_600_000;

/** The CloudWatch Logs operations that find and make the log groups of sessions. */
export class LogsApi {
  readonly #inventory: Inventory;
  /** Created or changed since, by name. */
  readonly #changed = new Map<string, FleetLogGroup>();

  constructor(inventory: Inventory) {
    this.#inventory = inventory;
  }

  readonly operations: Readonly<Record<string, (input: ApiInput) => object>> = {
    DescribeLogGroups: (input) => this.#describe(input),
    CreateLogGroup: (input) => this.#create(input),
    AssociateKmsKey: (input) => this.#associateKey(input),
  };

  #create(input: ApiInput): object {
    const name = requiredText(input, 'logGroupName');
    if (this.#find(name) !== undefined) {
      const message = 'The specified log group already exists';
      throw new ApiError('ResourceAlreadyExistsException', message);
    }
    this.#changed.set(name, { name, kmsKeyId: input.text('kmsKeyId'), exists: true });
    return {};
  }

  #associateKey(input: ApiInput): object {
    const group = this.#find(requiredText(input, 'logGroupName'));
    if (group === undefined) {
      const message = 'The specified log group does not exist.';
      throw new ApiError('ResourceNotFoundException', message);
    }
    this.#changed.set(group.name, { ...group, kmsKeyId: requiredText(input, 'kmsKeyId') });
    return {};
  }

  #find(name: string): FleetLogGroup | undefined {
    return this.#groups().find((group) => group.name === name);
  }

  #describe(input: ApiInput): object {
    const prefix = input.text('logGroupNamePrefix') ?? '';
    const limit = input.number('limit') ?? MOST_GROUPS;
    if (limit < 1 || limit > MOST_GROUPS) {
      throw new ApiError('InvalidParameterException', 'limit must be 1 to 50.');
    }
    const token = input.text('nextToken');
    const groups = this.#groups()
      .filter(({ name }) => name.startsWith(prefix) && (token === undefined || name > token))
      .sort((one, other) => (one.name < other.name ? -1 : 1));
    const last = groups[limit - 1];
    return {
      logGroups: groups.slice(0, limit).map((group) => this.#show(group)),
      ...(last !== undefined && groups.length > limit ? { nextToken: last.name } : {}),
    };
  }

  #show({ name, kmsKeyId }: FleetLogGroup): object {
    const { region, account } = this.#inventory.fleet;
    const arn = `arn:aws:logs:${region}:${account}:log-group:${name}`;
    const key = kmsKeyId === undefined ? {} : { kmsKeyId };
    const metadata = { creationTime: CREATED, metricFilterCount: 0, storedBytes: 0 };
    return { logGroupName: name, ...metadata, arn: `${arn}:*`, logGroupArn: arn, ...key };
  }

  /** Those of the fleet file, and those that clusters and containers name: encrypted where it is asked for. */
  #groups(): readonly FleetLogGroup[] {
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

function requiredText(input: ApiInput, name: string): string {
  const text = input.text(name);
  if (text !== undefined && text !== '') return text;
  throw new ApiError('InvalidParameterException', `${name} must not be null.`);
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
