import { describe, expect, it } from 'vitest';
import { EcshError } from '#domain/errors/errors.ts';
import type { ServiceDeployment } from '#domain/ports/ecs-admin-ports.ts';
import type { ServiceDetails } from '#domain/ports/ecs-responses.ts';
import type { Task } from '#domain/resolve/task.ts';
import type { WaitFor } from '#rollout/rollout.ts';
import { eventsBefore } from '#rollout/rollout-events.ts';
import { type RolloutEnd, watchRollout } from '#rollout/rollout-watch.ts';
import { ManualClock } from '#test/fakes/manual-clock.ts';
import { sampleContainer, sampleTask } from '#test/fakes/sample-task.ts';

const ID = 'ecs-svc/2';
const READY = sampleTask('a'.repeat(32), { startedBy: ID });
const PENDING = sampleTask('b'.repeat(32), {
  startedBy: ID,
  lastStatus: 'PENDING',
  containers: [],
});

function service(changes: Partial<ServiceDetails> = {}, rolloutState = 'IN_PROGRESS') {
  return {
    serviceName: 'web',
    status: 'ACTIVE',
    desiredCount: 1,
    deployments: [{ id: ID, status: 'PRIMARY', rolloutState, failedTasks: 0 }],
    events: [],
    ...changes,
  };
}

interface Look {
  readonly service: ServiceDetails | EcshError;
  readonly tasks?: readonly Task[];
}

interface Setting {
  /** Returns these values one after the other; the last one repeats. */
  readonly looks: readonly Look[];
  readonly stopped?: readonly Task[];
  readonly waitFor?: WaitFor;
  readonly timeoutMs?: number;
  /** The caller lacks permission to read the record of the deployment. */
  readonly denied?: boolean;
  /** The record of the deployment. */
  readonly latest?: ServiceDeployment;
  /** ECS does not answer. */
  readonly silent?: boolean;
}

/** A watch over scripted answers, without jitter. */
function start({
  looks,
  stopped = [],
  waitFor = 'all',
  timeoutMs = 900_000,
  denied,
  latest,
  silent,
}: Setting) {
  const clock = new ManualClock();
  const abort = new AbortController();
  const progress: string[] = [];
  const notices: string[] = [];
  const times: number[] = [];
  let count = -1;
  const current = () => looks[Math.min(count, looks.length - 1)];
  const all = () => [...looks.flatMap(({ tasks = [] }) => tasks), ...stopped];
  const ports = {
    clock,
    random: () => 0.5,
    details: {
      describeService: async () => {
        count += 1;
        times.push(clock.elapsed);
        if (silent) await new Promise(() => undefined);
        const now = current()?.service;
        if (now instanceof EcshError) throw now;
        return now;
      },
    },
    ecs: {
      listTasks: async () => (current()?.tasks ?? []).map(({ taskArn }) => taskArn),
      describeTasks: async (_: string, arns: readonly string[]) =>
        all().filter(({ taskArn }) => arns.includes(taskArn)),
    },
    admin: {
      latestServiceDeployment: async () => {
        if (denied) throw new EcshError('access-denied', 'no');
        return latest;
      },
      listStoppedTasks: async () => stopped.map(({ taskArn }) => taskArn),
    },
  };
  let end: RolloutEnd | undefined;
  const done = watchRollout(ports, {
    cluster: 'prod',
    service: service(),
    knownEvents: ['before'],
    deploymentId: ID,
    goal: { isOn: true, waitFor, formerIds: ['ecs-svc/1'] },
    timeoutMs,
    signal: abort.signal,
    onProgress: (text) => progress.push(text),
    onNotice: (text) => notices.push(text),
  }).then((value) => {
    end = value;
    return value;
  });
  return { clock, abort, progress, notices, times, done, end: () => end };
}

