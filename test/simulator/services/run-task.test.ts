import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { parseFleet } from '#simulator/fleet/fleet-file.ts';
import { type Simulator, startSimulator } from '#simulator/simulator.ts';
import { callApi, recordsOf, textOf } from '#test/simulator/api/api-call.ts';

const QUICK = { taskStartMs: 20, agentStartMs: 20, drainMs: 10 };
const LOG = '/ecs/prod/job';
const NEEDLESS =
  'Network Configuration is not valid for the given networkMode of this task definition.';
let simulator: Simulator;
let subnet: string;

beforeAll(async () => {
  const containers = [{ name: 'app', env: { STAGE: 'prod' } }];
  const task = (family: string, more: object = {}) => ({ family, containers, ...more });
  const runTask = (outcome: string, more: object = {}) => ({ outcome, ...QUICK, ...more });
  const fleet = parseFleet({
    roles: [{ name: 'other', allow: ['*'] }],
    caller: { statements: [{ Effect: 'Allow', Action: '*', Resource: '*' }, DENY_OTHER] },
    logGroups: [{ name: '/gone', exists: false }],
    clusters: [
      {
        name: 'prod',
        runTask: QUICK,
        tasks: [
          task('job'),
          task('bridged', { taskDefinition: { networkMode: 'bridge' } }),
          task('no-sh', { containers: [{ name: 'app', path: '/nothing' }] }),
          task('logless', {
            containers: [{ name: 'app', definition: { logConfiguration: logTo('/gone') } }],
          }),
          task('fragile', { containers: SIDECARS }),
        ],
        services: [
          { name: 'web', count: 2, containers: [{ name: 'app' }], rollout: QUICK },
          { name: 'full', containers, runTask: runTask('unplaceable') },
          { name: 'full-ec2', containers, launchType: 'EC2', runTask: runTask('unplaceable') },
          { name: 'no-image', containers, runTask: runTask('start-failure') },
          { name: 'oom', containers, runTask: runTask('crash', { exitCode: 137 }) },
          { name: 'mute', containers, runTask: runTask('agent-pending') },
        ],
      },
    ],
  });
  simulator = await startSimulator({ fleet, env: process.env });
  const { body } = await ecs('DescribeTasks', { tasks: [await newestTask('web')] });
  const [attachment] = recordsOf(recordsOf(body, 'tasks')[0], 'attachments');
  subnet = textOf(
    recordsOf(attachment, 'details').find(({ name }) => name === 'subnetId'),
    'value',
  );
});

afterAll(() => simulator.stop());

const OTHER_ROLE = 'arn:aws:iam::123456789012:role/other';
const DENY_OTHER = { Effect: 'Deny', Action: 'iam:PassRole', Resource: OTHER_ROLE };
const SIDECARS = [
  { name: 'init', essential: false, definition: { command: ['sh', '-c', 'echo ready; exit 3'] } },
  {
    name: 'app',
    definition: {
      command: ['sleep', '60'],
      dependsOn: [{ containerName: 'init', condition: 'SUCCESS' }],
    },
  },
];

function logTo(group: string) {
  const options = { 'awslogs-group': group, 'awslogs-stream-prefix': 'ecs' };
  return { logDriver: 'awslogs', options };
}

function ecs(operation: string, input: object = {}) {
  return callApi(simulator, `AmazonEC2ContainerServiceV20141113.${operation}`, {
    cluster: 'prod',
    ...input,
  });
}

async function newestTask(serviceName: string): Promise<string> {
  const { body } = await ecs('ListTasks', { serviceName });
  return String(Object(body.taskArns)[0]);
}

const override = (command: readonly string[], more: object = {}) => ({
  containerOverrides: [{ name: 'app', command, ...more }],
});

function runTask(input: object) {
  const networkConfiguration = { awsvpcConfiguration: { subnets: [subnet] } };
  return ecs('RunTask', { taskDefinition: 'job', networkConfiguration, ...input });
}

/** Runs a task and returns its ARN. */
async function launch(input: object): Promise<string> {
  const { body } = await runTask(input);
  return textOf(recordsOf(body, 'tasks')[0], 'taskArn');
}

