import { describe, expect, it } from 'vitest';
import { EcshError } from '#domain/errors/errors.ts';
import type { RunTaskAnswer, RunTaskRequest } from '#domain/ports/ecs-admin-ports.ts';
import { RunResources } from '#run/fresh-task.ts';
import { ManualClock, settle } from '#test/fakes/manual-clock.ts';
import { sampleTask } from '#test/fakes/sample-task.ts';

const ID = '4'.repeat(32);
const ARN = 'arn:aws:ecs:us-east-1:123456789012:task-definition/site:43';
const REQUEST: RunTaskRequest = {
  cluster: 'prod',
  taskDefinition: ARN,
  enableExecuteCommand: true,
  startedBy: 'ecsh-run',
  clientToken: 'token',
};
const STARTED: RunTaskAnswer = { tasks: [sampleTask(ID)], failures: [] };
const REVISION = { input: {}, register: async () => ARN };

/** One run, with a record of its calls and of the resources that the watcher would clean up. */
class World {
  readonly clock = new ManualClock();
  readonly calls: string[] = [];
  readonly watched = new Set<string>();
  readonly resources: RunResources;
  runTask: () => Promise<RunTaskAnswer> = async () => STARTED;
  stopTask: () => Promise<void> = async () => undefined;

  constructor() {
    this.resources = new RunResources({
      admin: {
        runTask: () => {
          this.calls.push(`RunTask while watching ${[...this.watched]}`);
          return this.runTask();
        },
        stopTask: (cluster, task, reason) => {
          this.calls.push(`StopTask ${cluster} ${task}: ${reason}`);
          return this.stopTask();
        },
        deregisterRevision: async (arn) => {
          this.calls.push(`DeregisterTaskDefinition ${arn}`);
        },
      },
      guard: {
        prepare: () => undefined,
        watch: (id) => {
          this.watched.add(id);
          return () => this.watched.delete(id);
        },
      },
      clock: this.clock,
      onUnguarded: () => undefined,
    });
  }
}

describe('the resources of a run', () => {
  it('are announced to the watcher before they exist, and removed at the end, the task first', async () => {
    const world = new World();
    await world.resources.register(REVISION);
    const fresh = await world.resources.start(REQUEST);
    expect(fresh).toEqual({ task: sampleTask(ID), cluster: 'prod', id: ID });
    expect([...world.watched]).toEqual([`revision:${ARN}`, `task:prod/${ID}`]);
    expect(await world.resources.release()).toEqual([]);
    expect(world.calls).toEqual([
      `RunTask while watching revision:${ARN},launch:prod/token`,
      `StopTask prod ${ID}: ecsh run has ended`,
      `DeregisterTaskDefinition ${ARN}`,
    ]);
    expect([...world.watched]).toEqual([]);
  });

  it('remain announced if the answer of RunTask is lost, because ECS may have started the task', async () => {
    const world = new World();
    const lost = new EcshError('endpoint-unreachable', 'The connection was lost.', {
      retryable: true,
    });
    world.runTask = () => Promise.reject(lost);
    await expect(world.resources.start(REQUEST)).rejects.toBe(lost);
    expect([...world.watched]).toEqual(['launch:prod/token']);
  });

  it.each([
    ['refuses', () => Promise.reject(new EcshError('access-denied', 'No.')), 'access-denied'],
    [
      'cannot place',
      async () => ({ tasks: [], failures: [{ reason: 'RESOURCE:MEMORY' }] }),
      'task-not-placed',
    ],
  ])('are not announced if ECS %s the task', async (_, runTask, code) => {
    const world = new World();
    world.runTask = runTask;
    await expect(world.resources.start(REQUEST)).rejects.toMatchObject({ code });
    expect([...world.watched]).toEqual([]);
    expect(await world.resources.release()).toEqual([]);
  });

  it('are reported, and left to the watcher, if ECS does not answer StopTask', async () => {
    const world = new World();
    await world.resources.start(REQUEST);
    world.stopTask = () => new Promise(() => undefined);
    const release = world.resources.release();
    await settle();
    await world.clock.advance(15_000);
    expect(await release).toEqual([
      {
        leftover: { kind: 'task', cluster: 'prod', task: ID },
        failure: new EcshError('service-unavailable', 'ECS did not answer StopTask.'),
      },
    ]);
    expect([...world.watched]).toEqual([`task:prod/${ID}`]);
  });
});
