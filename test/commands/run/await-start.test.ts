import { beforeEach, describe, expect, it } from 'vitest';
import { explainedStart } from '#commands/run/await-start.ts';
import { EcshError } from '#domain/errors/errors.ts';
import type { Container, Task } from '#domain/resolve/task.ts';
import { FakeLog } from '#test/fakes/fake-log.ts';
import { sampleContainer, sampleTask } from '#test/fakes/sample-task.ts';
import { logApp, loggedTo } from '#test/helpers/log-app.ts';

const ID = '4'.repeat(32);
const STARTED_AT = new Date('2026-03-01T14:40:00Z');
const options = { color: 'auto' as const, ttl: 60_000, startTimeout: 600_000 };

let log: FakeLog;

beforeEach(() => {
  log = new FakeLog();
});

const ended = (exitCode: number | undefined): Container =>
  sampleContainer('app', { lastStatus: 'STOPPED', exitCode });

/** The error after `cause`, of a task that was created with `started` and lived for so many seconds. */
async function explained(cause: EcshError, changes: Partial<Task>, seconds = 1) {
  const task = sampleTask(ID, {
    group: undefined,
    lastStatus: 'STOPPED',
    createdAt: STARTED_AT,
    startedAt: STARTED_AT,
    stoppedAt: new Date(STARTED_AT.getTime() + seconds * 1_000),
    stoppedReason: 'Essential container in task exited',
    ...changes,
  });
  const app = logApp({ log, tasks: () => [task], definition: loggedTo('/web', 'app') });
  const fresh = { task, cluster: 'prod', id: ID };
  const aws = app.aws({
    region: undefined,
    profile: undefined,
    endpointUrl: undefined,
    noInput: true,
  });
  const { code, message, hint } = await explainedStart(
    app,
    { aws, options, fresh, container: 'app' },
    cause,
  );
  return { code, message, hint };
}

const NOT_READY = new EcshError('task-not-ready', 'It stopped.');
const UNKNOWN = new EcshError('status-unknown', 'The session ended.');

describe('the error of a fresh task that stopped', () => {
  it('shows the last lines of the container', async () => {
    log.write(`ecs/app/${ID}`, 1, 'no such database');
    expect(await explained(NOT_READY, { containers: [ended(3)] })).toEqual({
      code: 'task-not-ready',
      message:
        'The task stopped before the command could run. Essential container in task exited. Container app ended with status 3.',
      hint: [
        'The ENTRYPOINT of the image may not run the arguments that it gets. Give it the command itself:  ecsh run --no-shell  (or --detach, to leave it running)',
        'The last lines of task 444444444444:',
        '  | no such database',
        `More:  ecsh logs prod/${ID}`,
      ].join('\n'),
    });
  });

  it('names the log where no line has arrived, or it cannot be read', async () => {
    const { hint } = await explained(NOT_READY, { containers: [ended(3)] });
    expect(hint?.split('\n').at(-1)).toBe(`Its log:  ecsh logs prod/${ID}`);
    log.failure = new EcshError('access-denied', 'No.');
    expect((await explained(NOT_READY, { containers: [ended(3)] })).hint).toBe(hint);
  });

  it('names no log if no container has started', async () => {
    const stoppedReason = 'CannotPullContainerError: not found';
    const { hint } = await explained(NOT_READY, { containers: [ended(undefined)], stoppedReason });
    expect(hint).toBe(
      'Check the image and its tag, and that the execution role may pull it and the network reaches the registry.',
    );
  });

  it.each([
    [UNKNOWN, 'The session ended. The task has reached its --ttl, 60 s, and ended.'],
    [NOT_READY, 'The task has reached its --ttl, 60 s, and ended.'],
  ])('says that --ttl is over: %s', async (cause, message) => {
    expect(await explained(cause, { containers: [ended(0)] }, 61)).toEqual({
      code: cause.code,
      message,
      hint: 'Give the command more time with --ttl.',
    });
  });
});
