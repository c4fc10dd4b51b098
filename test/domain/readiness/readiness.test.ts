import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  assertReady,
  checkTask,
  isReady,
  isWorthWaiting,
  primaryCause,
} from '#domain/readiness/readiness.ts';
import type { ResolvedTarget } from '#domain/resolve/resolve.ts';
import { targetIdOf } from '#domain/resolve/resolve.ts';
import type { Task } from '#domain/resolve/task.ts';
import {
  readFixture,
  sampleContainer,
  sampleTask,
  taskOfFixture,
} from '#test/fakes/sample-task.ts';

/** The checks of DescribeTasks, in the order of the report. */
const TIER_A = [
  'task-exists',
  'task-status',
  'task-stopping',
  'launch-type',
  'exec-enabled',
  'container-selection',
  'managed-sidecars',
  'container-running',
  'container-runtime-id',
  'exec-agent-present',
  'exec-agent-status',
  'exec-agent-restarted',
  'task-connectivity',
  'fargate-platform-version',
  'async-placement',
  'container-health',
];

interface Expected {
  readonly target: string | null;
  readonly ready: boolean;
  readonly checks: Readonly<Record<string, string>>;
}

const folders = readdirSync(new URL('../../fixtures', import.meta.url)).filter((folder) =>
  readdirSync(new URL(`../../fixtures/${folder}`, import.meta.url)).includes('describe-tasks.json'),
);
const expectedOf = (folder: string) => readFixture(`${folder}/expected.json`) as Expected;
const statuses = (task: Task | undefined, containerName?: string) =>
  Object.fromEntries(
    checkTask({ task, cluster: 'prod', containerName }).map(({ id, status }) => [id, status]),
  );
const resolved = (task: Task, name = 'app'): ResolvedTarget => {
  const container = task.containers.find((candidate) => candidate.name === name);
  if (container === undefined) throw new Error(`No container ${name}.`);
  const targetId = targetIdOf(task, container);
  return { task, container, cluster: 'prod', notices: ['Using task 1.'], targetId };
};
const ready = (task: Task) => () => assertReady(resolved(task));

