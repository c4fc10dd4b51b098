import { describe, expect, it } from 'vitest';
import type { StopOptions } from '#commands/stop/run-stop.ts';
import { addStopCommand } from '#commands/stop/stop-command.ts';
import { EcshError } from '#domain/errors/errors.ts';
import type { Task } from '#domain/resolve/task.ts';
import { fakeAdmin } from '#test/fakes/fake-admin.ts';
import { fakeDoctor } from '#test/fakes/fake-doctor.ts';
import { FakeRemote } from '#test/fakes/fake-remote.ts';
import { ManualClock } from '#test/fakes/manual-clock.ts';
import { sampleContainer, sampleTask, taskArn } from '#test/fakes/sample-task.ts';
import { confirming } from '#test/fakes/scripted-prompts.ts';
import { FakeApp, run } from '#test/helpers/app.ts';
import { defined, optionsOf } from '#test/helpers/command-options.ts';

const ID = 'a'.repeat(32);
const RUNNING = sampleTask(ID, {
  startedAt: new Date(new ManualClock().now() - 3 * 3_600_000),
});
const STOPPED = sampleTask(ID, {
  lastStatus: 'STOPPED',
  stopCode: 'UserInitiated',
  stoppedReason: 'Stopped with ecsh stop',
  containers: [sampleContainer('app', { lastStatus: 'STOPPED', exitCode: 143 })],
});

interface Cloud {
  readonly app: FakeApp;
  readonly stopped: (readonly string[])[];
}

/** A cluster with one task; `after` is the task after StopTask. */
function cloud(answer?: boolean, task: Task = RUNNING, after: Task = STOPPED): Cloud {
  const tasks = [task];
  const stopped: (readonly string[])[] = [];
  const admin = fakeAdmin({
    stopTask: async (...words) => {
      stopped.push(words);
      tasks.splice(0, 1, after);
    },
  });
  const app = new FakeApp({
    remote: new FakeRemote(tasks),
    doctor: fakeDoctor({
      ecs: { describeService: () => Promise.reject(new EcshError('access-denied', 'No.')) },
    }),
    admin,
    ...confirming(answer),
  });
  return { app, stopped };
}

const SIGNALS =
  '  Note: Its containers get SIGTERM (or the STOPSIGNAL of their image), and SIGKILL after their stopTimeout, 30 s by default.';
const NOTES = ['  Note: ECS starts another task of service web in its place.', SIGNALS];
const REASON = 'Stopped with ecsh stop';

