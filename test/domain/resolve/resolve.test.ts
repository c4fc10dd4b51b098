import { describe, expect, it } from 'vitest';
import { resolveContainerTarget } from '#domain/resolve/resolve.ts';
import { type FakeFleet, fakeEcs } from '#test/fakes/fake-ecs.ts';
import { RUNNING_AGENT, sampleContainer, sampleTask, taskArn } from '#test/fakes/sample-task.ts';

const ID_A = 'aaaa0000000000000000000000000001';
const ID_B = 'aaab0000000000000000000000000002';
const ID_C = 'cccc0000000000000000000000000003';
const at = (minute: number) => new Date(Date.UTC(2026, 2, 1, 14, minute));
const idOf = (arn: string) => arn.split('/').at(-1);
const noAgent = [sampleContainer('app', { managedAgents: [] })];

describe('a task id or ARN', () => {
  it.each([
    ['full id', `prod/${ID_A}`],
    ['task:id', `prod/task:${ID_A}`],
    ['ARN', taskArn(ID_A)],
    ['ARN with container', `${taskArn(ID_A)}@app`],
  ])('%s takes one call', async (_, target) => {
    const ecs = fakeEcs({ clusters: { prod: [sampleTask(ID_A)] } });
    const found = await resolveContainerTarget(ecs, { target });
    expect(found).toMatchObject({ cluster: 'prod', container: { name: 'app' }, notices: [] });
    expect(idOf(found.task.taskArn)).toBe(ID_A);
    expect(ecs.calls).toEqual(['describeTasks prod 1']);
  });

  it('has the target string of the agent, from the answer of ECS (PROTOCOL O-5)', async () => {
    const ecs = fakeEcs({ clusters: { prod: [sampleTask(ID_A)] } });
    const cluster = 'arn:aws:ecs:us-east-1:123456789012:cluster/prod';
    const found = await resolveContainerTarget(ecs, { target: ID_A, cluster });
    expect(found.targetId).toBe(`ecs:prod_${ID_A}_runtime-of-app`);
    expect(ecs.calls).toEqual([`describeTasks ${cluster} 1`]);
  });

  it('has no target string before the container has a runtime id', async () => {
    const containers = [sampleContainer('app', { runtimeId: undefined })];
    const ecs = fakeEcs({ clusters: { prod: [sampleTask(ID_A, { containers })] } });
    expect((await resolveContainerTarget(ecs, { target: taskArn(ID_A) })).targetId).toBeUndefined();
  });

  it('is reported as missing', async () => {
    const ecs = fakeEcs({ clusters: { prod: [] } });
    const flags = { profile: 'ops' };
    await expect(
      resolveContainerTarget(ecs, { target: `prod/${ID_A}`, flags }),
    ).rejects.toMatchObject({
      code: 'task-not-found',
      message: `Cluster prod has no task ${ID_A}. ECS forgets a stopped task after about an hour.`,
      hint: 'Check cluster, --region and --profile, or list the tasks:  ecsh ls tasks prod --profile ops',
    });
  });
});

describe('the prefix of a task id', () => {
  const fleet = { clusters: { prod: [sampleTask(ID_A), sampleTask(ID_B), sampleTask(ID_C)] } };

  it('is tried after a service of that name', async () => {
    const ecs = fakeEcs(fleet);
    const found = await resolveContainerTarget(ecs, { target: 'prod/cc' });
    expect(idOf(found.task.taskArn)).toBe(ID_C);
    expect(ecs.calls).toEqual(['listTasks prod cc', 'listTasks prod ', 'describeTasks prod 1']);
  });

  it('is not tried if there is such a service', async () => {
    const tasks = [sampleTask(ID_A, { group: 'service:cc' }), sampleTask(ID_C)];
    const ecs = fakeEcs({ clusters: { prod: tasks }, services: ['cc'] });
    const found = await resolveContainerTarget(ecs, { target: 'prod/cc' });
    expect(idOf(found.task.taskArn)).toBe(ID_A);
  });

  it.each(['prod/aaa', 'prod/task:aaa'])('%s is ambiguous', async (target) => {
    await expect(resolveContainerTarget(fakeEcs(fleet), { target })).rejects.toMatchObject({
      code: 'target-ambiguous',
      message: 'Several tasks start with "aaa".',
      hint: `Give more of the id: ${ID_A}, ${ID_B}`,
    });
  });

  it('task: lists no services and finds no task', async () => {
    const ecs = fakeEcs(fleet);
    const found = resolveContainerTarget(ecs, { target: 'prod/task:dd' });
    await expect(found).rejects.toMatchObject({ code: 'task-not-found' });
    expect(ecs.calls).toEqual(['listTasks prod ']);
  });
});

