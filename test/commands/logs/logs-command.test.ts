import { beforeEach, describe, expect, it } from 'vitest';
import { addLogsCommand } from '#commands/logs/logs-command.ts';
import { EcshError } from '#domain/errors/errors.ts';
import type { TaskDefinitionDetails } from '#domain/ports/ecs-responses.ts';
import type { Task } from '#domain/resolve/task.ts';
import { FakeLog } from '#test/fakes/fake-log.ts';
import { settle } from '#test/fakes/manual-clock.ts';
import { sampleContainer, sampleTask } from '#test/fakes/sample-task.ts';
import { type FakeApp, run } from '#test/helpers/app.ts';
import { defined, optionsOf } from '#test/helpers/command-options.ts';
import { logApp, loggedTo } from '#test/helpers/log-app.ts';

const ID_A = 'aaaa0000000000000000000000000001';
const ID_B = 'bbbb0000000000000000000000000002';
/** The manual clock starts here. */
const NOW = Date.UTC(2025, 0, 1);

let log: FakeLog;
let tasks: Task[];
let definition: TaskDefinitionDetails;

beforeEach(() => {
  log = new FakeLog();
  tasks = [sampleTask(ID_A), sampleTask(ID_B)];
  definition = loggedTo('/web', 'app');
});

const appWith = () => logApp({ log, tasks: () => tasks, definition });

describe('the words of ecsh logs', () => {
  it.each<readonly [readonly string[], object]>([
    [['logs', 'prod/web'], { target: 'prod/web' }],
    [['logs', '-f', 'web'], { target: 'web', follow: true }],
    [['logs', '-n', '5', 'web'], { target: 'web', tail: 5 }],
    [['logs', '--tail=-1', 'web'], { target: 'web', tail: 'all' }],
    [
      ['logs', '--since', '30d', 'web'],
      { target: 'web', since: { kind: 'ago', milliseconds: 2_592_000_000 } },
    ],
    [
      ['logs', '--since', '10m', 'web'],
      { target: 'web', since: { kind: 'ago', milliseconds: 600_000 } },
    ],
    [
      ['logs', '--until', '2025-01-01T00:00:00Z', 'web'],
      { target: 'web', until: { kind: 'at', time: NOW } },
    ],
    [['logs', '--no-prefix', 'web'], { target: 'web', prefix: false }],
  ])('%j', async (argv, expected) => {
    expect(defined(await optionsOf(addLogsCommand, argv))).toEqual({ color: 'auto', ...expected });
  });

  it.each([
    [['logs', '-n', 'many', 'web'], 'Give a number of lines, 10000 at most, or all.'],
    [['logs', '--since', 'yesterday', 'web'], 'Give a time such as 10m, 2h'],
    [['logs', '-f', '--until', '1m', 'web'], '-f goes on and --until stops.'],
    [['logs', '--since', '1h', '--until', '2h', 'web'], '--since is not before --until'],
    [['logs', '--session', 'id', '--tail', '3'], 'it takes no --tail.'],
    [['logs', '--exit-status', 'web'], '--exit-status waits for the end of the task.'],
  ])('%j: %s', async (argv, message) => {
    const { stderr, status } = await run(argv, appWith());
    expect(stderr).toContain(message);
    expect(status).toBe(2);
  });
});