describe('checkTask', () => {
  it('runs the checks of the table in its order', () => {
    const results = checkTask({ task: sampleTask('a1'), cluster: 'prod' });
    expect(results.map(({ id }) => id)).toEqual(TIER_A);
    expect(isReady(results)).toBe(true);
  });

  it.each(folders)('finds in %s what the fixture expects', (folder) => {
    const { target, checks, ready } = expectedOf(folder);
    const task = taskOfFixture(folder);
    const found = statuses(task, target ?? undefined);
    const wanted = Object.entries(checks).filter(([id]) => TIER_A.includes(id));
    expect(found).toMatchObject(Object.fromEntries(wanted));
    // DescribeTasks shows every reason of these fixtures.
    expect(isReady(checkTask({ task, cluster: 'prod' }))).toBe(ready);
  });

  it('skips everything for a missing task', () => {
    const [first, ...rest] = checkTask({
      task: undefined,
      taskId: 'dead',
      cluster: 'prod',
      region: 'us-east-1',
      account: '123456789012',
    });
    expect(first).toMatchObject({
      status: 'fail',
      message:
        'Task dead was not found in cluster prod (us-east-1, account 123456789012). ECS forgets a stopped task after about an hour.',
      fix: { command: 'ecsh ls tasks prod' },
    });
    expect(new Set(rest.map(({ status }) => status))).toEqual(new Set(['skip']));
  });

  it.each<[string, Partial<Task>, Record<string, string>]>([
    ['a task that is being stopped', { desiredStatus: 'STOPPED' }, { 'task-stopping': 'warn' }],
    ['lost contact', { connectivity: 'DISCONNECTED' }, { 'task-connectivity': 'warn' }],
    ['an external instance', { launchType: 'EXTERNAL' }, { 'launch-type': 'info' }],
    [
      'a capacity provider instead of a launch type',
      { launchType: undefined, capacityProviderName: 'FARGATE_SPOT', platformVersion: '1.3.0' },
      { 'launch-type': 'pass', 'fargate-platform-version': 'info' },
    ],
    [
      'Windows on Fargate 1.0.0',
      { platformFamily: 'Windows_Server_2022_Core', platformVersion: '1.0.0' },
      { 'fargate-platform-version': 'pass' },
    ],
    [
      'EC2',
      { launchType: 'EC2', platformVersion: undefined },
      { 'fargate-platform-version': 'skip' },
    ],
    [
      'run-task through a capacity provider, with an agent',
      {
        launchType: 'EC2',
        group: 'family:x',
        capacityProviderName: 'asg',
        containerInstanceArn: 'i',
      },
      { 'async-placement': 'warn' },
    ],
    [
      'managed instances',
      {
        launchType: 'MANAGED_INSTANCES',
        group: 'family:x',
        capacityProviderName: 'mi',
        containerInstanceArn: 'i',
      },
      { 'async-placement': 'skip' },
    ],
    [
      'an unhealthy container',
      { containers: [sampleContainer('app', { healthStatus: 'UNHEALTHY' })] },
      { 'container-health': 'info' },
    ],
  ])('comments on %s', (_, changes, expected) => {
    expect(statuses(sampleTask('a1', changes))).toMatchObject(expected);
  });

  it('warns about a sidecar of AWS that the user named', () => {
    const names = ['app', 'ecs-service-connect-x'];
    const task = sampleTask('a1', { containers: names.map((name) => sampleContainer(name)) });
    expect(statuses(task, 'app')).toMatchObject({ 'managed-sidecars': 'info' });
    expect(statuses(task, 'ecs-service-connect-x')).toMatchObject({ 'managed-sidecars': 'warn' });
  });

  it('fails if no container can be chosen, and skips the checks that depend on it', () => {
    const task = sampleTask('a1', {
      containers: ['one', 'two'].map((name) => sampleContainer(name)),
    });
    expect(statuses(task)).toMatchObject({
      'container-selection': 'fail',
      'container-running': 'skip',
      'exec-agent-status': 'skip',
    });
  });

  it.each([
    [['one', 'ecs-service-connect-x', 'two'], 'Task a1 has several containers: one, two.'],
    [
      ['ecs-service-connect-x', 'aws-guardduty-agent-y'],
      'Task a1 has several containers: ecs-service-connect-x, aws-guardduty-agent-y.',
    ],
  ])('suggests the containers of the user in %j, if there are any', (names, message) => {
    const task = sampleTask('a1', { containers: names.map((name) => sampleContainer(name)) });
    const results = checkTask({ task, cluster: 'prod' });
    expect(results.find(({ id }) => id === 'container-selection')).toMatchObject({ message });
  });
});

