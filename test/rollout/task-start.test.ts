import { expect, it } from 'vitest';
import type { Task } from '#domain/resolve/task.ts';
import { waitForStart } from '#rollout/task-start.ts';
import { ManualClock } from '#test/fakes/manual-clock.ts';
import { sampleContainer, sampleTask } from '#test/fakes/sample-task.ts';

const ID = 'a'.repeat(32);
const PENDING = sampleTask(ID, { lastStatus: 'PENDING', containers: [] });
const READY = sampleTask(ID);
const STOPPED = sampleTask(ID, {
  lastStatus: 'STOPPED',
  stopCode: 'TaskFailedToStart',
  stoppedReason: 'CannotPullContainerError',
  containers: [sampleContainer('app', { lastStatus: 'STOPPED' })],
});

/** Starts a wait with these answers of DescribeTasks; undefined: no task yet. Without answers, it hangs. */
function start(looks: readonly (Task | undefined)[], timeoutMs = 60_000) {
  const clock = new ManualClock();
  const abort = new AbortController();
  const told: string[] = [];
  let count = -1;
  const ecs = {
    describeTasks: async () => {
      if (looks.length === 0) await new Promise(() => undefined);
      count += 1;
      const look = looks[Math.min(count, looks.length - 1)];
      return look === undefined ? [] : [look];
    },
  };
  const end = waitForStart(ecs, {
    clock,
    task: PENDING,
    timeoutMs,
    signal: abort.signal,
    onProgress: (text) => told.push(text),
  });
  // Observed by the tests that expect a failure.
  end.catch(() => undefined);
  return { clock, abort, told, end };
}

it('waits until the task is ready, even if DescribeTasks does not list it at first', async () => {
  const watch = start([undefined, PENDING, READY]);
  await watch.clock.advance(10_000);
  expect(await watch.end).toEqual({ kind: 'ready', state: 'Ready' });
  expect(watch.told).toEqual([
    `Task ${ID} is PENDING; ECS Exec needs RUNNING`,
    `Task ${ID} is PENDING; ECS Exec needs RUNNING`,
  ]);
});

it('fails as soon as the task has stopped, with the reason', async () => {
  await expect(start([STOPPED]).end).rejects.toMatchObject({
    code: 'task-not-ready',
    exitCode: 1,
    message: expect.stringContaining('CannotPullContainerError'),
  });
});

it('waits for an agent that is not listed yet, but not forever', async () => {
  const containers = [sampleContainer('app', { managedAgents: [] })];
  const watch = start([sampleTask(ID, { containers })]);
  await watch.clock.advance(29_000);
  expect(watch.told.length).toBeGreaterThan(3);
  await watch.clock.advance(11_000);
  await expect(watch.end).rejects.toMatchObject({ code: 'task-not-ready' });
});

it('gives up at the time limit', async () => {
  const watch = start([PENDING], 5_000);
  await watch.clock.advance(5_000);
  expect(await watch.end).toMatchObject({ kind: 'timeout' });
});

it('does not wait for ECS after an abort', async () => {
  const watch = start([]);
  await watch.clock.advance(100);
  watch.abort.abort();
  expect(await watch.end).toMatchObject({ kind: 'interrupted' });
});

it('stops polling after an abort', async () => {
  const watch = start([PENDING]);
  await watch.clock.advance(100);
  watch.abort.abort();
  expect(await watch.end).toMatchObject({ kind: 'interrupted' });
  expect(watch.clock.timers).toEqual([]);
});
