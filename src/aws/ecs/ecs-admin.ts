import {
  DeregisterTaskDefinitionCommand,
  DescribeServiceDeploymentsCommand,
  DescribeTasksCommand,
  ListServiceDeploymentsCommand,
  ListTasksCommand,
  RunTaskCommand,
  StopTaskCommand,
  UpdateClusterCommand,
  UpdateServiceCommand,
} from '@aws-sdk/client-ecs';
import { allPages } from '#aws/call/pages.ts';
import type {
  EcsAdminApi,
  RunTaskAnswer,
  RunTaskRequest,
  ServiceChange,
  ServiceDeployment,
} from '#domain/ports/ecs-admin-ports.ts';
import type { ServiceDetails } from '#domain/ports/ecs-responses.ts';
import { toTask } from './ecs-answer.ts';
import type { EcsConnection } from './ecs-connection.ts';
import { findDaemon } from './ecs-daemons.ts';
import { draftRevision } from './ecs-revision.ts';
import { sendWhole } from './whole-configuration.ts';

/** `EcsAdminApi` over the AWS SDK. */
export function createEcsAdmin(connection: EcsConnection): EcsAdminApi {
  const { client, call } = connection;
  return {
    findDaemon: (cluster, name) => findDaemon(connection, cluster, name),
    draftRevision: (taskDefinition) => draftRevision(connection, taskDefinition),
    async deregisterRevision(arn) {
      const command = new DeregisterTaskDefinitionCommand({ taskDefinition: arn });
      await call('DeregisterTaskDefinition', {}, () => client.send(command));
    },
    updateService: (change) => updateService(connection, change),
    latestServiceDeployment: (cluster, service) =>
      latestServiceDeployment(connection, cluster, service),
    listStoppedTasks: (cluster, service) => listStoppedTasks(connection, cluster, service),
    async taskOverrides(cluster, task) {
      const { tasks } = await call('DescribeTasks', { cluster, task }, () =>
        client.send(new DescribeTasksCommand({ cluster, tasks: [task] })),
      );
      return tasks?.[0]?.overrides ?? {};
    },
    runTask: (request) => runTask(connection, request),
    async stopTask(cluster, task, reason) {
      const command = new StopTaskCommand({ cluster, task, reason });
      await call('StopTask', { cluster, task }, () => client.send(command));
    },
    async updateCluster(cluster, configuration) {
      const command = new UpdateClusterCommand({ cluster });
      sendWhole(command, configuration);
      await call('UpdateCluster', { cluster }, () => client.send(command));
    },
  };
}

async function updateService(
  { onceClient, call }: EcsConnection,
  change: ServiceChange,
): Promise<ServiceDetails> {
  const { cluster, service } = change;
  const answer = await call('UpdateService', { cluster, service }, () =>
    onceClient.send(new UpdateServiceCommand(change)),
  );
  return answer.service ?? {};
}

async function latestServiceDeployment(
  { client, call }: EcsConnection,
  cluster: string,
  service: string,
): Promise<ServiceDeployment | undefined> {
  const list = await call('ListServiceDeployments', { cluster, service }, () =>
    // UNVERIFIED: that the newest comes first; compare createdAt of a service with several.
    client.send(new ListServiceDeploymentsCommand({ cluster, service, maxResults: 1 })),
  );
  const arn = list.serviceDeployments?.[0]?.serviceDeploymentArn;
  if (arn === undefined) return undefined;
  const answer = await call('DescribeServiceDeployments', { cluster, service }, () =>
    client.send(new DescribeServiceDeploymentsCommand({ serviceDeploymentArns: [arn] })),
  );
  return answer.serviceDeployments?.[0];
}

/** The maximum for ListTasks at once (ECS API). */
const BATCH = 100;

function listStoppedTasks(
  { client, call }: EcsConnection,
  cluster: string,
  service: string,
): Promise<readonly string[]> {
  const query = { cluster, serviceName: service, desiredStatus: 'STOPPED' } as const;
  return call('ListTasks', { cluster, service }, () =>
    allPages(async (nextToken) => {
      const command = new ListTasksCommand({ ...query, nextToken, maxResults: BATCH });
      const answer = await client.send(command);
      return { items: answer.taskArns, nextToken: answer.nextToken };
    }),
  );
}

async function runTask(
  { client, call }: EcsConnection,
  request: RunTaskRequest,
): Promise<RunTaskAnswer> {
  const { tasks = [], failures = [] } = await call('RunTask', { cluster: request.cluster }, () =>
    client.send(new RunTaskCommand(request)),
  );
  return { tasks: tasks.flatMap(toTask), failures };
}
