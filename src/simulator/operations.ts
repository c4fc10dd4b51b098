import type { ApiInput } from './api-input.ts';
import { DefinitionBook } from './definition-book.ts';
import { Ec2Api } from './ec2-api.ts';
import { EcsApi } from './ecs-api.ts';
import { EcsCapacityApi } from './ecs-capacity-api.ts';
import { EcsChanges } from './ecs-changes.ts';
import type { Faults } from './faults.ts';
import type { Fleet } from './fleet.ts';
import { IamApi } from './iam-api.ts';
import type { Inventory } from './inventory.ts';
import { type KeyStore, KmsApi } from './kms-api.ts';
import type { LogGroups } from './log-groups.ts';
import { LogsApi } from './logs-api.ts';
import type { QueryOperation } from './query-input.ts';
import { Rollouts } from './rollout.ts';
import { ServiceDeploymentsApi } from './service-deployments-api.ts';
import type { SessionBook } from './session-book.ts';
import { SsmApi } from './ssm-api.ts';
import { stsOperations } from './sts-api.ts';
import type { TaskLife } from './task-life.ts';
import { TrailApi } from './trail-api.ts';

/** Services of AWS JSON by their part of `x-amz-target`. */
export const JSON_SERVICES: ReadonlyMap<string, string> = new Map([
  ['AmazonEC2ContainerServiceV20141113', 'ecs'],
  ['AmazonSSM', 'ssm'],
  ['TrentService', 'kms'],
  ['Logs_20140328', 'logs'],
  ['CloudTrail_20131101', 'cloudtrail'],
]);

type JsonOperation = (input: ApiInput) => object | Promise<object>;

/** Operations by the action that IAM knows them as: `ecs:ListTasks`. */
export interface Operations {
  readonly json: ReadonlyMap<string, JsonOperation>;
  readonly query: ReadonlyMap<string, QueryOperation>;
}

export interface OperationServices {
  readonly sessions: SessionBook;
  readonly keys: KeyStore;
  readonly groups: LogGroups;
  readonly life: TaskLife;
  readonly faults: () => Faults;
}

/** The services of a region. */
export function createOperations(
  inventory: Inventory,
  { sessions, keys, groups, life, faults }: OperationServices,
): Operations {
  const definitions = new DefinitionBook(inventory);
  const rollouts = new Rollouts(life);
  const changes = new EcsChanges(inventory, { rollouts, life, definitions });
  return {
    json: new Map([
      ...byAction('ecs', new EcsApi(inventory, sessions, definitions).operations),
      ...byAction('ecs', changes.operations),
      ...byAction('ecs', new ServiceDeploymentsApi(inventory, rollouts).operations),
      ...byAction('ecs', new EcsCapacityApi(inventory).operations),
      ...byAction('ssm', new SsmApi(inventory, sessions).operations),
      ...byAction('kms', new KmsApi(keys, inventory.fleet, faults).operations),
      ...byAction('logs', new LogsApi(inventory, groups).operations),
      ...byAction('cloudtrail', new TrailApi(inventory, sessions).operations),
    ]),
    query: new Map(byAction('ec2', new Ec2Api(inventory).operations)),
  };
}

/** The services that are the same in every region. */
export function globalOperations(fleet: Fleet): Operations['query'] {
  return new Map([
    ...byAction('iam', new IamApi(fleet).operations),
    ...byAction('sts', stsOperations(fleet)),
  ]);
}

function byAction<T>(
  service: string,
  operations: Readonly<Record<string, T>>,
): readonly (readonly [string, T])[] {
  return Object.entries(operations).map(([name, run]) => [`${service}:${name}`, run] as const);
}