describe('ecsh logs', () => {
  it('merges the last lines of all tasks by time, and prefixes them with the task', async () => {
    log.write(`ecs/app/${ID_A}`, NOW - 3_000, 'a1');
    log.write(`ecs/app/${ID_B}`, NOW - 2_000, 'b1');
    log.write(`ecs/app/${ID_A}`, NOW - 1_000, 'a2');
    const { stdout, stderr, status } = await run(['logs', '-n', '2', 'prod/web'], appWith());
    expect({ stdout, stderr, status }).toEqual({
      stdout: 'bbbb0000/app | b1\naaaa0000/app | a2\n',
      stderr: '',
      status: 0,
    });
  });

  it('prints no prefix for a single container, all lines of an event, and times with --timestamps', async () => {
    tasks = [sampleTask(ID_A)];
    log.write(`ecs/app/${ID_A}`, NOW - 1_000, 'Error: no\n  at main\n');
    expect((await run(['logs', 'prod/web'], appWith())).stdout).toBe('Error: no\n  at main\n');
    const { stdout } = await run(['logs', '--timestamps', `prod/${ID_A}`], appWith());
    const time = '2024-12-31T23:59:59.000Z';
    expect(stdout).toBe(`${time} Error: no\n${time}   at main\n`);
  });

  it('prints one object per event with --json', async () => {
    tasks = [sampleTask(ID_A)];
    log.write(`ecs/app/${ID_A}`, NOW - 1_000, 'one\ntwo');
    const { stdout } = await run(['logs', '--json', '--since', '1h', 'prod/web'], appWith());
    expect(JSON.parse(stdout)).toEqual({
      timestamp: '2024-12-31T23:59:59.000Z',
      message: 'one\ntwo',
      task: ID_A,
      container: 'app',
      group: '/web',
      stream: `ecs/app/${ID_A}`,
      id: '0',
    });
  });

  it('prints the last matching lines with --filter', async () => {
    tasks = [sampleTask(ID_A)];
    for (const text of ['ERROR 1', 'fine', 'ERROR 2', 'ERROR 3']) {
      log.write(`ecs/app/${ID_A}`, NOW - 1_000, text);
    }
    const { stdout } = await run(['logs', '-n2', '--filter', 'ERROR', 'prod/web'], appWith());
    expect(stdout).toBe('ERROR 2\nERROR 3\n');
  });

  it.each<readonly [string, readonly string[]]>([
    ['No line in log group /web.\n', []],
    ['No such line in log group /web.\n', ['--filter', 'ERROR']],
    ['', ['-n', '0']],
    ['', ['--quiet']],
  ])('says that there is nothing to print: "%s" %j', async (stderr, flags) => {
    expect(await run(['logs', ...flags, 'prod/web'], appWith())).toEqual({
      status: 0,
      stdout: '',
      stderr,
    });
  });

  it('prints all there is with --tail all', async () => {
    tasks = [sampleTask(ID_A)];
    for (let line = 1; line <= 120; line++)
      log.write(`ecs/app/${ID_A}`, NOW - 200 + line, `${line}`);
    const lines = async (...flags: readonly string[]) =>
      (await run(['logs', ...flags, 'prod/web'], appWith())).stdout.split('\n').length - 1;
    expect([await lines(), await lines('-n', 'all')]).toEqual([100, 120]);
  });

  it('reports where another log driver writes', async () => {
    definition = {
      containerDefinitions: [{ name: 'app', logConfiguration: { logDriver: 'awsfirelens' } }],
    };
    const { stderr, status } = await run(['logs', 'prod/web'], appWith());
    expect(stderr).toBe(
      'ecsh: CloudWatch Logs has no log of this target. app: FireLens routes its log: look at the output that its router is configured with. [log-unreadable]\n' +
        '  Give the container the awslogs driver, or look where its own driver writes.\n',
    );
    expect(status).toBe(1);
  });

  it('reads the last stopped tasks of a service without running tasks', async () => {
    tasks = [
      sampleTask(ID_A, {
        lastStatus: 'STOPPED',
        desiredStatus: 'STOPPED',
        containers: [sampleContainer('app', { exitCode: 1 })],
      }),
    ];
    log.write(`ecs/app/${ID_A}`, NOW - 1_000, 'the end');
    expect((await run(['logs', 'prod/web'], appWith())).stdout).toBe('the end\n');
  });
});

/** Advances the clock to a number of polls, one every two seconds. */
async function rounds(app: FakeApp, count: number): Promise<void> {
  for (let round = 0; round < count; round++) {
    await app.remote.clock.advance(2_000);
    await settle();
  }
}

