import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { RunTaskRequest } from '#domain/ports/ecs-admin-ports.ts';
import type { Task } from '#domain/resolve/task.ts';
import { fakeAdmin } from '#test/fakes/fake-admin.ts';
import { fakeDoctor } from '#test/fakes/fake-doctor.ts';
import { fakeEcs } from '#test/fakes/fake-ecs.ts';
import { FakeLog } from '#test/fakes/fake-log.ts';
import { settle } from '#test/fakes/manual-clock.ts';
import { sampleContainer, sampleTask } from '#test/fakes/sample-task.ts';
import { FakeApp, run } from '#test/helpers/app.ts';
import { loggedTo } from '#test/helpers/log-app.ts';

const ID = '4'.repeat(32);
const DEFINITION = 'arn:aws:ecs:us-east-1:123456789012:task-definition/site:42';
/** The manual clock begins here. */
const NOW = Date.UTC(2025, 0, 1);
const STARTED = `Started task prod/${ID}.\n`;

let log: FakeLog;
let task: Task;
let requests: RunTaskRequest[];
let stopped: string[];

beforeEach(() => {
  log = new FakeLog();
  task = at('PENDING');
  requests = [];
  stopped = [];
});

function at(lastStatus: string, exitCode?: number): Task {
  const container = sampleContainer('app', { lastStatus, exitCode });
  return sampleTask(ID, { group: 'family:site', lastStatus, containers: [container] });
}

function cloud(): FakeApp {
  const definition = { taskDefinitionArn: DEFINITION, ...loggedTo('/web', 'app') };
  return new FakeApp({
    ecs: fakeEcs({
      clusters: {
        get prod() {
          return [task];
        },
      },
    }),
    logEvents: async () => log,
    doctor: fakeDoctor({
      ecs: {
        describeService: async () => ({ serviceName: 'web', taskDefinition: DEFINITION }),
        describeTaskDefinition: async () => definition,
      },
    }),
    admin: fakeAdmin({
      runTask: async (request) => {
        requests.push(request);
        return { tasks: [task], failures: [] };
      },
      stopTask: async (_cluster, id) => void stopped.push(id),
    }),
  });
}

/** Advances the clock by so many seconds. */
async function seconds(app: FakeApp, count: number): Promise<void> {
  for (let second = 0; second < count; second++) {
    await app.remote.clock.advance(1_000);
    await settle();
  }
}

/** The run, once its task has been requested: modules of the command take real time to load. */
async function started(app: FakeApp, words: readonly string[]) {
  const ended = run(words, app);
  await vi.waitFor(() => expect(app.stderr.text).toContain(STARTED), { timeout: 20_000 });
  await settle();
  return { ended };
}

const WORDS = ['run', '--no-shell', '-e', 'STAGE=prod', 'prod/web', '--', './migrate', 'all'];

describe('ecsh run --no-shell', () => {
  it('runs the command as the program of the container, and has its log and status', async () => {
    const app = cloud();
    const { ended } = await started(app, WORDS);
    await seconds(app, 2);
    task = at('RUNNING');
    log.write(`ecs/app/${ID}`, NOW + 2_000, 'migrating');
    await seconds(app, 4);
    expect(app.stdout.text).toBe('migrating\n');
    task = at('STOPPED', 4);
    await seconds(app, 20);
    const { status, stdout, stderr } = await ended;
    expect({ status, stdout, stopped }).toEqual({
      status: 4,
      stdout: 'migrating\n',
      stopped: [ID],
    });
    expect(stderr.startsWith(STARTED)).toBe(true);
    expect(requests[0]?.overrides?.containerOverrides).toEqual([
      {
        name: 'app',
        command: ['./migrate', 'all'],
        environment: [{ name: 'STAGE', value: 'prod' }],
      },
    ]);
  });

  it.each([
    ['starts', 'PENDING'],
    ['runs', 'RUNNING'],
  ])('stops the task on a signal while it %s', async (_, lastStatus) => {
    task = at(lastStatus);
    const app = cloud();
    const { ended } = await started(app, WORDS);
    await seconds(app, 2);
    app.signals.send('SIGTERM');
    await seconds(app, 3);
    expect((await ended).status).toBe(143);
    expect(stopped).toEqual([ID]);
  });

  it('stops the task after --timeout, from its start on', async () => {
    const app = cloud();
    const { ended } = await started(app, [
      'run',
      '--no-shell',
      '--timeout',
      '3s',
      ...WORDS.slice(2),
    ]);
    await seconds(app, 5);
    task = at('RUNNING');
    await seconds(app, 2);
    expect(stopped).toEqual([]);
    await seconds(app, 3);
    const { status, stderr } = await ended;
    expect([status, stopped]).toEqual([124, [ID]]);
    expect(stderr).not.toContain('continues');
  });

  it('gives up after --start-timeout', async () => {
    const app = cloud();
    const { ended } = await started(app, [
      'run',
      '--no-shell',
      '--start-timeout',
      '5s',
      ...WORDS.slice(2),
    ]);
    await seconds(app, 7);
    const { status, stderr } = await ended;
    expect([status, stopped]).toEqual([255, [ID]]);
    expect(stderr).toContain('The task did not start in time: it is PENDING. [task-timeout]');
  });
});
