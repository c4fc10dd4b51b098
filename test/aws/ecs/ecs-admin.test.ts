import { expect, it } from 'vitest';
import { createEcsAdmin } from '#aws/ecs/ecs-admin.ts';
import { connectEcs } from '#aws/ecs/ecs-connection.ts';
import type { RunTaskRequest } from '#domain/ports/ecs-admin-ports.ts';
import { isolateAws, TEST_KEYS } from '#test/aws/environment.ts';
import { type FakeAnswer, type FakeRequest, failure, startFakeAws } from '#test/fakes/fake-aws.ts';

const aws = isolateAws();
const arn = (kind: string, path: string) => `arn:aws:ecs:us-east-1:123456789012:${kind}/${path}`;
const CHANGE = {
  cluster: 'prod',
  service: 'web',
  enableExecuteCommand: true,
  forceNewDeployment: true,
};

async function start(answer: (request: FakeRequest, count: number) => FakeAnswer | 'drop') {
  aws.set(TEST_KEYS);
  const fake = await startFakeAws(answer);
  return {
    fake,
    admin: createEcsAdmin(connectEcs({ region: 'us-east-1', endpointUrl: fake.url })),
  };
}

it('sends only the flag with UpdateService', async () => {
  const { fake, admin } = await start(() => ({ body: { service: { serviceName: 'web' } } }));
  expect(await admin.updateService(CHANGE)).toEqual({ serviceName: 'web' });
  expect(fake.requests.map(({ operation, input }) => ({ operation, input }))).toEqual([
    { operation: 'UpdateService', input: CHANGE },
  ]);
});

it('never retries UpdateService after a lost answer: the deployment may have begun', async () => {
  const { fake, admin } = await start(() => 'drop');
  await expect(admin.updateService(CHANGE)).rejects.toMatchObject({ code: 'endpoint-unreachable' });
  expect(fake.requests).toHaveLength(1);
});

it('describes the newest service deployment', async () => {
  const newest = { serviceDeploymentArn: arn('service-deployment', 'x'), status: 'IN_PROGRESS' };
  const { fake, admin } = await start(() => ({ body: { serviceDeployments: [newest] } }));
  expect(await admin.latestServiceDeployment('prod', 'web')).toEqual(newest);
  expect(fake.requests.map(({ operation, input }) => ({ operation, input }))).toEqual([
    {
      operation: 'ListServiceDeployments',
      input: { cluster: 'prod', service: 'web', maxResults: 1 },
    },
    {
      operation: 'DescribeServiceDeployments',
      input: { serviceDeploymentArns: [newest.serviceDeploymentArn] },
    },
  ]);
});

it('returns undefined if ECS lists no service deployment', async () => {
  const { fake, admin } = await start(() => ({ body: { serviceDeployments: [] } }));
  expect(await admin.latestServiceDeployment('prod', 'web')).toBeUndefined();
  expect(fake.requests).toHaveLength(1);
});

it('lists every page of the stopped tasks', async () => {
  const { fake, admin } = await start((_, count) => ({
    body: count === 1 ? { taskArns: ['a'], nextToken: 'second' } : { taskArns: ['b'] },
  }));
  expect(await admin.listStoppedTasks('prod', 'web')).toEqual(['a', 'b']);
  expect(fake.requests[0]?.input).toMatchObject({ desiredStatus: 'STOPPED', serviceName: 'web' });
});

it('returns the overrides of a task in the form that RunTask takes', async () => {
  const overrides = { containerOverrides: [{ name: 'app', command: ['sleep', '9'] }], cpu: '256' };
  const { admin } = await start(() => ({ body: { tasks: [{ overrides }] } }));
  expect(await admin.taskOverrides('prod', 'a')).toEqual(overrides);
});

it('returns the tasks that RunTask started, and the failures', async () => {
  const request: RunTaskRequest = {
    cluster: 'prod',
    taskDefinition: 'app:42',
    launchType: 'FARGATE',
    enableExecuteCommand: true,
    startedBy: 'ecsh',
    clientToken: 'token',
  };
  const failures = [{ arn: arn('container-instance', 'x'), reason: 'RESOURCE:MEMORY' }];
  const task = { taskArn: arn('task', 'prod/a'), clusterArn: arn('cluster', 'prod') };
  const { fake, admin } = await start(() => ({ body: { tasks: [task], failures } }));
  const answer = await admin.runTask(request);
  expect(answer.failures).toEqual(failures);
  expect(answer.tasks.map(({ taskArn }) => taskArn)).toEqual([task.taskArn]);
  expect(fake.requests[0]?.input).toEqual(request);
});

it('sends the whole configuration of a cluster, including fields unknown to the SDK', async () => {
  const configuration = {
    executeCommandConfiguration: {
      kmsKeyId: 'key',
      logging: 'OVERRIDE',
      logConfiguration: { cloudWatchLogGroupName: '/exec' },
    },
    managedStorageConfiguration: { kmsKeyId: 'other' },
    unknownToTheSdk: { of: ['a later API'] },
  };
  const { fake, admin } = await start(() => ({ body: { cluster: {} } }));
  await admin.updateCluster('prod', configuration);
  expect(fake.requests[0]?.input).toEqual({ cluster: 'prod', configuration });
});

it.each([
  [
    'The service couldn’t be updated because a valid taskRoleArn is not being used. Specify a valid task role in your task definition and try again.',
    'task-role-missing',
  ],
  [
    'Cannot force a new deployment on services with a CODE_DEPLOY deployment controller. Use AWS CodeDeploy to trigger a new deployment.',
    'controller-code-deploy',
  ],
])('explains the refusal "%s"', async (message, code) => {
  const { admin } = await start(() => failure('InvalidParameterException', message));
  await expect(admin.updateService(CHANGE)).rejects.toMatchObject({ code });
});
