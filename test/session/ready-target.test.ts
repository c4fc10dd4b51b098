import { beforeEach, describe, expect, it } from 'vitest';
import { EcshError } from '#domain/errors/errors.ts';
import { findReadyTarget } from '#session/ready-target.ts';
import { type RetryPolicy, retry } from '#session/retry.ts';
import { fakeEcs } from '#test/fakes/fake-ecs.ts';
import { notConnected } from '#test/fakes/fake-remote.ts';
import { ManualClock } from '#test/fakes/manual-clock.ts';
import { sampleContainer, sampleTask } from '#test/fakes/sample-task.ts';

let clock: ManualClock;
let heard: string[];

beforeEach(() => {
  clock = new ManualClock();
  heard = [];
});

function retryPolicy(changes: Partial<RetryPolicy> = {}): RetryPolicy {
  return {
    clock,
    waitMs: 0,
    retries: 0,
    onWait: (error) => heard.push(`${clock.elapsed} waiting: ${error.code}`),
    ...changes,
  };
}

/** Fails with these errors in order, then succeeds; records the time of each try. */
function attempt(...errors: readonly Error[]): () => Promise<string> {
  const left = [...errors];
  return async () => {
    heard.push(`${clock.elapsed} try`);
    const error = left.shift();
    if (error !== undefined) throw error;
    return 'done';
  };
}

/** Returns the outcome while time passes. */
async function outcome(running: Promise<string>): Promise<string> {
  const result = running.catch((error: Error) => `failed: ${error.message}`);
  await clock.advance(600_000);
  return result;
}

describe('retry', () => {
  it.each<readonly [string, Partial<RetryPolicy>, number, string, readonly string[]]>([
    ['succeeds at once', {}, 0, 'done', ['0 try']],
    ['tries once without retryPolicy', {}, 9, 'failed: The agent is not connected.', ['0 try']],
    [
      'waits longer each time, up to 5 s, and reports it once',
      { waitMs: 60_000 },
      5,
      'done',
      [
        ...['0 try', '0 waiting: target-not-connected', '1000 try', '3000 try', '7000 try'],
        ...['12000 try', '17000 try'],
      ],
    ],
    [
      'tries for the last time when the limit has passed',
      { waitMs: 5_000 },
      9,
      'failed: The agent is not connected.',
      ['0 try', '0 waiting: target-not-connected', '1000 try', '3000 try', '5000 try'],
    ],
    [
      'stops after the given number of retries',
      { retries: 2 },
      9,
      'failed: The agent is not connected.',
      ['0 try', '0 waiting: target-not-connected', '1000 try', '3000 try'],
    ],
  ])('%s', async (_, changes, failures, expected, times) => {
    const errors = Array.from({ length: failures }, notConnected);
    const running = retry(retryPolicy(changes), attempt(...errors));
    expect(await outcome(running)).toBe(expected);
    expect(heard).toEqual(times);
  });

  it.each([new EcshError('exec-disabled', 'Exec is off.'), new TypeError('a bug')])(
    'does not retry a permanent error: %s',
    async (error) => {
      const running = retry(retryPolicy({ waitMs: 60_000 }), attempt(error));
      expect(await outcome(running)).toBe(`failed: ${error.message}`);
      expect(heard).toEqual(['0 try']);
    },
  );

  it('stops on request, and fails with the error it waited out', async () => {
    const abort = new AbortController();
    const running = retry(retryPolicy({ waitMs: 60_000 }), attempt(notConnected()), abort.signal);
    const failed = expect(running).rejects.toThrow('The agent is not connected.');
    await clock.advance(500);
    abort.abort();
    await failed;
    expect(clock.timers).toEqual([]);
    expect(heard).toEqual(['0 try', '0 waiting: target-not-connected']);
  });
});

describe('findReadyTarget', () => {
  const request = {
    target: 'prod/web',
    cluster: undefined,
    container: undefined,
    strict: false,
    flags: {},
  };

  it('waits for a task whose agent is not running yet', async () => {
    const agent = { name: 'ExecuteCommandAgent', lastStatus: 'PENDING' };
    const pending = sampleTask('aaaa', {
      containers: [sampleContainer('app', { managedAgents: [agent] })],
    });
    const tasks = [pending];
    const ecs = fakeEcs({ clusters: { prod: tasks }, services: ['web'] });
    const finding = findReadyTarget(ecs, request, retryPolicy({ waitMs: 10_000 }));
    await clock.advance(500);
    tasks[0] = sampleTask('aaaa');
    await clock.advance(10_000);
    expect((await finding).targetId).toBe('ecs:prod_aaaa_runtime-of-app');
    expect(heard).toEqual(['0 waiting: exec-agent-not-running']);
  });

  it('fails at once if ECS Exec is off', async () => {
    const tasks = [sampleTask('aaaa', { enableExecuteCommand: false })];
    const ecs = fakeEcs({ clusters: { prod: tasks }, services: ['web'] });
    const finding = findReadyTarget(ecs, request, retryPolicy({ waitMs: 10_000 }));
    await expect(finding).rejects.toMatchObject({ code: 'exec-disabled' });
    expect(heard).toEqual([]);
  });
});