async function describeTask(arn: string): Promise<Record<string, unknown>> {
  const { body } = await ecs('DescribeTasks', { tasks: [arn], include: ['TAGS'] });
  const [task] = recordsOf(body, 'tasks');
  if (task === undefined) throw new Error(`no task ${arn}`);
  return task;
}

/** Returns the task once it is in that state. */
function until(arn: string, lastStatus: string): Promise<Record<string, unknown>> {
  return vi.waitFor(
    async () => {
      const task = await describeTask(arn);
      expect(task.lastStatus).toBe(lastStatus);
      return task;
    },
    { timeout: 10_000, interval: 20 },
  );
}

async function logOf(arn: string, group = LOG): Promise<string[]> {
  const logStreamNames = [`ecs/app/${arn.split('/').at(-1)}`];
  const { body } = await callApi(simulator, 'Logs_20140328.FilterLogEvents', {
    logGroupName: group,
    logStreamNames,
  });
  return recordsOf(body, 'events').map((event) => textOf(event, 'message'));
}

describe('a task started by RunTask', () => {
  it('runs its command, logs its output, and stops with its exit code', async () => {
    const script = 'echo "out $STAGE $EXTRA"; echo err >&2; printf tail; exit 7';
    const environment = [{ name: 'EXTRA', value: 'more' }];
    const arn = await launch({ overrides: override(['sh', '-c', script], { environment }) });
    const task = await until(arn, 'STOPPED');
    expect(task).toMatchObject({
      desiredStatus: 'STOPPED',
      stopCode: 'EssentialContainerExited',
      stoppedReason: 'Essential container in task exited',
      overrides: override(['sh', '-c', script], { environment }),
      containers: [{ name: 'app', lastStatus: 'STOPPED', exitCode: 7 }],
      createdAt: expect.any(Number),
      pullStartedAt: expect.any(Number),
      pullStoppedAt: expect.any(Number),
      startedAt: expect.any(Number),
      stoppingAt: expect.any(Number),
      executionStoppedAt: expect.any(Number),
      stoppedAt: expect.any(Number),
    });
    expect((await logOf(arn)).sort()).toEqual(['err', 'out prod more', 'tail']);
  });

  it('has the requested tags, startedBy, size and roles', async () => {
    const { body } = await runTask({
      overrides: { ...override(['true']), cpu: '512', memory: '1024', taskRoleArn: 'arn:role' },
      startedBy: 'ecsh-run',
      group: 'mine',
      enableECSManagedTags: true,
      tags: [{ key: 'ecsh:run', value: '1' }],
    });
    expect(body).toMatchObject({
      failures: [],
      tasks: [
        {
          lastStatus: 'PROVISIONING',
          cpu: '512',
          memory: '1024',
          startedBy: 'ecsh-run',
          group: 'mine',
          tags: [
            { key: 'aws:ecs:clusterName', value: 'prod' },
            { key: 'ecsh:run', value: '1' },
          ],
        },
      ],
    });
    const listed = await ecs('ListTasks', { startedBy: 'ecsh-run', desiredStatus: 'RUNNING' });
    expect(listed.body.taskArns).toEqual([textOf(recordsOf(body, 'tasks')[0], 'taskArn')]);
  });

  it('ends on the SIGTERM of StopTask, with the given reason', async () => {
    const script = 'trap "echo bye; exit 5" TERM; echo up; while :; do sleep 0.05; done';
    const arn = await launch({ overrides: override(['sh', '-c', script]) });
    await until(arn, 'RUNNING');
    await vi.waitFor(async () => expect(await logOf(arn)).toEqual(['up']));
    const { body } = await ecs('StopTask', { task: arn, reason: 'enough' });
    expect(body.task).toMatchObject({ desiredStatus: 'STOPPED', lastStatus: 'DEACTIVATING' });
    expect(await until(arn, 'STOPPED')).toMatchObject({
      stopCode: 'UserInitiated',
      stoppedReason: 'enough',
      containers: [{ exitCode: 5 }],
    });
    expect(await logOf(arn)).toEqual(['up', 'bye']);
  });

  it('accepts ExecuteCommand while it runs, and can be one of several', async () => {
    const { body } = await runTask({
      count: 2,
      enableExecuteCommand: true,
      overrides: override(['sleep', '60']),
    });
    const arns = recordsOf(body, 'tasks').map((task) => textOf(task, 'taskArn'));
    expect(new Set(arns).size).toBe(2);
    await vi.waitFor(async () => {
      const answer = await ecs('ExecuteCommand', {
        task: arns[0],
        command: 'true',
        interactive: true,
      });
      expect(answer.status).toBe(200);
    });
    for (const task of arns) await ecs('StopTask', { task });
    for (const arn of arns) await until(arn, 'STOPPED');
  });

  it.each([
    ['no-image', 'TaskFailedToStart', /^CannotPullContainerError: /, undefined],
    ['oom', 'EssentialContainerExited', /^Essential container/, 137],
  ])('from %s stops with the reason', async (taskDefinition, stopCode, reason, exitCode) => {
    const arn = await launch({ taskDefinition });
    const task = await until(arn, 'STOPPED');
    expect(task.stopCode).toBe(stopCode);
    expect(task.stoppedReason).toMatch(reason);
    expect(recordsOf(task, 'containers')[0]?.exitCode).toBe(exitCode);
  });

  it('fails to start a program that its image lacks', async () => {
    const arn = await launch({
      taskDefinition: 'no-sh',
      overrides: override(['sh', '-c', 'true']),
    });
    expect(await until(arn, 'STOPPED')).toMatchObject({
      stopCode: 'TaskFailedToStart',
      stoppedReason: expect.stringMatching(
        /^CannotStartContainerError: .*exec: "sh": executable file not found in \$PATH/,
      ),
    });
  });

  it('fails to start if its log group is missing', async () => {
    const arn = await launch({ taskDefinition: 'logless', overrides: override(['true']) });
    expect(await until(arn, 'STOPPED')).toMatchObject({
      stopCode: 'TaskFailedToStart',
      stoppedReason: expect.stringContaining('The specified log group does not exist.'),
    });
  });

  it('fails to start if a container that another one depends on fails', async () => {
    const arn = await launch({ taskDefinition: 'fragile' });
    expect(await until(arn, 'STOPPED')).toMatchObject({
      stopCode: 'TaskFailedToStart',
      stoppedReason: 'app depends on a container that failed.',
      containers: [{ name: 'init', exitCode: 3 }, { name: 'app' }],
    });
  });

  it('can wait for its agent forever', async () => {
    const arn = await launch({ taskDefinition: 'mute', enableExecuteCommand: true });
    const task = await until(arn, 'RUNNING');
    expect(recordsOf(task, 'containers')[0]?.managedAgents).toEqual([
      { name: 'ExecuteCommandAgent', lastStatus: 'PENDING' },
    ]);
  });
});

