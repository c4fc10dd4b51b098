import type { Clock } from '#domain/ports/system-ports.ts';
import type { Fleet } from '#simulator/fleet/fleet.ts';
import type { Inventory } from '#simulator/fleet/inventory.ts';
import type { Faults } from '#simulator/gateway/faults.ts';
import type { SessionBook } from '#simulator/gateway/session-book.ts';
import { DefinitionBook } from '#simulator/services/definition-book.ts';
import { DefinitionOperations } from '#simulator/services/definition-operations.ts';
import { Ec2Api } from '#simulator/services/ec2-api.ts';
import { EcsApi } from '#simulator/services/ecs-api.ts';
import { EcsCapacityApi } from '#simulator/services/ecs-capacity-api.ts';
import { EcsChanges } from '#simulator/services/ecs-changes.ts';
import { EcsTaskOperations } from '#simulator/services/ecs-task-operations.ts';
import type { ExecAgents } from '#simulator/services/exec-agent.ts';
import { IamApi } from '#simulator/services/iam-api.ts';
import { type KeyStore, KmsApi } from '#simulator/services/kms-api.ts';
import { LogEvents } from '#simulator/services/log-events.ts';
import type { LogGroups } from '#simulator/services/log-groups.ts';
import type { LogStore } from '#simulator/services/log-store.ts';
import { LogsApi } from '#simulator/services/logs-api.ts';
import { RunTask } from '#simulator/services/run-task.ts';
import { ServiceDeploymentsApi } from '#simulator/services/service-deployments-api.ts';
import { SsmApi } from '#simulator/services/ssm-api.ts';
import { stsOperations } from '#simulator/services/sts-api.ts';
import { TrailApi } from '#simulator/services/trail-api.ts';
import { Rollouts } from '#simulator/tasks/rollout.ts';
import type { TaskLife } from '#simulator/tasks/task-life.ts';
import type { ApiInput } from './api-input.ts';
import type { QueryOperation } from './query-input.ts';
import type { RoleStore } from './roles.ts';

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
  /** Starts the programs of the containers that run from the beginning. */
  readonly startContainers: () => void;
}

export interface OperationServices {
  readonly sessions: SessionBook;
  readonly keys: KeyStore;
  readonly groups: LogGroups;
  readonly logs: LogStore;
  readonly life: TaskLife;
  readonly clock: Clock;
  readonly agents: ExecAgents;
  readonly faults: () => Faults;
}

/** The services of a region. */
export function createOperations(
  inventory: Inventory,
  { sessions, keys, groups, logs, life, clock, agents, faults }: OperationServices,
): Operations {
  const definitions = new DefinitionBook(inventory);
  const rollouts = new Rollouts(life);
  const changes = new EcsChanges(inventory, { rollouts, definitions });
  const runTask = new RunTask(inventory, { life, definitions });
  const tasks = new EcsTaskOperations(inventory, { life, rollouts, runTask });
  return {
    json: new Map([
      ...byAction('ecs', new EcsApi(inventory, { sessions, definitions, agents }).operations),
      ...byAction('ecs', changes.operations),
      ...byAction('ecs', tasks.operations),
      ...byAction('ecs', new DefinitionOperations(inventory, { life, definitions }).operations),
      ...byAction('ecs', new ServiceDeploymentsApi(inventory, rollouts).operations),
      ...byAction('ecs', new EcsCapacityApi(inventory).operations),
      ...byAction('ssm', new SsmApi(inventory, sessions, agents).operations),
      ...byAction('kms', new KmsApi(keys, inventory.fleet, faults).operations),
      ...byAction('logs', new LogsApi(inventory, groups).operations),
      ...byAction('logs', new LogEvents({ inventory, groups, store: logs, clock }).operations),
      ...byAction('cloudtrail', new TrailApi(inventory, sessions).operations),
    ]),
    query: new Map(byAction('ec2', new Ec2Api(inventory).operations)),
    startContainers: () => {
      for (const cluster of inventory.fleet.clusters) {
        for (const service of cluster.services) rollouts.adopt(service);
        for (const task of cluster.tasks) {
          if (task.lastStatus === 'RUNNING') life.adopt(task, () => undefined);
        }
      }
    },
  };
}

/** The services that are the same in every region. */
export function globalOperations(fleet: Fleet, roles: RoleStore): Operations['query'] {
  return new Map([
    ...byAction('iam', new IamApi(fleet, roles).operations),
    ...byAction('sts', stsOperations(fleet)),
  ]);
}

function byAction<T>(
  service: string,
  operations: Readonly<Record<string, T>>,
): readonly (readonly [string, T])[] {
  return Object.entries(operations).map(([name, run]) => [`${service}:${name}`, run] as const);
}