describe('watchRollout', () => {
  it('polls at once, after 6 s, and then less and less often, down to every 15 s', async () => {
    const watch = start({ looks: [{ service: service(), tasks: [PENDING] }] });
    await watch.clock.advance(80_000);
    const gaps = watch.times.slice(1).map((time, index) => time - (watch.times[index] ?? 0));
    expect(watch.times[0]).toBe(0);
    expect(gaps.map((gap) => Math.round(gap / 100) / 10)).toEqual([
      6, 7.2, 8.6, 10.4, 12.4, 14.9, 15,
    ]);
    watch.abort.abort();
    await watch.done;
  });

  it('ends when the rollout is complete, and reports every step', async () => {
    const watch = start({
      looks: [
        { service: service(), tasks: [PENDING] },
        { service: service(), tasks: [READY] },
        { service: service({}, 'COMPLETED'), tasks: [READY] },
      ],
    });
    await watch.clock.advance(14_000);
    expect(watch.end()).toMatchObject({ kind: 'done' });
    expect(watch.progress).toEqual([
      '0 of 1 task ready, 1 starting',
      '1 of 1 task ready',
      '1 of 1 task ready',
    ]);
    expect(watch.clock.timers).toEqual([]);
  });

  it('reports once that a deployment is paused, and how to continue it', async () => {
    const hook = { targetType: 'PAUSE' };
    const paused = service({ deploymentConfiguration: { lifecycleHooks: [hook] } });
    const watch = start({
      looks: [{ service: paused, tasks: [READY] }],
      latest: {
        serviceDeploymentArn: 'arn:1',
        lifecycleStage: 'POST_SCALE_UP',
        lifecycleHookDetails: [{ hookId: 'h-1', status: 'AWAITING_ACTION' }],
      },
    });
    await watch.clock.advance(20_000);
    expect(watch.notices).toEqual([
      'The deployment is paused at POST_SCALE_UP until somebody continues it:  aws ecs continue-service-deployment --service-deployment-arn arn:1 --hook-id h-1',
    ]);
    watch.abort.abort();
    await watch.done;
  });

  it('ends with the first ready task if one is enough', async () => {
    const looks = [{ service: service(), tasks: [READY] }];
    expect(await start({ looks, waitFor: 'first' }).done).toMatchObject({ kind: 'done' });
  });

  it('polls once more when the time is over', async () => {
    const watch = start({
      looks: [{ service: service(), tasks: [PENDING] }],
      timeoutMs: 10_000,
    });
    await watch.clock.advance(10_000);
    expect(watch.times).toEqual([0, 6_000, 10_000]);
    expect(watch.end()).toMatchObject({ kind: 'timeout' });
  });

  it('does not wait for ECS after an abort', async () => {
    const watch = start({ looks: [], silent: true });
    await watch.clock.advance(1_000);
    watch.abort.abort();
    expect(await watch.done).toMatchObject({ kind: 'interrupted' });
    expect(watch.clock.timers).toEqual([]);
  });

  it('stops polling after an abort, and leaves no timer', async () => {
    const watch = start({ looks: [{ service: service(), tasks: [PENDING] }] });
    await watch.clock.advance(1_000);
    watch.abort.abort();
    expect(await watch.done).toMatchObject({ kind: 'interrupted' });
    expect(watch.clock.timers).toEqual([]);
  });

  it('continues after a temporary failure', async () => {
    const throttled = new EcshError('throttled', 'Slower.', { retryable: true });
    const watch = start({
      looks: [{ service: throttled }, { service: service({}, 'COMPLETED'), tasks: [READY] }],
    });
    await watch.clock.advance(6_000);
    expect(watch.end()).toMatchObject({ kind: 'done' });
  });

  it('fails after a permanent failure', async () => {
    const expired = new EcshError('credentials-expired', 'Log in again.');
    await expect(start({ looks: [{ service: expired }] }).done).rejects.toBe(expired);
  });

  it('reports immediately, and only once, why ECS cannot place a task', async () => {
    const message = '(service web) was unable to place a task because of RESOURCE:MEMORY.';
    const before = { id: 'before', message: '(service web) was unable to do something old.' };
    const first = { id: '1', message };
    const again = { id: '2', message };
    const quiet = { id: '3', message: '(service web) has started 1 tasks: (task x).' };
    const watch = start({
      looks: [
        { service: service({ events: [quiet, first, before] }), tasks: [] },
        { service: service({ events: [again, quiet, first, before] }), tasks: [] },
      ],
    });
    await watch.clock.advance(6_000);
    expect(watch.notices).toEqual([message]);
    watch.abort.abort();
    expect(await watch.done).toMatchObject({ event: message });
  });

  it.each([
    [
      'an event from before the deployment',
      { id: 'before', message: 'was unable to do something old.' },
    ],
    ['a steady state', { id: '1', message: '(service web) has reached a steady state.' }],
  ])('reports no reason for %s', async (_what, event) => {
    const watch = start({ looks: [{ service: service({ events: [event] }), tasks: [] }] });
    await watch.clock.advance(1_000);
    watch.abort.abort();
    expect(await watch.done).toMatchObject({ kind: 'interrupted', event: undefined });
  });

  it('ignores events from before the deployment', () => {
    const at = (second: number) => new Date(second * 1_000);
    const events = [
      { id: 'new', createdAt: at(20) },
      { id: 'old', createdAt: at(10) },
    ];
    const deployments = [{ id: ID, createdAt: at(20) }];
    expect(eventsBefore(service({ events, deployments }), ID)).toEqual(['old']);
    expect(eventsBefore(service({ events }), ID)).toEqual(['new', 'old']);
  });

  it('reports why tasks of the deployment stop, and ends when it fails', async () => {
    const crashed = sampleTask('c'.repeat(32), {
      startedBy: ID,
      lastStatus: 'STOPPED',
      stoppedReason: 'Essential container in task exited',
      containers: [sampleContainer('app', { lastStatus: 'STOPPED', exitCode: 1 })],
    });
    const other = sampleTask('d'.repeat(32), {
      startedBy: 'ecs-svc/1',
      stoppedReason: 'Scaling activity',
    });
    const deployments = [
      {
        id: ID,
        status: 'PRIMARY',
        rolloutState: 'FAILED',
        failedTasks: 3,
        rolloutStateReason: 'Why.',
      },
    ];
    const end = start({
      looks: [{ service: service({ deployments }), tasks: [] }],
      stopped: [crashed, other],
    });
    const reason = 'Essential container in task exited; container app: exit 1.';
    expect(await end.done).toMatchObject({
      kind: 'failed',
      code: 'rollout-failed',
      stoppedReason: reason,
    });
    expect(end.notices).toEqual([`A new task stopped: ${reason}`]);
  });

  it('names the container whose health check fails', async () => {
    const deployments = [{ id: ID, rolloutState: 'FAILED', failedTasks: 3 }];
    const unhealthy = sampleTask('9', {
      startedBy: ID,
      lastStatus: 'STOPPED',
      stoppedReason: 'Task failed container health checks',
      containers: [sampleContainer('app', { lastStatus: 'STOPPED', healthStatus: 'UNHEALTHY' })],
    });
    const end = start({
      looks: [{ service: service({ deployments }), tasks: [] }],
      stopped: [unhealthy],
    });
    expect(await end.done).toMatchObject({
      stoppedReason: 'Task failed container health checks; container app: UNHEALTHY.',
    });
  });

  it('follows the deployment that rolls ours back, even without permission to read its record', async () => {
    const rollback = {
      id: 'ecs-svc/3',
      status: 'PRIMARY',
      rolloutState: 'IN_PROGRESS',
      rolloutStateReason: 'ECS deployment circuit breaker: rolling back to deploymentId ecs-svc/1.',
    };
    const rolling = service({ deployments: [rollback] });
    const rolled = service({ deployments: [{ ...rollback, rolloutState: 'COMPLETED' }] });
    const watch = start({
      looks: [{ service: service() }, { service: rolling }, { service: rolled }],
      denied: true,
    });
    await watch.clock.advance(20_000);
    expect(watch.end()).toMatchObject({ kind: 'failed', code: 'rollout-rolled-back' });
    expect(watch.notices).toEqual([
      'Deployment ecs-svc/2 goes no further: ecs-svc/3 rolls it back.',
    ]);
  });
});