describe('assertReady', () => {
  it('returns a ready target, with warnings in its notices', () => {
    const task = sampleTask('a1', { desiredStatus: 'STOPPED', stopCode: 'SpotInterruption' });
    expect(assertReady(resolved(task))).toMatchObject({
      targetId: 'ecs:prod_a1_runtime-of-app',
      notices: [
        'Using task 1.',
        'ECS has asked this task to stop (SpotInterruption); a session may be cut at any moment.',
      ],
    });
  });

  it.each<[string, string, string, string]>([
    [
      'fargate-not-enabled',
      'exec-disabled',
      'ECS Exec was off when task 1a2b3c4d5e6f708192a3b4c5d6e7f801 was launched, and a running task cannot be changed.',
      'Turn it on and replace the tasks:  ecsh enable prod/web',
    ],
    [
      'fargate-old-platform',
      'fargate-platform-too-old',
      'Fargate platform 1.3.0 is too old; ECS Exec needs 1.4.0.',
      'Move it to the latest:  aws ecs update-service --cluster prod --service web --platform-version LATEST --force-new-deployment',
    ],
    [
      'fargate-agent-stopped-readonly',
      'exec-agent-not-running',
      'The exec agent of container app is STOPPED (ExecuteCommandAgent process exited with exit code: 1). It ran and exited. Possible causes: a read-only root file system, too little memory, all capabilities dropped or another SSM agent in the image.',
      'Make the root file system writable (readonlyRootFilesystem: false), raise the memory, drop fewer capabilities or remove the SSM agent from the image, then replace the task:  ecsh restart prod/web',
    ],
    [
      'task-stopped',
      'task-not-running',
      'Task 92a3b4c5d6e7f8010203040506070809 is STOPPED; ECS Exec needs RUNNING. Stopped because: EssentialContainerExited: Essential container in task exited. Container app (exit 137: OutOfMemoryError: Container killed due to memory usage).',
      'Choose a running task:  ecsh ls prod/web',
    ],
  ])('explains %s as %s', (folder, code, message, hint) => {
    const task = taskOfFixture(folder);
    if (task === undefined) throw new Error('The fixture has a task.');
    expect(ready(task)).toThrow(expect.objectContaining({ code, message, hint, retryable: false }));
  });

  it('explains a missing agent by the placement of the task', () => {
    const task = taskOfFixture('ec2-async-placement');
    if (task === undefined) throw new Error('The fixture has a task.');
    expect(() => assertReady(resolved(task, 'job'))).toThrow(
      expect.objectContaining({
        code: 'exec-agent-missing',
        message:
          'Started with run-task through capacity provider asg-cp. If managed scaling placed it before an instance was there, ECS Exec cannot work.',
      }),
    );
  });

  it('reports a starting task as retryable', () => {
    const task = taskOfFixture('fargate-agent-pending');
    if (task === undefined) throw new Error('The fixture has a task.');
    expect(ready(task)).toThrow(
      expect.objectContaining({ code: 'task-not-running', retryable: true }),
    );
  });

  it('reports a health check that delays a starting task, and where to look', () => {
    const containers = [
      sampleContainer('app', { lastStatus: 'PENDING' }),
      sampleContainer('db', { healthStatus: 'UNHEALTHY' }),
    ];
    expect(ready(sampleTask('a1', { lastStatus: 'PENDING', containers }))).toThrow(
      expect.objectContaining({
        code: 'task-not-running',
        message:
          'Task a1 is PENDING; ECS Exec needs RUNNING. Container db fails its health check, and app waits for it (dependsOn).',
        hint: 'Find out why db is not healthy:  ecsh logs prod/a1@db',
        retryable: true,
      }),
    );
  });

  it('does not wait for a starting task without ECS Exec', () => {
    const task = sampleTask('a1', { lastStatus: 'PENDING', enableExecuteCommand: false });
    expect(ready(task)).toThrow(
      expect.objectContaining({ code: 'exec-disabled', retryable: false }),
    );
  });

  it.each<[string, string, boolean, Partial<Task>]>([
    ['a pending agent', 'exec-agent-not-running', true, { containers: [agent('PENDING')] }],
    [
      'an agent without a reason, beside a running one',
      'exec-agent-not-running',
      false,
      { containers: [agent('STOPPED'), sampleContainer('other')] },
    ],
    [
      'no agent',
      'exec-agent-missing',
      false,
      { containers: [sampleContainer('app', { managedAgents: [] })] },
    ],
    [
      'a stopped container',
      'container-not-running',
      false,
      { containers: [sampleContainer('app', { lastStatus: 'STOPPED', exitCode: 1 })] },
    ],
    [
      'a container without a runtime id',
      'container-not-running',
      true,
      { containers: [sampleContainer('app', { runtimeId: undefined })] },
    ],
  ])('refuses %s', (_, code, retryable, changes) => {
    expect(ready(sampleTask('a1', changes))).toThrow(expect.objectContaining({ code, retryable }));
  });

  it('repeats the flags of the call in its commands', () => {
    const task = sampleTask('a1', { enableExecuteCommand: false });
    const flags = { profile: 'my ops', region: 'eu-west-1' };
    expect(() => assertReady(resolved(task), flags)).toThrow(
      expect.objectContaining({
        hint: expect.stringMatching(/ecsh enable prod\/web --profile 'my ops' --region eu-west-1$/),
      }),
    );
  });
});

describe('isWorthWaiting', () => {
  it.each<[string, boolean, Task | undefined]>([
    ['a ready task', false, sampleTask('a1')],
    ['a missing task', false, undefined],
    ['a starting task', true, sampleTask('a1', { lastStatus: 'ACTIVATING' })],
    ['a stopping task', false, sampleTask('a1', { lastStatus: 'DEACTIVATING' })],
  ])('of %s is %s', (_, expected, task) => {
    const results = checkTask({ task, cluster: 'prod' });
    expect(isWorthWaiting(results)).toBe(expected);
    expect(primaryCause(results) === undefined).toBe(isReady(results));
  });
});

function agent(lastStatus: string) {
  return sampleContainer('app', { managedAgents: [{ name: 'ExecuteCommandAgent', lastStatus }] });
}