describe('ecsh logs -f', () => {
  it('continues with new lines and new tasks, and exits with 130 on Ctrl-C', async () => {
    tasks = [sampleTask(ID_A)];
    const app = appWith();
    log.write(`ecs/app/${ID_A}`, NOW - 1_000, 'before');
    const running = run(['logs', '-f', '--prefix', 'prod/web'], app);
    await settle();
    log.write(`ecs/app/${ID_A}`, NOW + 500, 'later');
    await rounds(app, 1);
    tasks = [...tasks, sampleTask(ID_B)];
    log.write(`ecs/app/${ID_B}`, NOW + 9_000, 'of a new task');
    await rounds(app, 5);
    expect(app.stdout.text).toBe(
      'aaaa0000/app | before\naaaa0000/app | later\nbbbb0000/app | of a new task\n',
    );
    app.signals.send('SIGINT');
    expect((await running).status).toBe(130);
  });

  it('ends after the task has stopped, with the status of its container', async () => {
    tasks = [sampleTask(ID_A)];
    const app = appWith();
    const running = run(['logs', '-f', '--exit-status', `prod/${ID_A}`], app);
    await settle();
    tasks = [
      sampleTask(ID_A, {
        lastStatus: 'STOPPED',
        containers: [sampleContainer('app', { exitCode: 3 })],
      }),
    ];
    await rounds(app, 3);
    log.write(`ecs/app/${ID_A}`, NOW + 6_500, 'last words');
    await rounds(app, 5);
    expect(await running).toMatchObject({ status: 3, stdout: 'last words\n' });
  });

  it.each<readonly [string, readonly (readonly [string, number, string?])[], number]>([
    [
      '',
      [
        ['job', 0],
        ['proxy', 143],
      ],
      0,
    ],
    [
      '',
      [
        ['job', 2],
        ['proxy', 137],
      ],
      2,
    ],
    [
      '',
      [
        ['job', 0],
        ['proxy', 137, 'OutOfMemoryError'],
      ],
      137,
    ],
    ['', [['job', 143]], 143],
    [
      '@job',
      [
        ['job', 0],
        ['proxy', 3],
      ],
      0,
    ],
  ])('with --exit-status on TASK%s, containers %j end with %d', async (at, ends, expected) => {
    const containers = ends.map(([name, exitCode, reason]) =>
      sampleContainer(name, { exitCode, reason }),
    );
    definition = loggedTo('/web', 'job', 'proxy');
    tasks = [sampleTask(ID_A, { lastStatus: 'STOPPED', containers })];
    const app = appWith();
    const running = run(['logs', '-f', '--exit-status', `prod/${ID_A}${at}`], app);
    await settle();
    await rounds(app, 6);
    expect((await running).status).toBe(expected);
  });

  it('prints the lines of a task that started and failed between two polls', async () => {
    tasks = [sampleTask(ID_A)];
    const app = appWith();
    const running = run(['logs', '-f', '--prefix', 'prod/web'], app);
    await settle();
    log.write(`ecs/app/${ID_B}`, NOW + 1_000, 'no database');
    tasks = [...tasks, sampleTask(ID_B, { lastStatus: 'STOPPED' })];
    await rounds(app, 4);
    expect(app.stdout.text).toBe('bbbb0000/app | no database\n');
    app.signals.send('SIGINT');
    expect((await running).status).toBe(130);
  });

  it('prints each of many lines with the same millisecond once, and only as many old lines as requested', async () => {
    tasks = [sampleTask(ID_A), sampleTask(ID_B)];
    const app = appWith();
    for (const id of [ID_A, ID_B]) {
      for (const text of ['one', 'two']) log.write(`ecs/app/${id}`, NOW - 1_000, text);
    }
    const running = run(['logs', '-f', '-n', '1', 'prod/web'], app);
    await settle();
    log.write(`ecs/app/${ID_A}`, NOW - 2_000, 'delayed');
    await rounds(app, 1);
    expect(app.stdout.text).toBe('bbbb0000/app | two\naaaa0000/app | delayed\n');
    app.signals.send('SIGINT');
    await running;
  });

  it('continues after an outage, which it reports once', async () => {
    tasks = [sampleTask(ID_A)];
    const app = appWith();
    log.write(`ecs/app/${ID_A}`, NOW - 1_000, 'before');
    const running = run(['logs', '-f', 'prod/web'], app);
    await settle();
    log.failure = new EcshError('endpoint-unreachable', 'AWS cannot be reached.');
    log.write(`ecs/app/${ID_A}`, NOW + 500, 'meanwhile');
    await rounds(app, 3);
    log.failure = undefined;
    await rounds(app, 1);
    app.signals.send('SIGINT');
    expect(await running).toEqual({
      status: 130,
      stdout: 'before\nmeanwhile\n',
      stderr: 'AWS cannot be reached. Trying again.\n',
    });
  });

  it('waits for the first line of a starting task', async () => {
    tasks = [
      sampleTask(ID_A, {
        lastStatus: 'PENDING',
        containers: [sampleContainer('app', { lastStatus: 'PENDING' })],
      }),
    ];
    expect(await run(['logs', `prod/${ID_A}`], appWith())).toMatchObject({
      status: 1,
      stdout: '',
      stderr: expect.stringContaining('No container of this target has started yet.'),
    });
    const app = appWith();
    const running = run(['logs', '-f', `prod/${ID_A}`], app);
    await settle();
    tasks = [sampleTask(ID_A)];
    log.write(`ecs/app/${ID_A}`, NOW + 3_000, 'hello');
    await rounds(app, 3);
    expect(app.stdout.text).toBe('hello\n');
    app.signals.send('SIGINT');
    await running;
  });

  it('says of a container that starts later, once, where its log is', async () => {
    definition = {
      containerDefinitions: [{ name: 'app', logConfiguration: { logDriver: 'splunk' } }],
    };
    const starting = {
      lastStatus: 'PENDING',
      containers: [sampleContainer('app', { lastStatus: 'PENDING' })],
    };
    tasks = [sampleTask(ID_A, starting)];
    const app = appWith();
    const running = run(['logs', '-f', `prod/${ID_A}`], app);
    await settle();
    tasks = [sampleTask(ID_A)];
    await rounds(app, 6);
    app.signals.send('SIGINT');
    expect(await running).toEqual({
      status: 130,
      stdout: '',
      stderr: 'Container app is left out: its log goes to Splunk.\n',
    });
  });

  it('waits for the end of a task with --exit-status, and rejects a service', async () => {
    tasks = [sampleTask(ID_A)];
    expect(await run(['logs', '-f', '--exit-status', 'prod/web'], appWith())).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('--exit-status needs a task, and a service has no end.'),
    });
  });
});