describe('stop', () => {
  it('shows the plan, asks, stops, and waits until the task has stopped', async () => {
    const { app, stopped } = cloud(true);
    const { status, stdout, stderr } = await run(['stop', `prod/${ID}`], app);
    expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
    expect(stderr.split('\n')).toEqual([
      `Task ${ID} of web in cluster prod:`,
      '  RUNNING for 3h, task definition site:42, containers app',
      ...NOTES,
      `Task ${ID} has stopped: app (exit 143).`,
      '',
    ]);
    expect(stopped).toEqual([['prod', taskArn(ID), REASON]]);
  });

  it('stops nothing if the answer is no', async () => {
    const { app, stopped } = cloud(false);
    const { status, stderr } = await run(['stop', `prod/${ID}`], app);
    expect([status, stopped]).toEqual([1, []]);
    expect(stderr.split('\n').slice(-2)).toEqual(['Nothing was stopped.', '']);
  });

  it('requires --yes if it cannot ask', async () => {
    const { app, stopped } = cloud();
    const { status, stderr } = await run(['stop', 'prod/aaaa'], app);
    expect([status, stopped]).toEqual([2, []]);
    expect(stderr).toContain(`Type:  ecsh stop prod/${ID} --yes\n`);
  });

  it.each<[string, readonly string[], Task, string, Task, number]>([
    ['stopped', [], RUNNING, 'stopped', STOPPED, 1],
    ['not waited for', ['--no-wait'], RUNNING, 'stopping', RUNNING, 1],
    ['stopped before', [], STOPPED, 'unchanged', STOPPED, 0],
  ])('reports a task that was %s', async (_name, flags, task, outcome, last, calls) => {
    const { app, stopped } = cloud(undefined, task);
    const { status, stdout } = await run(['stop', '-qy', '--json', ...flags, `prod/${ID}`], app);
    expect([status, stopped.length]).toEqual([0, calls]);
    expect(JSON.parse(stdout)).toEqual({
      cluster: 'prod',
      task: ID,
      service: 'web',
      outcome,
      stopCode: last.stopCode ?? null,
      stoppedReason: last.stoppedReason ?? null,
      containers: [{ name: 'app', exitCode: last.containers[0]?.exitCode ?? null, reason: null }],
    });
  });

  it('prints the plan and the request with --dry-run, and sends nothing', async () => {
    const { app, stopped } = cloud();
    const { status, stdout } = await run(['stop', '--dry-run', `prod/${ID}`], app);
    expect([status, stopped]).toEqual([0, []]);
    const input = { cluster: 'prod', task: taskArn(ID), reason: REASON };
    expect(stdout.split('\n').slice(2).join('\n')).toBe(
      [...NOTES, 'StopTask', JSON.stringify(input, undefined, 2), ''].join('\n'),
    );
  });

  it('prints the plan as wide as the terminal', async () => {
    const { app } = cloud();
    Object.assign(app.stdout, { isTTY: true, columns: 40 });
    const { stdout } = await run(['stop', '--dry-run', `prod/${ID}`], app);
    const plan = stdout.slice(0, stdout.indexOf('StopTask\n')).split('\n');
    expect(plan).toContain('  Note: ECS starts another task of');
    expect(plan.filter((line) => line.length > 40)).toEqual([]);
  });

  it('names the task and how to check on it if the wait times out', async () => {
    const stopping = { ...RUNNING, lastStatus: 'STOPPING' };
    const { app } = cloud(undefined, RUNNING, stopping);
    const argv = ['stop', '-y', '--timeout', '10s', `prod/${ID}`];
    const ended = run(argv, app);
    await app.remote.clock.advance(10_000);
    const { status, stderr } = await ended;
    expect(status).toBe(124);
    expect(stderr.split('\n').slice(-3)).toEqual([
      'ecsh: Not stopped after 10 s: the task is STOPPING. [task-timeout]',
      `  ECS goes on stopping it. See how it stands:  ecsh describe prod/${ID}`,
      '',
    ]);
  });

  it.each([
    ['prod/web', 'prod/web', 'prod/web'],
    ['prod/service:web', 'prod/web', 'prod/web'],
    ['web', 'default/web', 'default/web'],
  ])('rejects the service %s, which can have any number of tasks', async (name, list, restart) => {
    const { app } = cloud();
    const { status, stderr } = await run(['stop', name], app);
    expect({ status, stderr }).toEqual({
      status: 2,
      stderr: [
        `ecsh: "${name}" does not name one task. [task-expected]`,
        `  List the tasks:  ecsh ls tasks ${list}`,
        `  Replace all tasks of a service:  ecsh restart ${restart}`,
        '',
      ].join('\n'),
    });
  });

  it('rejects a family', async () => {
    const { status, stderr } = await run(['stop', 'prod/family:site'], cloud().app);
    expect(status).toBe(2);
    expect(stderr).toContain('  List the tasks:  ecsh ls tasks prod/family:site\n');
  });
});

const DEFAULTS = { color: 'auto', reason: REASON, wait: true, timeout: 300_000, target: 'prod/a1' };

describe('options of stop', () => {
  it.each<[readonly string[], object]>([
    [['stop', 'prod/a1'], {}],
    [['kill', '--no-wait', '-y', 'prod/a1'], { wait: false, yes: true }],
    [
      ['stop', '--reason', 'stuck', '--timeout', '1m', 'prod/a1'],
      { reason: 'stuck', timeout: 60_000 },
    ],
    [['stop', '--dry-run', 'prod/a1'], { dryRun: true }],
  ])('%j', async (argv, expected) => {
    const options = await optionsOf<StopOptions>(addStopCommand, argv);
    expect(defined(options)).toEqual({ ...DEFAULTS, ...expected });
  });
});
