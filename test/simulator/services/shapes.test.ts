import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { parseFleet } from '#simulator/fleet/fleet-file.ts';
import { type Simulator, startSimulator } from '#simulator/simulator.ts';
import { callApi, recordsOf, textOf } from '#test/simulator/api/api-call.ts';

const hasBotocore = spawnSync('python3', ['-c', 'import botocore.session']).status === 0;
const KEY = 'arn:aws:kms:us-east-1:123456789012:key/1';
let simulator: Simulator;
/** The responses of the simulator, kept for the comparison. */
const answers: { service: string; operation: string; output: unknown }[] = [];

const PREFIXES: Readonly<Record<string, string>> = {
  ecs: 'AmazonEC2ContainerServiceV20141113',
  logs: 'Logs_20140328',
  ssm: 'AmazonSSM',
  kms: 'TrentService',
  cloudtrail: 'CloudTrail_20131101',
};

beforeAll(async () => {
  const script = 'echo hello; exec sleep 60';
  const definition = {
    command: ['sh', '-c', script],
    healthCheck: { command: ['CMD', 'true'] },
  };
  const containers = [{ name: 'app', ports: { '80': 'http' }, definition }];
  const quick = { taskStartMs: 10, agentStartMs: 10, drainMs: 10 };
  const fleet = parseFleet({
    keys: [{ id: KEY }],
    clusters: [
      {
        name: 'c',
        kmsKeyId: KEY,
        logging: 'OVERRIDE',
        logConfiguration: { cloudWatchLogGroupName: '/exec' },
        managedStorageConfiguration: { kmsKeyId: KEY },
        runTask: quick,
        tags: { team: 'shop' },
        services: [
          {
            name: 'web',
            tags: { team: 'shop' },
            events: ['has started'],
            containers,
            rollout: quick,
          },
          { name: 'ec2', launchType: 'EC2', containers: [{ name: 'app' }] },
          { name: 'spot', capacityProvider: 'FARGATE_SPOT', containers: [{ name: 'app' }] },
        ],
      },
    ],
  });
  simulator = await startSimulator({ fleet, env: process.env });
});

afterAll(() => simulator.stop());

/** Calls an operation and keeps its response for the comparison. */
async function call(service: string, operation: string, input: object = {}) {
  const { status, body } = await callApi(simulator, `${PREFIXES[service]}.${operation}`, input);
  expect({ operation, status, type: body.__type }).toEqual({
    operation,
    status: 200,
    type: undefined,
  });
  answers.push({ service, operation, output: body });
  return body;
}

const ecs = (operation: string, input: object = {}) =>
  call('ecs', operation, { cluster: 'c', ...input });

async function subnetOf(task: string): Promise<string> {
  const { tasks } = await ecs('DescribeTasks', { tasks: [task], include: ['TAGS'] });
  const [attachment] = recordsOf(recordsOf({ tasks }, 'tasks')[0], 'attachments');
  const details = recordsOf(attachment, 'details');
  return textOf(
    details.find(({ name }) => name === 'subnetId'),
    'value',
  );
}

