import { ApiError } from '#simulator/api/api-error.ts';
import type { ApiInput } from '#simulator/api/api-input.ts';
import type { FleetLogGroup } from '#simulator/fleet/fleet-account.ts';
import type { Inventory } from '#simulator/fleet/inventory.ts';
import type { SimulatedLogGroups } from './log-groups.ts';

const MAX_GROUPS = 50;
/** Milliseconds. */
const CREATED = 1_735_689_600_000;

/** The CloudWatch Logs operations on log groups. */
export class LogGroupOperations {
  readonly #inventory: Inventory;
  readonly #groups: SimulatedLogGroups;

  constructor(inventory: Inventory, groups: SimulatedLogGroups) {
    this.#inventory = inventory;
    this.#groups = groups;
  }

  readonly operations: Readonly<Record<string, (input: ApiInput) => object>> = {
    DescribeLogGroups: (input) => this.#describe(input),
    CreateLogGroup: (input) => this.#create(input),
    AssociateKmsKey: (input) => this.#associateKey(input),
  };

  #create(input: ApiInput): object {
    const name = requiredText(input, 'logGroupName');
    if (this.#groups.find(name) !== undefined) {
      const message = 'The specified log group already exists';
      throw new ApiError('ResourceAlreadyExistsException', message);
    }
    this.#groups.put({ name, kmsKeyId: input.text('kmsKeyId'), exists: true });
    return {};
  }

  #associateKey(input: ApiInput): object {
    const group = this.#groups.find(requiredText(input, 'logGroupName'));
    if (group === undefined) {
      const message = 'The specified log group does not exist.';
      throw new ApiError('ResourceNotFoundException', message);
    }
    this.#groups.put({ ...group, kmsKeyId: requiredText(input, 'kmsKeyId') });
    return {};
  }

  #describe(input: ApiInput): object {
    const prefix = input.text('logGroupNamePrefix') ?? '';
    const limit = input.number('limit') ?? MAX_GROUPS;
    if (limit < 1 || limit > MAX_GROUPS) {
      throw new ApiError('InvalidParameterException', 'limit must be 1 to 50.');
    }
    const token = input.text('nextToken');
    const groups = this.#groups
      .all()
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
}

function requiredText(input: ApiInput, name: string): string {
  const text = input.text(name);
  if (text !== undefined && text !== '') return text;
  throw new ApiError('InvalidParameterException', `${name} must not be null.`);
}
