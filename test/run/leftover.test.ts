import { describe, expect, it } from 'vitest';
import type { Task } from '#domain/resolve/task.ts';
import { endLeftover, type Leftover, leftoverId, parseLeftover } from '#run/leftover.ts';
import { ManualClock } from '#test/fakes/manual-clock.ts';
import { sampleTask } from '#test/fakes/sample-task.ts';

const ID = '4'.repeat(32);
const OTHER = '5'.repeat(32);
const ARN = 'arn:aws:ecs:us-east-1:123456789012:task-definition/site:43';

const LEFTOVERS: readonly (readonly [string, Leftover])[] = [
  [`task:prod/${ID}`, { kind: 'task', cluster: 'prod', task: ID }],
  ['launch:prod/token', { kind: 'launch', cluster: 'prod', token: 'token' }],
  [`revision:${ARN}`, { kind: 'revision', arn: ARN }],
];

describe('a leftover of a killed ecsh run', () => {
  it.each(LEFTOVERS)('has the id %s for the watcher', (id, leftover) => {
    expect(leftoverId(leftover)).toBe(id);
    expect(parseLeftover(id)).toEqual(leftover);
  });

  it('differs from a session', () => {
    expect(parseLeftover('ecs-execute-command-0a1b2c')).toBeUndefined();
  });

  it.each([
    [LEFTOVERS[0]?.[1], [`StopTask prod ${ID}`]],
    [LEFTOVERS[2]?.[1], [`DeregisterTaskDefinition ${ARN}`]],
  ])('is cleaned up: %j', async (leftover, calls) => {
    const world = new World();
    if (leftover !== undefined) await endLeftover(world, leftover, world.clock);
    expect(world.calls).toEqual(calls);
  });

  it('is the task of a RunTask whose answer was lost, as soon as ECS lists it', async () => {
    const world = new World([[], [tagged(OTHER, 'another')], [tagged(ID, 'token')]]);
    const ended = endLeftover(world, parseLaunch(), world.clock);
    await world.clock.advance(1_999);
    expect(world.calls).toEqual([]);
    await world.clock.advance(1);
    await ended;
    expect(world.calls).toEqual([`StopTask prod ${ID}`]);
  });

  it('is nothing if no task has appeared within 20 seconds after RunTask', async () => {
    const world = new World([]);
    const ended = endLeftover(world, parseLaunch(), world.clock);
    await world.clock.advance(20_000);
    await ended;
    expect(world.calls).toEqual([]);
    expect(world.clock.timers).toEqual([]);
  });
});

function parseLaunch(): Leftover {
  return { kind: 'launch', cluster: 'prod', token: 'token' };
}

function tagged(id: string, token: string): Task {
  return { ...sampleTask(id), tags: [{ key: 'ecsh:run-id', value: token }] };
}

/** An ECS that returns one list of tasks after another. */
class World {
  readonly clock = new ManualClock();
  readonly calls: string[] = [];
  readonly #lists: (readonly Task[])[];
  #shown: readonly Task[] = [];

  constructor(lists: readonly (readonly Task[])[] = []) {
    this.#lists = [...lists];
  }

  readonly ecs = async () => ({
    listTasks: async () => {
      this.#shown = this.#lists.shift() ?? [];
      return this.#shown.map(({ taskArn }) => taskArn);
    },
    describeTasks: async () => this.#shown,
  });

  readonly admin = async () => ({
    stopTask: async (cluster: string, task: string) => {
      this.calls.push(`StopTask ${cluster} ${task}`);
    },
    deregisterRevision: async (arn: string) => {
      this.calls.push(`DeregisterTaskDefinition ${arn}`);
    },
  });
}
