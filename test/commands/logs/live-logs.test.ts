import { beforeEach, describe, expect, it } from 'vitest';
import type { LogEvent } from '#domain/ports/log-ports.ts';
import type { Task } from '#domain/resolve/task.ts';
import { FakeLog } from '#test/fakes/fake-log.ts';
import { sampleContainer, sampleTask } from '#test/fakes/sample-task.ts';
import { type FakeApp, run } from '#test/helpers/app.ts';
import { logApp, loggedTo } from '#test/helpers/log-app.ts';

const ID_A = 'aaaa0000000000000000000000000001';
const ID_B = 'bbbb0000000000000000000000000002';
/** The manual clock starts here. */
const NOW = Date.UTC(2025, 0, 1);
const COST =
  'Live Tail costs about 0.01 USD a minute after 1,800 free minutes a month (https://aws.amazon.com/cloudwatch/pricing/), until it is ended. Without --live, ecsh polls, for which AWS charges nothing.\n';

let log: FakeLog;
let tasks: Task[];

beforeEach(() => {
  log = new FakeLog();
  tasks = [sampleTask(ID_A)];
});

const appWith = () => logApp({ log, tasks: () => tasks, definition: loggedTo('/web', 'app') });

const event = (task: string, message: string, timestamp = NOW): LogEvent => ({
  id: '',
  stream: `ecs/app/${task}`,
  timestamp,
  message,
});

/** A command that follows with Live Tail. */
interface Live {
  readonly app: FakeApp;
  readonly running: ReturnType<typeof run>;
}

async function live(...words: readonly string[]): Promise<Live> {
  const app = appWith();
  const running = run(['logs', '--live', ...words], app);
  await log.untilRead();
  return { app, running };
}

/** Sends an update of Live Tail a second later; resolves when it is printed or the command has ended. */
async function update(
  { app, running }: Live,
  events: readonly LogEvent[],
  isSampled = false,
): Promise<void> {
  await app.remote.clock.advance(1_000);
  log.update({ events, isSampled });
  await Promise.race([log.untilRead(), running]);
}

describe('ecsh logs --live', () => {
  it('prints the cost, continues after the existing lines, and ends on Ctrl-C', async () => {
    log.write(`ecs/app/${ID_A}`, NOW - 1_000, 'before');
    const following = await live('--no-prefix', 'prod/web');
    const { app, running } = following;
    await update(following, [event(ID_A, 'before', NOW - 1_000), event(ID_A, 'live')]);
    await update(following, [event(ID_A, 'live')]);
    app.signals.send('SIGINT');
    expect(await running).toEqual({ status: 130, stdout: 'before\nlive\nlive\n', stderr: COST });
    expect(log.liveQueries).toEqual([
      {
        groups: ['arn:aws:logs:us-east-1:123456789012:log-group:/web'],
        streamPrefixes: ['ecs/app/'],
        pattern: undefined,
      },
    ]);
  });

  it('holds the lines of an unknown task until it is listed, and drops those of other services', async () => {
    const following = await live('--prefix', 'prod/web');
    const { app, running } = following;
    await update(following, [event(ID_B, 'first'), event('cccc', 'of another service')]);
    tasks = [...tasks, sampleTask(ID_B)];
    for (let second = 0; second < 5; second++) await update(following, []);
    expect(app.stdout.text).toBe('bbbb0000/app | first\n');
    app.signals.send('SIGINT');
    await running;
  });

  it("reads the stream of one task, and exits with the task's status", async () => {
    const following = await live('--exit-status', `prod/${ID_A}`);
    const { running } = following;
    tasks = [
      sampleTask(ID_A, {
        lastStatus: 'STOPPED',
        containers: [sampleContainer('app', { exitCode: 3 })],
      }),
    ];
    await update(following, [event(ID_A, 'the end')]);
    for (let second = 0; second < 10; second++) await update(following, []);
    expect(await running).toMatchObject({ status: 3, stdout: 'the end\n' });
    expect(log.liveQueries[0]?.streamPrefixes).toEqual([`ecs/app/${ID_A}`]);
  });

  it('reports once that lines are missing', async () => {
    const following = await live('prod/web');
    const { app, running } = following;
    for (let second = 0; second < 2; second++) await update(following, [], true);
    app.signals.send('SIGINT');
    expect((await running).stderr).toBe(
      `${COST}More than 500 lines a second: Live Tail shows a sample. Without --live every line is shown.\n`,
    );
  });
});