describe('a service', () => {
  it('with one running task needs no notice', async () => {
    const ecs = fakeEcs({ clusters: { prod: [sampleTask(ID_A)] }, services: ['web'] });
    const found = await resolveContainerTarget(ecs, { target: 'prod/web' });
    expect(found.notices).toEqual([]);
    expect(ecs.calls).toEqual(['listTasks prod web', 'describeTasks prod 1']);
  });

  it('resolves to its newest running task, and says so', async () => {
    const tasks = [
      sampleTask(ID_A, { startedAt: at(10) }),
      sampleTask(ID_B, { startedAt: at(30) }),
      sampleTask(ID_C, { startedAt: at(20) }),
    ];
    const ecs = fakeEcs({ clusters: { prod: tasks }, services: ['web'] });
    const found = await resolveContainerTarget(ecs, { target: 'prod/web' });
    expect(idOf(found.task.taskArn)).toBe(ID_B);
    expect(found.notices).toEqual([
      `Task ${ID_B.slice(0, 12)}, newest of 3 running tasks of service web.`,
    ]);
  });

  it.each([
    ['without an exec agent', { containers: noAgent }],
    ['that ECS has asked to stop', { desiredStatus: 'STOPPED' }],
  ])('skips a newer task %s', async (_, changes) => {
    const tasks = [
      sampleTask(ID_A, { startedAt: at(10) }),
      sampleTask(ID_B, { startedAt: at(30), ...changes }),
    ];
    const ecs = fakeEcs({ clusters: { prod: tasks }, services: ['web'] });
    const found = await resolveContainerTarget(ecs, { target: 'prod/web' });
    expect(idOf(found.task.taskArn)).toBe(ID_A);
    expect(found.notices).toEqual([
      `Task ${ID_A.slice(0, 12)}, newest of 1 with a running exec agent, among 2 running tasks of service web.`,
    ]);
  });

  it('skips a task that is still starting', async () => {
    const starting = sampleTask(ID_B, { lastStatus: 'PENDING', startedAt: undefined });
    const tasks = [starting, sampleTask(ID_A)];
    const ecs = fakeEcs({ clusters: { prod: tasks }, services: ['web'] });
    const found = await resolveContainerTarget(ecs, { target: 'prod/web' });
    expect(idOf(found.task.taskArn)).toBe(ID_A);
    expect(found.notices).toEqual([]);
  });

  it('checks the agent in the named container', async () => {
    const log = (running: boolean) =>
      sampleContainer('log', { managedAgents: running ? [RUNNING_AGENT] : [] });
    const tasks = [
      sampleTask(ID_A, { startedAt: at(10), containers: [sampleContainer('app'), log(true)] }),
      sampleTask(ID_B, { startedAt: at(30), containers: [sampleContainer('app'), log(false)] }),
    ];
    const ecs = fakeEcs({ clusters: { prod: tasks }, services: ['web'] });
    const found = await resolveContainerTarget(ecs, { target: 'prod/web', container: 'log' });
    expect(idOf(found.task.taskArn)).toBe(ID_A);
  });

  it('resolves to a task that is not ready if there is no other, so that its reason can be reported', async () => {
    const tasks = [
      sampleTask(ID_A, { containers: noAgent }),
      sampleTask(ID_B, { containers: noAgent }),
    ];
    const ecs = fakeEcs({ clusters: { prod: tasks }, services: ['web'] });
    const found = await resolveContainerTarget(ecs, { target: 'prod/web' });
    expect(found.notices).toEqual([
      `Task ${ID_A.slice(0, 12)}, newest of 2 running tasks of service web; none has a running exec agent.`,
    ]);
  });

  it('with several tasks is refused with --strict', async () => {
    const ecs = fakeEcs({
      clusters: { prod: [sampleTask(ID_A), sampleTask(ID_B)] },
      services: ['web'],
    });
    const found = resolveContainerTarget(ecs, { target: 'prod/web', strict: true });
    await expect(found).rejects.toMatchObject({
      code: 'target-ambiguous',
      message: '2 tasks of service web are running.',
      hint: `Name one of them, or leave out --strict: ${ID_A}, ${ID_B}`,
    });
  });

  it.each<readonly [string, Partial<FakeFleet>, string, boolean]>([
    [
      'the desired count, and the last event of ECS',
      { state: { desiredCount: 2, pendingCount: 1, lastEvent: 'It was unable to place a task.' } },
      ' (2 desired, 1 pending). ECS says: It was unable to place a task.',
      true,
    ],
    [
      'that the desired count is 0, and is not retryable',
      { state: { desiredCount: 0, pendingCount: 0 } },
      ' (0 desired).',
      false,
    ],
    [
      'nothing more if the caller lacks permission',
      { denied: ['describeServiceState'] },
      '.',
      true,
    ],
  ])('without a running task reports %s', async (_, fleet, end, retryable) => {
    const ecs = fakeEcs({ clusters: { prod: [] }, services: ['web'], ...fleet });
    await expect(resolveContainerTarget(ecs, { target: 'prod/web' })).rejects.toMatchObject({
      code: 'no-running-task',
      message: `Service web in cluster prod has no running task${end}`,
      hint: 'See why the last ones stopped:  ecsh ls tasks prod --service web --status stopped --wide',
      retryable,
    });
  });

  it.each(['prod/wbe', 'prod/service:wbe'])(
    '%s is not found, and a similar name is suggested',
    async (target) => {
      const ecs = fakeEcs({ clusters: { prod: [] }, services: ['web', 'worker'] });
      await expect(resolveContainerTarget(ecs, { target })).rejects.toMatchObject({
        code: 'service-not-found',
        message: 'Cluster prod has no service "wbe".',
        hint: 'Did you mean web? List its services:  ecsh ls services prod',
      });
    },
  );

  it.each([
    ['prod', '"prod" is a cluster: name a service or task in it, as prod/NAME.'],
    ['web', 'For another cluster, type CLUSTER/web.'],
  ])('%s is not found in the default cluster', async (target, hint) => {
    const ecs = fakeEcs({ clusters: { default: [], prod: [] } });
    await expect(resolveContainerTarget(ecs, { target })).rejects.toMatchObject({
      code: 'service-not-found',
      message: `Cluster default has no service "${target}".`,
      hint: `${hint} List its services:  ecsh ls services default`,
    });
  });

  it('is not found, even if the caller lacks permission to list services', async () => {
    const ecs = fakeEcs({ clusters: { prod: [] }, services: ['web'], denied: ['listServices'] });
    await expect(resolveContainerTarget(ecs, { target: 'prod/wbe' })).rejects.toMatchObject({
      code: 'service-not-found',
      hint: 'List its services:  ecsh ls services prod',
    });
  });
});

