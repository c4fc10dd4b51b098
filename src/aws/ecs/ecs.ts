import {
  DescribeClustersCommand,
  DescribeServicesCommand,
  DescribeTaskDefinitionCommand,
  DescribeTasksCommand,
  ExecuteCommandCommand,
  ListClustersCommand,
  ListServicesCommand,
  ListTaskDefinitionFamiliesCommand,
  ListTasksCommand,
  type TaskField,
} from '@aws-sdk/client-ecs';
import type { AwsConfig } from '#aws/call/config.ts';
import { allPages } from '#aws/call/pages.ts';
import type {
  AwsPlace,
  ContainerDefinition,
  EcsApi,
  ExecConfiguration,
  ExecuteCommandRequest,
  ServiceState,
  TaskQuery,
  ThenDescribe,
} from '#domain/ports/ecs-ports.ts';
import type { ExecSession } from '#domain/ports/session-ports.ts';
import type { Task } from '#domain/resolve/task.ts';
import { toSession, toTask } from './ecs-answer.ts';
import { connectEcs, type EcsConnection } from './ecs-connection.ts';
import { TaskDescriptions } from './task-descriptions.ts';

/** The maximum for ListTasks, ListServices and DescribeTasks at once (ECS API). */
const BATCH = 100;

/** `EcsApi` over the AWS SDK. Nothing is looked up or sent before the first call. */
export function createEcs(config: AwsConfig, connection = connectEcs(config)): EcsApi {
  return new SdkEcs(connection);
}

class SdkEcs implements EcsApi {
  readonly #connection: EcsConnection;
  readonly #descriptions = new TaskDescriptions();

  constructor(connection: EcsConnection) {
    this.#connection = connection;
  }

  place(): Promise<AwsPlace> {
    return this.#connection.place();
  }

  listClusters(): Promise<readonly string[]> {
    return this.#connection.call('ListClusters', {}, () =>
      allPages(async (nextToken) => {
        const command = new ListClustersCommand({ nextToken, maxResults: BATCH });
        const answer = await this.#connection.client.send(command);
        return { items: answer.clusterArns, nextToken: answer.nextToken };
      }),
    );
  }

  listServices(cluster: string): Promise<readonly string[]> {
    return this.#connection.call('ListServices', { cluster }, () =>
      allPages(async (nextToken) => {
        const command = new ListServicesCommand({ cluster, nextToken, maxResults: BATCH });
        const answer = await this.#connection.client.send(command);
        return { items: answer.serviceArns, nextToken: answer.nextToken };
      }),
    );
  }

  listFamilies(familyPrefix: string): Promise<readonly string[]> {
    return this.#connection.call('ListTaskDefinitionFamilies', {}, () =>
      allPages(async (nextToken) => {
        const command = new ListTaskDefinitionFamiliesCommand({
          familyPrefix,
          status: 'ACTIVE',
          nextToken,
          maxResults: BATCH,
        });
        const answer = await this.#connection.client.send(command);
        return { items: answer.families, nextToken: answer.nextToken };
      }),
    );
  }

  listTasks(query: TaskQuery): Promise<readonly string[]> {
    const { cluster, service, family, startedBy, desiredStatus, thenDescribe } = query;
    return this.#connection.call('ListTasks', { cluster, service }, () =>
      allPages(async (nextToken) => {
        thenDescribe?.abort?.throwIfAborted();
        const command = new ListTasksCommand({
          cluster,
          serviceName: service,
          family,
          startedBy,
          desiredStatus,
          nextToken,
          maxResults: BATCH,
        });
        const answer = await this.#connection.client.send(command);
        if (thenDescribe !== undefined) {
          const isOnly = nextToken === undefined && (answer.nextToken ?? '') === '';
          this.#beginDescribing(cluster, answer.taskArns ?? [], thenDescribe, isOnly);
        }
        return { items: answer.taskArns, nextToken: answer.nextToken };
      }),
    );
  }

  #beginDescribing(
    cluster: string,
    arns: readonly string[],
    { tags, onPage }: ThenDescribe,
    isOnly: boolean,
  ): void {
    const key = descriptionKey(cluster, tags);
    this.#descriptions.begin(key, arns, this.#describe(cluster, tags), ({ tasks }) => {
      if (!isOnly) onPage?.((tasks ?? []).flatMap(toTask));
    });
  }

  async describeTasks(
    cluster: string,
    tasks: readonly string[],
    { tags } = { tags: false },
  ): Promise<readonly Task[]> {
    const key = descriptionKey(cluster, tags);
    const answers = await this.#descriptions.answers(key, tasks, this.#describe(cluster, tags));
    return answers.flatMap((answer) => (answer.tasks ?? []).flatMap(toTask));
  }

  async describeServiceState(cluster: string, service: string): Promise<ServiceState | undefined> {
    const command = new DescribeServicesCommand({ cluster, services: [service] });
    const { services } = await this.#connection.call('DescribeServices', { cluster, service }, () =>
      this.#connection.client.send(command),
    );
    const [found] = services ?? [];
    if (found === undefined) return undefined;
    const { desiredCount = 0, pendingCount = 0, events } = found;
    // Newest first (ECS API, Service).
    return { desiredCount, pendingCount, lastEvent: events?.[0]?.message };
  }

  async describeContainerDefinitions(arn: string): Promise<readonly ContainerDefinition[]> {
    const { taskDefinition } = await this.#connection.call('DescribeTaskDefinition', {}, () =>
      this.#connection.client.send(new DescribeTaskDefinitionCommand({ taskDefinition: arn })),
    );
    return (taskDefinition?.containerDefinitions ?? []).flatMap(({ name, essential }) =>
      // Absent means essential (ECS API, ContainerDefinition).
      name === undefined ? [] : [{ name, essential: essential ?? true }],
    );
  }

  describeExecConfiguration(name: string): Promise<ExecConfiguration> {
    return this.#connection.call('DescribeClusters', { cluster: name }, async () => {
      const command = new DescribeClustersCommand({
        clusters: [name],
        include: ['CONFIGURATIONS'],
      });
      const { clusters } = await this.#connection.client.send(command);
      const cluster = clusters?.[0];
      if (cluster === undefined) return { isUnknown: true };
      const { logging, kmsKeyId } = cluster.configuration?.executeCommandConfiguration ?? {};
      return { logging, kmsKeyId };
    });
  }

  async executeCommand(request: ExecuteCommandRequest): Promise<ExecSession> {
    const { cluster, task, container, command, service, taskStartedAt } = request;
    const taskAge = taskStartedAt === undefined ? undefined : Date.now() - taskStartedAt.getTime();
    // ECS refuses anything except interactive (PROTOCOL 1.2).
    const input = { cluster, task, container, command, interactive: true };
    const answer = await this.#connection.call(
      'ExecuteCommand',
      { cluster, task, service, taskAge },
      // The process starts before anyone connects (PROTOCOL O-4): a retry after a lost answer would
      // run the command twice.
      () => this.#connection.onceClient.send(new ExecuteCommandCommand(input)),
    );
    return toSession(answer.session);
  }

  #describe(cluster: string, tags: boolean) {
    const include: TaskField[] = tags ? ['TAGS'] : [];
    return (batch: readonly string[]) => {
      const command = new DescribeTasksCommand({ cluster, tasks: [...batch], include });
      return this.#connection.call('DescribeTasks', { cluster, task: batch[0] }, () =>
        this.#connection.client.send(command),
      );
    };
  }
}

function descriptionKey(cluster: string, tags: boolean): string {
  return `${cluster} ${tags}`;
}