describe('RunTask without capacity', () => {
  it.each([
    [
      'full',
      {
        reason:
          'Capacity is unavailable at this time. Please try again later or in a different availability zone',
      },
    ],
    [
      'full-ec2',
      { reason: 'RESOURCE:MEMORY', arn: expect.stringContaining('container-instance/') },
    ],
  ])('fails for %s', async (taskDefinition, failure) => {
    expect(await runTask({ taskDefinition })).toEqual({
      status: 200,
      body: { tasks: [], failures: [failure] },
    });
  });
});

describe('RunTask rejects', () => {
  it.each<[object, string]>([
    [{ count: 11 }, 'Count must be between 1 and 10.'],
    [{ taskDefinition: 'bridged' }, NEEDLESS],
    [
      { overrides: { containerOverrides: [{ name: 'db' }] } },
      'Override for container named db is not a container in the TaskDefinition.',
    ],
    [
      { overrides: override(['x'.repeat(8192)]) },
      'Container Overrides length must be at most 8192',
    ],
    [{ tags: [{ key: 'aws:x', value: '' }] }, 'Tag keys must not start with "aws:".'],
    [{ startedBy: 'a b' }, 'Invalid startedBy value.'],
    [
      { networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-0'] } } },
      "The subnet ID 'subnet-0' does not exist",
    ],
  ])('%j', async (input, message) => {
    expect(await runTask(input)).toEqual({
      status: 400,
      body: { __type: 'InvalidParameterException', message },
    });
  });

  it('a role that the caller lacks permission to pass', async () => {
    const { body } = await runTask({ overrides: { taskRoleArn: OTHER_ROLE } });
    expect(body).toEqual({
      __type: 'AccessDeniedException',
      message: `User: arn:aws:iam::123456789012:user/simulator is not authorized to perform: iam:PassRole on resource: ${OTHER_ROLE} with an explicit deny in an identity-based policy`,
    });
  });
});

describe('a task definition', () => {
  const container = { name: 'app', image: 'example.com/app:1', memory: 64 };

  it('can be registered with tags, run, and deregistered, and then no longer runs', async () => {
    const registered = await ecs('RegisterTaskDefinition', {
      family: 'made',
      networkMode: 'awsvpc',
      executionRoleArn: 'arn:aws:iam::123456789012:role/prod-execution',
      containerDefinitions: [
        { ...container, command: ['sh', '-c', 'echo made'], logConfiguration: logTo('/made') },
      ],
      tags: [{ key: 'ecsh:run', value: 'yes' }],
    });
    expect(registered.body).toMatchObject({
      taskDefinition: { family: 'made', revision: 1, status: 'ACTIVE' },
      tags: [{ key: 'ecsh:run', value: 'yes' }],
    });
    const taskDefinition = textOf(registered.body.taskDefinition, 'taskDefinitionArn');
    const arn = await launch({ taskDefinition, propagateTags: 'TASK_DEFINITION' });
    const task = await until(arn, 'STOPPED');
    expect(task).toMatchObject({
      tags: [{ key: 'ecsh:run', value: 'yes' }],
      containers: [{ exitCode: 0 }],
    });
    expect(await logOf(arn, '/made')).toEqual(['made']);
    const gone = await ecs('DeregisterTaskDefinition', { taskDefinition });
    expect(gone.body.taskDefinition).toMatchObject({
      status: 'INACTIVE',
      deregisteredAt: expect.any(Number),
    });
    expect((await runTask({ taskDefinition })).body.message).toBe('TaskDefinition is inactive');
    expect((await ecs('ListTaskDefinitions', { familyPrefix: 'made' })).body).toEqual({
      taskDefinitionArns: [],
    });
    const next = await ecs('RegisterTaskDefinition', {
      family: 'made',
      containerDefinitions: [container],
    });
    expect(next.body.taskDefinition).toMatchObject({ revision: 2 });
  });
});

describe('a service task', () => {
  it('is replaced after it is stopped', async () => {
    const before = await newestTask('web');
    await ecs('StopTask', { task: before });
    await vi.waitFor(
      async () => {
        const { body } = await ecs('DescribeServices', { services: ['web'] });
        expect(recordsOf(body, 'services')[0]).toMatchObject({ runningCount: 2, desiredCount: 2 });
        expect((await ecs('ListTasks', { serviceName: 'web' })).body.taskArns).not.toContain(
          before,
        );
      },
      { timeout: 10_000, interval: 50 },
    );
  });

  it('can be protected from scale-in for some time', async () => {
    const { body } = await ecs('ListTasks', { serviceName: 'web' });
    const arns = Object(body.taskArns);
    const protectedArn = String(arns[1]);
    const before = Date.now() / 1000;
    const answer = await ecs('UpdateTaskProtection', {
      tasks: [protectedArn, 'f'.repeat(32)],
      protectionEnabled: true,
      expiresInMinutes: 10,
    });
    expect(answer.body).toEqual({
      protectedTasks: [
        { taskArn: protectedArn, protectionEnabled: true, expirationDate: expect.any(Number) },
      ],
      failures: [{ arn: 'f'.repeat(32), reason: 'MISSING' }],
    });
    const [first] = recordsOf(answer.body, 'protectedTasks');
    expect(Number(first?.expirationDate)).toBeGreaterThanOrEqual(before + 600);
    await ecs('UpdateService', { service: 'web', desiredCount: 0 });
    const kept = () => ecs('ListTasks', { serviceName: 'web' });
    await vi.waitFor(async () => expect((await kept()).body.taskArns).toEqual([protectedArn]));
    expect((await ecs('GetTaskProtection', { tasks: [protectedArn] })).body).toMatchObject({
      protectedTasks: [{ protectionEnabled: true }],
    });
    await ecs('UpdateTaskProtection', { tasks: [protectedArn], protectionEnabled: false });
    await vi.waitFor(async () => expect((await kept()).body.taskArns).toEqual([]));
  });
});
