import { EcshError } from '#domain/errors/errors.ts';
import type { ContainerDefinition, EcsApi, ServiceState } from '#domain/ports/ecs-ports.ts';
import { nameInArn } from '#domain/resolve/arn.ts';
import type { Task } from '#domain/resolve/task.ts';
import { clusterArn, serviceArn } from './sample-task.ts';

export interface FakeFleet {
  /** The tasks by cluster name. */
  readonly clusters: Readonly<Record<string, readonly Task[]>>;
  /** Services of every cluster; they need not include the groups of the tasks. */
  readonly services?: readonly string[];
  /** The state of every service. */
  readonly state?: ServiceState;
  /** Task definition families in use. */
  readonly families?: readonly string[];
  readonly definitions?: readonly ContainerDefinition[];
  /** Calls for which the caller lacks permission. */
  readonly denied?: readonly (keyof EcsApi)[];
}

export interface FakeEcs extends EcsApi {
  /** One line for each call. */
  readonly calls: readonly string[];
}

/** An ECS with the answers and refusals of the real one, as far as resolving needs them. */
export function fakeEcs(fleet: FakeFleet): FakeEcs {
  const calls: string[] = [];
  const record = (method: keyof EcsApi, ...details: readonly string[]) => {
    calls.push([method, ...details].join(' '));
    if (fleet.denied?.includes(method)) throw new EcshError('access-denied', `No ${method}.`);
  };
  const tasksIn = (cluster: string) => {
    const tasks = fleet.clusters[nameInArn(cluster)];
    if (tasks === undefined) throw new EcshError('cluster-not-found', 'Cluster not found.');
    return tasks;
  };
  return {
    calls,
    place: async () => ({ region: 'us-east-1' }),
    async listClusters() {
      record('listClusters');
      return Object.keys(fleet.clusters).map(clusterArn);
    },
    async listServices(cluster) {
      record('listServices', cluster);
      tasksIn(cluster);
      return (fleet.services ?? []).map((name) => serviceArn(name, cluster));
    },
    async listFamilies(prefix) {
      record('listFamilies', prefix);
      return (fleet.families ?? []).filter((name) => name.startsWith(prefix));
    },
    async listTasks({ cluster, service, family, desiredStatus = 'RUNNING' }) {
      record('listTasks', cluster, service ?? family ?? '');
      const tasks = tasksIn(cluster);
      if (service !== undefined && fleet.services?.includes(service) !== true) {
        throw new EcshError('service-not-found', 'Service not found.');
      }
      return tasks
        .filter(({ group }) => service === undefined || group === `service:${service}`)
        .filter(({ group }) => family === undefined || group === `family:${family}`)
        .filter(({ lastStatus }) => (lastStatus === 'STOPPED') === (desiredStatus === 'STOPPED'))
        .map((task) => task.taskArn);
    },
    async describeTasks(cluster, wanted, { tags } = { tags: false }) {
      record('describeTasks', cluster, `${wanted.length}`, ...(tags ? ['tags'] : []));
      const ids = wanted.map(nameInArn);
      return tasksIn(cluster).filter((task) => ids.includes(nameInArn(task.taskArn)));
    },
    async describeServiceState(cluster, service) {
      record('describeServiceState', cluster, service);
      return fleet.state;
    },
    async describeContainerDefinitions(arn) {
      record('describeContainerDefinitions', nameInArn(arn));
      return fleet.definitions ?? [];
    },
    async describeExecConfiguration(cluster) {
      record('describeExecConfiguration', cluster);
      return {};
    },
    async executeCommand() {
      throw new Error('Resolving a target starts nothing.');
    },
  };
}
