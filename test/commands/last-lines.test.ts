import { beforeEach, describe, expect, it } from 'vitest';
import type { Task } from '#domain/resolve/task.ts';
import { FakeLog } from '#test/fakes/fake-log.ts';
import { sampleContainer, sampleTask } from '#test/fakes/sample-task.ts';
import { run } from '#test/helpers/app.ts';
import { logApp, loggedTo } from '#test/helpers/log-app.ts';

const ID = 'aaaa0000000000000000000000000001';
const FAILED = sampleTask(ID, {
  lastStatus: 'STOPPED',
  stopCode: 'EssentialContainerExited',
  containers: [
    sampleContainer('app', { lastStatus: 'STOPPED', exitCode: 1 }),
    sampleContainer('proxy', { lastStatus: 'STOPPED', exitCode: 0 }),
  ],
});
const LAST_LINES = `  The last lines of task aaaa00000000:
    | connecting
    | no \\x1b[2Jdatabase
    | ecsh: at that address
  More:  ecsh logs prod/${ID}
`;

let log: FakeLog;
let tasks: Task[];

beforeEach(() => {
  log = new FakeLog();
  tasks = [FAILED];
});

const appWith = () =>
  logApp({ log, tasks: () => tasks, definition: loggedTo('/web', 'app', 'proxy') });

describe('a session in a task that failed', () => {
  it.each(['prod/web', `prod/${ID}@app`])('shows the last log lines: %s', async (target) => {
    log.write(`ecs/app/${ID}`, 1, 'connecting');
    log.write(`ecs/proxy/${ID}`, 2, 'ready');
    log.write(`ecs/app/${ID}`, 3, 'no \u001b[2Jdatabase\necsh: at that address\n');
    const { status, stderr } = await run(['exec', '--wait', '0', target, '--', 'true'], appWith());
    expect(status).toBe(255);
    expect(stderr.slice(-LAST_LINES.length)).toBe(LAST_LINES);
  });

  it('fails without them if there are none or they are unreadable', async () => {
    const argv = ['exec', '--wait', '0', `prod/${ID}@app`, '--', 'true'];
    const without = await run(argv, appWith());
    log.failure = new Error('no network');
    log.write(`ecs/app/${ID}`, 1, 'connecting');
    expect(await run(argv, appWith())).toEqual(without);
    expect(without.stderr).not.toContain('last lines');
  });

  it('shows none for a task that was stopped on purpose', async () => {
    tasks = [{ ...FAILED, stopCode: 'ServiceSchedulerInitiated' }];
    log.write(`ecs/app/${ID}`, 1, 'bye');
    const { stderr } = await run(['exec', '--wait', '0', 'prod/web', '--', 'true'], appWith());
    expect(stderr).toContain('[no-running-task]');
    expect(stderr).not.toContain('last lines');
  });
});
