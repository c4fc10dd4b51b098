import { describe, expect, it } from 'vitest';
import { EcshError } from '#domain/errors/errors.ts';
import type { ServiceDetails } from '#domain/ports/ecs-responses.ts';
import type { Task } from '#domain/resolve/task.ts';
import { stopNotes, waitForStop } from '#rollout/task-stop.ts';
import { ManualClock } from '#test/fakes/manual-clock.ts';
import { sampleTask } from '#test/fakes/sample-task.ts';

const ID = 'a'.repeat(32);
const RUNNING = sampleTask(ID);
const STOPPING = sampleTask(ID, { lastStatus: 'STOPPING', desiredStatus: 'STOPPED' });
const STOPPED = sampleTask(ID, { lastStatus: 'STOPPED', stopCode: 'UserInitiated' });

const SIGNALS =
  'Its containers get SIGTERM (or the STOPSIGNAL of their image), and SIGKILL after their stopTimeout, 30 s by default.';
const ANOTHER = 'ECS starts another task of service web in its place.';

describe('stopNotes', () => {
  it.each<[string, Task, ServiceDetails | undefined, readonly string[]]>([
    ['one of several', RUNNING, { desiredCount: 2, runningCount: 2 }, [ANOTHER]],
    [
      'the only one',
      RUNNING,
      { desiredCount: 1, runningCount: 1 },
      ['Outage: it is the only running task of service web until a new one runs.', ANOTHER],
    ],
    ['one that is starting', { ...RUNNING, lastStatus: 'PENDING' }, { desiredCount: 1 }, [ANOTHER]],
    [
      'one more than the service wants',
      RUNNING,
      { desiredCount: 1, runningCount: 2 },
      ['Service web has more running tasks than it wants: ECS may start no other one.'],
    ],
    [
      'one per instance',
      RUNNING,
      { schedulingStrategy: 'DAEMON', desiredCount: 2, runningCount: 2 },
      [ANOTHER],
    ],
    ['one of a service that the caller lacks permission to read', RUNNING, undefined, [ANOTHER]],
    [
      'one without a service',
      { ...RUNNING, group: 'family:site' },
      undefined,
      ['It belongs to no service: ECS starts no other task in its place.'],
    ],
    [
      'one that is already stopping',
      STOPPING,
      { desiredCount: 2, runningCount: 2 },
      ['ECS is stopping it already.', ANOTHER],
    ],
  ])('explain the consequences for %s', (_name, task, service, expected) => {
    expect(stopNotes(task, service)).toEqual([...expected, SIGNALS]);
  });
});

/** Starts a wait with these answers of DescribeTasks, in order; the last one repeats. */
function start(looks: readonly (Task | 'gone' | EcshError)[], timeoutMs = 60_000) {
  const clock = new ManualClock();
  const abort = new AbortController();
  const states: string[] = [];
  let count = -1;
  const ecs = {
    describeTasks: async () => {
      count += 1;
      const look = looks[Math.min(count, looks.length - 1)];
      if (look instanceof EcshError) throw look;
      return look === undefined || look === 'gone' ? [] : [look];
    },
  };
  const end = waitForStop(ecs, {
    clock,
    task: RUNNING,
    timeoutMs,
    signal: abort.signal,
    onProgress: (text) => states.push(text),
  });
  // Observed by the test that expects a failure.
  end.catch(() => undefined);
  return { clock, abort, states, end };
}

describe('waitForStop', () => {
  it('waits until the task has stopped, even if calls fail for a while', async () => {
    const busy = new EcshError('throttled', 'Slower.', { retryable: true });
    const watch = start([RUNNING, busy, STOPPING, STOPPED]);
    await watch.clock.advance(20_000);
    expect(await watch.end).toEqual({ kind: 'stopped', task: STOPPED });
    expect(watch.states).toEqual(['RUNNING', 'RUNNING', 'STOPPING']);
  });

  it('treats a task that ECS has forgotten as stopped, in its last known state', async () => {
    const watch = start([STOPPING, 'gone']);
    await watch.clock.advance(20_000);
    expect(await watch.end).toEqual({ kind: 'stopped', task: STOPPING });
  });

  it('gives up at the time limit', async () => {
    const watch = start([STOPPING], 10_000);
    await watch.clock.advance(9_999);
    expect(watch.states.length).toBeGreaterThan(2);
    await watch.clock.advance(1);
    expect(await watch.end).toEqual({ kind: 'timeout', task: STOPPING });
  });

  it('ends at once when it is aborted', async () => {
    const watch = start([STOPPING]);
    await watch.clock.advance(1);
    watch.abort.abort();
    expect(await watch.end).toEqual({ kind: 'interrupted', task: STOPPING });
  });

  it('fails after a permanent failure', async () => {
    const denied = new EcshError('access-denied', 'No.');
    await expect(start([denied]).end).rejects.toBe(denied);
  });
});
