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
      'is to stop',
      [sampleTask('aaaa', { desiredStatus: 'STOPPED', stoppedReason: 'Scaling down' })],
      'ECS is stopping the task: Scaling down.',
    ],
    [
      'stops, with a code for a reason',
      [sampleTask('aaaa', { lastStatus: 'STOPPING', stopCode: 'SpotInterruption' })],
      'ECS is stopping the task: SpotInterruption.',
    ],
    [
      'stops, for no reason that is known',
      [sampleTask('aaaa', { lastStatus: 'DEACTIVATING' })],
      'ECS is stopping the task.',
    ],
    ['is gone', [], 'The task is gone.'],
  ])('says once that the task %s, within 10 s', async (_, now, text) => {
    await clock.advance(15_000);
    tasks.splice(0, 1, ...now);
    await clock.advance(60_000);
    expect(heard).toEqual([`20000 ${text}`]);
    expect([looks(), clock.timers]).toEqual([2, []]);
  });

  it('is silent while the task runs, and while nobody can tell', async () => {
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

  it('ends when told to, also while it looks', async () => {
    tasks.splice(0, 1);
    await clock.advance(9_999);
    const looking = clock.advance(1);
    unwatch();
    await looking;
    await clock.advance(60_000);
    expect([heard, clock.timers]).toEqual([[], []]);
  });
});
