import { setTimeout as sleep } from 'node:timers/promises';
import {
  DescribeClustersCommand,
  DescribeTaskDefinitionCommand,
  DescribeTasksCommand,
  ECSClient,
  ExecuteCommandCommand,
  ListClustersCommand,
  ListServicesCommand,
  ListTasksCommand,
  type TaskField,
} from '@aws-sdk/client-ecs';
import { EcshError } from '../domain/errors.ts';
import type { FailureContext } from '../domain/failure-rule.ts';
import type {
  ContainerDefinition,
  EcsApi,
  ExecConfiguration,
  ExecSession,
  ExecuteCommandRequest,
  Task,
  TaskQuery,
} from '../domain/ports.ts';
import { type AwsConfig, clientSettings, flagsOf } from './config.ts';
import { toSession, toTask } from './ecs-answer.ts';
import { explained } from './failure.ts';
import { type AwsIdentity, createIdentity } from './identity.ts';
import { allPages } from './pages.ts';

/** The most that ListTasks, ListServices and DescribeTasks take at once (ECS API). */
const BATCH = 100;

/** Waits before another ExecuteCommand that was refused for its rate, in milliseconds, half of it random. */
const THROTTLE_DELAYS = [500, 1_500, 4_000];

/** `EcsApi` over the AWS SDK. Nothing is looked up or sent before the first call. */
export function createEcs(config: AwsConfig, identity = createIdentity(config)): EcsApi {
  return new SdkEcs(config, identity);
}

class SdkEcs implements EcsApi {
  readonly #config: AwsConfig;
  readonly #identity: AwsIdentity;
  readonly #client: ECSClient;
  readonly #onceClient: ECSClient;

  constructor(config: AwsConfig, identity: AwsIdentity) {
    this.#config = config;
    this.#identity = identity;
    const settings = {
      ...clientSettings(config),
      region: identity.region,
      credentials: identity.credentials,
    };
    this.#client = new ECSClient(settings);
    // ExecuteCommand starts a process before anyone connects (PROTOCOL O-4). A retry after a lost
    // answer would run the command twice, so this client sends once, on the same connections.
    this.#onceClient = new ECSClient({
      ...settings,
      requestHandler: this.#client.config.requestHandler,
      maxAttempts: 1,
    });
  }

  listClusters(): Promise<readonly string[]> {
    return this.#call('ListClusters', {}, () =>
      allPages(async (nextToken) => {
        const command = new ListClustersCommand({ nextToken, maxResults: BATCH });
        const answer = await this.#client.send(command);
        return { items: answer.clusterArns, nextToken: answer.nextToken };
      }),
    );
  }

  listServices(cluster: string): Promise<readonly string[]> {
    return this.#call('ListServices', { cluster }, () =>
      allPages(async (nextToken) => {
        const command = new ListServicesCommand({ cluster, nextToken, maxResults: BATCH });
        const answer = await this.#client.send(command);
        return { items: answer.serviceArns, nextToken: answer.nextToken };
      }),
    );
  }

  listTasks({ cluster, service, family }: TaskQuery): Promise<readonly string[]> {
    return this.#call('ListTasks', { cluster, service }, () =>
      allPages(async (nextToken) => {
        const command = new ListTasksCommand({
          cluster,
          serviceName: service,
          family,
          nextToken,
          maxResults: BATCH,
        });
        const answer = await this.#client.send(command);
        return { items: answer.taskArns, nextToken: answer.nextToken };
      }),
    );
  }

  async describeTasks(
    cluster: string,
    tasks: readonly string[],
    { tags } = { tags: false },
  ): Promise<readonly Task[]> {
    const include: TaskField[] = tags ? ['TAGS'] : [];
    const answers = await Promise.all(
      batches(tasks).map((batch) =>
        this.#call('DescribeTasks', { cluster, task: batch[0] }, () =>
          this.#client.send(new DescribeTasksCommand({ cluster, tasks: [...batch], include })),
        ),
      ),
    );
    return answers.flatMap((answer) => (answer.tasks ?? []).flatMap(toTask));
  }

  async describeContainerDefinitions(arn: string): Promise<readonly ContainerDefinition[]> {
    const { taskDefinition } = await this.#call('DescribeTaskDefinition', {}, () =>
      this.#client.send(new DescribeTaskDefinitionCommand({ taskDefinition: arn })),
    );
    return (taskDefinition?.containerDefinitions ?? []).flatMap(({ name, essential }) =>
      // Absent means essential (ECS API, ContainerDefinition).
      name === undefined ? [] : [{ name, essential: essential ?? true }],
    );
  }

  describeExecConfiguration(cluster: string): Promise<ExecConfiguration> {
    return this.#call('DescribeClusters', { cluster }, async () => {
      const command = new DescribeClustersCommand({
        clusters: [cluster],
        include: ['CONFIGURATIONS'],
      });
      const { clusters } = await this.#client.send(command);
      const { logging, kmsKeyId } = clusters?.[0]?.configuration?.executeCommandConfiguration ?? {};
      return { logging, kmsKeyId };
    });
  }

  async executeCommand(request: ExecuteCommandRequest): Promise<ExecSession> {
    const { cluster, task, container, command, service, taskStartedAt } = request;
    const taskAge = taskStartedAt === undefined ? undefined : Date.now() - taskStartedAt.getTime();
    // Anything but interactive is refused (PROTOCOL 1.2).
    const input = { cluster, task, container, command, interactive: true };
    const answer = await patient(() =>
      this.#call('ExecuteCommand', { cluster, task, service, taskAge }, () =>
        this.#onceClient.send(new ExecuteCommandCommand(input)),
      ),
    );
    return toSession(answer.session);
  }

  #call<T>(operation: string, request: FailureContext, send: () => Promise<T>): Promise<T> {
    const context = async () => ({
      ...request,
      // Known by now, unless it is what failed.
      region: await this.#identity.region().catch(() => this.#config.region),
      endpoint: this.#config.endpointUrl,
      flags: flagsOf(this.#config),
    });
    return explained(operation, context, send);
  }
}

/** A request refused for its rate has not been carried out: the one failure that is safe to repeat. */
async function patient<T>(attempt: () => Promise<T>): Promise<T> {
  for (const delay of THROTTLE_DELAYS) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof EcshError) || error.code !== 'throttled') throw error;
      await sleep(delay * (0.5 + Math.random() / 2));
    }
  }
  return attempt();
}

function batches(items: readonly string[]): readonly (readonly string[])[] {
  const count = Math.ceil(items.length / BATCH);
  return Array.from({ length: count }, (_, index) =>
    items.slice(index * BATCH, (index + 1) * BATCH),
  );
}
