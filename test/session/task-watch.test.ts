import { beforeEach, describe, expect, it } from 'vitest';
import type { Task } from '#domain/resolve/task.ts';
import { watchTask } from '#session/task-watch.ts';
import { fakeEcs } from '#test/fakes/fake-ecs.ts';
import { ManualClock } from '#test/fakes/manual-clock.ts';
import { sampleTask } from '#test/fakes/sample-task.ts';

let clock: ManualClock;
let tasks: Task[];
let heard: string[];
let looks: () => number;
let unwatch: () => void;

beforeEach(() => {
  clock = new ManualClock();
  tasks = [sampleTask('aaaa')];
  heard = [];
  const ecs = fakeEcs({ clusters: { prod: tasks } });
  looks = () => ecs.calls.length;
  unwatch = watchTask({
    clock,
    ecs: async () => ecs,
    task: sampleTask('aaaa'),
    onStopping: (text) => heard.push(`${clock.elapsed} ${text}`),
  });
});

describe('watchTask', () => {
  it.each<readonly [string, readonly Task[], string]>([
    [
      'is about to stop',
      [sampleTask('aaaa', { desiredStatus: 'STOPPED', stoppedReason: 'Scaling down' })],
      'ECS is stopping the task: Scaling down.',
    ],
    [
      'is stopping, with a code as the reason',
      [sampleTask('aaaa', { lastStatus: 'STOPPING', stopCode: 'SpotInterruption' })],
      'ECS is stopping the task: SpotInterruption.',
    ],
    [
      'is stopping for an unknown reason',
      [sampleTask('aaaa', { lastStatus: 'DEACTIVATING' })],
      'ECS is stopping the task.',
    ],
    ['no longer exists', [], 'The task is gone.'],
  ])('reports once within 10 s that the task %s', async (_, now, text) => {
    await clock.advance(15_000);
    tasks.splice(0, 1, ...now);
    await clock.advance(60_000);
    expect(heard).toEqual([`20000 ${text}`]);
    expect([looks(), clock.timers]).toEqual([2, []]);
  });

  it('reports nothing while the task runs or its state is unknown', async () => {
    const failing = watchTask({
      clock,
      ecs: () => Promise.reject(new Error('no network')),
      task: sampleTask('aaaa'),
      onStopping: (text) => heard.push(text),
    });
    await clock.advance(60_000);
    failing();
    expect([looks(), heard]).toEqual([6, []]);
  });

  it('stops on request, even during a call', async () => {
    tasks.splice(0, 1);
    await clock.advance(9_999);
    const looking = clock.advance(1);
    unwatch();
    await looking;
    await clock.advance(60_000);
    expect([heard, clock.timers]).toEqual([[], []]);
  });
});