async function callEcs(): Promise<void> {
  await call('ecs', 'ListClusters');
  await call('ecs', 'DescribeClusters', {
    clusters: ['c', 'none'],
    include: ['CONFIGURATIONS', 'TAGS', 'SETTINGS', 'STATISTICS', 'ATTACHMENTS'],
  });
  await ecs('ListServices');
  const described = await ecs('DescribeServices', {
    services: ['web', 'ec2', 'spot', 'none'],
    include: ['TAGS'],
  });
  // EC2 has no platform versions.
  expect(recordsOf(described, 'services').map(({ platformVersion }) => platformVersion)).toEqual([
    '1.4.0',
    undefined,
    '1.4.0',
  ]);
  const { taskArns } = await ecs('ListTasks', { serviceName: 'web' });
  const web = String(Object(taskArns)[0]);
  const networkConfiguration = { awsvpcConfiguration: { subnets: [await subnetOf(web)] } };
  const { taskDefinition } = await call('ecs', 'DescribeTaskDefinition', {
    taskDefinition: 'web',
    include: ['TAGS'],
  });
  expect(taskDefinition).toMatchObject({ family: 'web' });
  const container = { name: 'app', image: 'example.com/app:1', memory: 64 };
  const registered = await call('ecs', 'RegisterTaskDefinition', {
    family: 'made',
    networkMode: 'awsvpc',
    containerDefinitions: [container],
    tags: [{ key: 'a', value: 'b' }],
  });
  const made = textOf(registered.taskDefinition, 'taskDefinitionArn');
  const { tasks } = await ecs('RunTask', {
    taskDefinition: made,
    networkConfiguration,
    propagateTags: 'TASK_DEFINITION',
    overrides: { containerOverrides: [{ name: 'app', command: ['sh', '-c', 'exit 3'] }] },
  });
  const task = textOf(recordsOf({ tasks }, 'tasks')[0], 'taskArn');
  await vi.waitFor(
    async () => {
      const { body } = await callApi(simulator, `${PREFIXES.ecs}.DescribeTasks`, {
        cluster: 'c',
        tasks: [task],
      });
      expect(recordsOf(body, 'tasks')[0]?.lastStatus).toBe('STOPPED');
    },
    { timeout: 10_000 },
  );
  await ecs('DescribeTasks', { tasks: [task, 'f'.repeat(32)], include: ['TAGS'] });
  await call('ecs', 'TagResource', { resourceArn: task, tags: [{ key: 'c', value: 'd' }] });
  await call('ecs', 'ListTagsForResource', { resourceArn: task });
  await call('ecs', 'UntagResource', { resourceArn: task, tagKeys: ['c'] });
  await call('ecs', 'ListTaskDefinitions');
  await call('ecs', 'ListTaskDefinitionFamilies');
  await call('ecs', 'DeregisterTaskDefinition', { taskDefinition: made });
  await ecs('UpdateTaskProtection', { tasks: [web], protectionEnabled: true });
  await ecs('GetTaskProtection', { tasks: [web, task] });
  await ecs('ExecuteCommand', { task: web, command: 'sh', interactive: true });
  await callSessions();
  await ecs('StopTask', { task: web });
  await ecs('UpdateService', { service: 'web', forceNewDeployment: true });
  const { serviceDeployments } = await ecs('ListServiceDeployments', { service: 'web' });
  await call('ecs', 'DescribeServiceDeployments', {
    serviceDeploymentArns: recordsOf({ serviceDeployments }, 'serviceDeployments').map(
      ({ serviceDeploymentArn }) => serviceDeploymentArn,
    ),
  });
}

/** A session ends when its task stops. */
async function callSessions(): Promise<void> {
  const { Sessions } = await call('ssm', 'DescribeSessions', { State: 'Active' });
  const SessionId = textOf(recordsOf({ Sessions }, 'Sessions')[0], 'SessionId');
  await call('ssm', 'ResumeSession', { SessionId });
  await call('ssm', 'TerminateSession', { SessionId });
  await call('ssm', 'DescribeSessions', { State: 'History' });
}

async function callOthers(): Promise<void> {
  const logGroupName = '/ecs/c/web';
  const { logStreams } = await call('logs', 'DescribeLogStreams', { logGroupName });
  const logStreamName = textOf(recordsOf({ logStreams }, 'logStreams')[0], 'logStreamName');
  await call('logs', 'DescribeLogGroups');
  await call('logs', 'FilterLogEvents', { logGroupName });
  await call('logs', 'GetLogEvents', { logGroupName, logStreamName });
  await call('kms', 'DescribeKey', { KeyId: KEY });
  await call('kms', 'GenerateDataKey', { KeyId: KEY, NumberOfBytes: 64 });
  await call('cloudtrail', 'LookupEvents');
}

it.skipIf(!hasBotocore)(
  'responses match the shapes of botocore’s models',
  async () => {
    await callEcs();
    await callOthers();
    const { stdout, stderr } = spawnSync('python3', ['test/helpers/botocore_shapes.py'], {
      input: JSON.stringify(answers),
      encoding: 'utf8',
    });
    expect({ problems: stdout.split('\n').filter((line) => line !== ''), stderr }).toEqual({
      problems: [],
      stderr: '',
    });
  },
  60_000,
);
