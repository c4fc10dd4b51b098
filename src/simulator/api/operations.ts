import type { Clock } from '#domain/ports/system-ports.ts';
import type { Fleet } from '#simulator/fleet/fleet.ts';
import type { Inventory } from '#simulator/fleet/inventory.ts';
import type { Faults } from '#simulator/gateway/faults.ts';
import type { SessionBook } from '#simulator/gateway/session-book.ts';
import { DefinitionBook } from '#simulator/services/definition-book.ts';
import { DefinitionOperations } from '#simulator/services/definition-operations.ts';
import { Ec2ChangeOperations } from '#simulator/services/ec2-change-operations.ts';
import { Ec2Operations } from '#simulator/services/ec2-operations.ts';
import { EcsCapacityOperations } from '#simulator/services/ecs-capacity-operations.ts';
import { EcsChangeOperations } from '#simulator/services/ecs-change-operations.ts';
import { EcsOperations } from '#simulator/services/ecs-operations.ts';
import { EcsTaskOperations } from '#simulator/services/ecs-task-operations.ts';
import type { ExecAgents } from '#simulator/services/exec-agent.ts';
import { IamOperations } from '#simulator/services/iam-operations.ts';
import { type KeyStore, KmsOperations } from '#simulator/services/kms-operations.ts';
import { LogEventOperations } from '#simulator/services/log-event-operations.ts';
import { LogGroupOperations } from '#simulator/services/log-group-operations.ts';
import type { SimulatedLogGroups } from '#simulator/services/log-groups.ts';
import type { LogStore } from '#simulator/services/log-store.ts';
import { RunTask } from '#simulator/services/run-task.ts';
import { ServiceDeploymentOperations } from '#simulator/services/service-deployment-operations.ts';
import { SsmOperations } from '#simulator/services/ssm-operations.ts';
import { stsOperations } from '#simulator/services/sts-operations.ts';
import { TrailOperations } from '#simulator/services/trail-operations.ts';
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

/** Operations by IAM action, such as `ecs:ListTasks`. */
export interface Operations {
  readonly json: ReadonlyMap<string, JsonOperation>;
  readonly query: ReadonlyMap<string, QueryOperation>;
  /** Starts the programs of the containers that run from the beginning. */
  readonly startContainers: () => void;
}

export interface OperationServices {
  readonly sessions: SessionBook;
  readonly keys: KeyStore;
  readonly groups: SimulatedLogGroups;
  readonly logs: LogStore;
  readonly life: TaskLife;
  readonly clock: Clock;
  readonly agents: ExecAgents;
  readonly faults: () => Faults;
}

/** Creates the services of a region. */
export function createOperations(
  inventory: Inventory,
  { sessions, keys, groups, logs, life, clock, agents, faults }: OperationServices,
): Operations {
  const definitions = new DefinitionBook(inventory);
  const rollouts = new Rollouts(life);
  const changes = new EcsChangeOperations(inventory, { rollouts, definitions });
  const runTask = new RunTask(inventory, { life, definitions });
  const tasks = new EcsTaskOperations(inventory, { life, rollouts, runTask });
  return {
    json: new Map([
      ...byAction(
        'ecs',
        new EcsOperations(inventory, { sessions, definitions, agents }).operations,
      ),
      ...byAction('ecs', changes.operations),
      ...byAction('ecs', tasks.operations),
      ...byAction('ecs', new DefinitionOperations(inventory, { life, definitions }).operations),
      ...byAction('ecs', new ServiceDeploymentOperations(inventory, rollouts).operations),
      ...byAction('ecs', new EcsCapacityOperations(inventory).operations),
      ...byAction('ssm', new SsmOperations(inventory, sessions, agents).operations),
      ...byAction('kms', new KmsOperations(keys, inventory.fleet, faults).operations),
      ...byAction('logs', new LogGroupOperations(inventory, groups).operations),
      ...byAction(
        'logs',
        new LogEventOperations({ inventory, groups, store: logs, clock }).operations,
      ),
      ...byAction('cloudtrail', new TrailOperations(inventory, sessions).operations),
    ]),
    query: new Map([
      ...byAction('ec2', new Ec2Operations(inventory).operations),
      ...byAction('ec2', new Ec2ChangeOperations(inventory).operations),
    ]),
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

/** Creates the services that are the same in every region. */
export function globalOperations(fleet: Fleet, roles: RoleStore): Operations['query'] {
  return new Map([
    ...byAction('iam', new IamOperations(fleet, roles).operations),
    ...byAction('sts', stsOperations(fleet)),
  ]);
}

function byAction<T>(
  service: string,
  operations: Readonly<Record<string, T>>,
): readonly (readonly [string, T])[] {
  return Object.entries(operations).map(([name, run]) => [`${service}:${name}`, run] as const);
}