it('a family resolves to its newest running task', async () => {
  const family = { group: 'family:site' };
  const tasks = [sampleTask(ID_A, { ...family, startedAt: at(1) }), sampleTask(ID_B, family)];
  const ecs = fakeEcs({ clusters: { prod: tasks } });
  const found = await resolveContainerTarget(ecs, { target: 'prod/family:site' });
  expect(idOf(found.task.taskArn)).toBe(ID_B);
  expect(ecs.calls).toEqual(['listTasks prod site', 'describeTasks prod 2']);
});

describe('a cluster', () => {
  it('in the target wins over --cluster', async () => {
    const ecs = fakeEcs({ clusters: { prod: [sampleTask(ID_A)] } });
    const found = await resolveContainerTarget(ecs, { target: `prod/${ID_A}`, cluster: 'staging' });
    expect(found.cluster).toBe('prod');
  });

  it('that does not exist has similar names in its hint', async () => {
    const ecs = fakeEcs({ clusters: { prod: [], staging: [] } });
    await expect(resolveContainerTarget(ecs, { target: 'prd/web' })).rejects.toMatchObject({
      code: 'cluster-not-found',
      message: 'There is no cluster "prd" in us-east-1.',
      hint: 'Did you mean prod? List the clusters of this account and region:  ecsh ls clusters',
    });
  });

  it('that does not exist is reported with its profile', async () => {
    const ecs = {
      ...fakeEcs({ clusters: {} }),
      place: async () => ({ region: 'eu-west-1', profile: 'dev' }),
    };
    await expect(resolveContainerTarget(ecs, { target: 'prd/web' })).rejects.toMatchObject({
      message: 'There is no cluster "prd" in eu-west-1 (profile dev).',
    });
  });

  it('is "default" if none was named, and the message says so', async () => {
    const ecs = fakeEcs({ clusters: { prod: [], staging: [] } });
    await expect(resolveContainerTarget(ecs, { target: 'web' })).rejects.toMatchObject({
      code: 'cluster-not-found',
      message: 'No cluster was named, and there is no cluster "default" in us-east-1.',
      hint: 'Name it as CLUSTER/NAME or with --cluster. There are: prod, staging. List the clusters of this account and region:  ecsh ls clusters',
    });
    expect(ecs.calls).toEqual([
      'listTasks default web',
      'listClusters',
      'listServices prod',
      'listServices staging',
    ]);
  });

  it('that does not exist is reported even if the caller lacks permission to list clusters', async () => {
    const ecs = fakeEcs({ clusters: {}, denied: ['listClusters'] });
    await expect(resolveContainerTarget(ecs, { target: 'prd/web' })).rejects.toMatchObject({
      code: 'cluster-not-found',
      hint: 'Is it in another --region, or of another --profile? List the clusters of this account and region:  ecsh ls clusters',
    });
  });
});

it('passes on other failures of the API', async () => {
  const ecs = fakeEcs({ clusters: { prod: [] }, services: ['web'], denied: ['listTasks'] });
  await expect(resolveContainerTarget(ecs, { target: 'prod/web' })).rejects.toMatchObject({
    code: 'access-denied',
  });
});
