import { describe, expect, it } from 'vitest';
import { fakeInventory, sampleCluster, sampleService } from '#test/fakes/fake-inventory.ts';
import { FakeRemote } from '#test/fakes/fake-remote.ts';
import { FakeTerminal } from '#test/fakes/fake-terminal.ts';
import { sampleContainer, sampleTask } from '#test/fakes/sample-task.ts';
import { type Reply, ScriptedPrompts } from '#test/fakes/scripted-prompts.ts';
import { FakeApp, run } from '#test/helpers/app.ts';

const NEWEST = sampleTask('aaaaaaaaaaaa11111111111111111111');
const OLDER = sampleTask('bbbbbbbbbbbb22222222222222222222', {
  startedAt: new Date('2026-03-01T10:00:00Z'),
});
const TWO_CONTAINERS = [sampleContainer('api'), sampleContainer('worker')];

interface World {
  readonly tasks?: readonly ReturnType<typeof sampleTask>[];
  readonly env?: Readonly<Record<string, string>>;
}

/** A terminal with a user who answers; every session exits with 7. */
function atTerminal(replies: readonly Reply[], { tasks = [NEWEST, OLDER], env = {} }: World = {}) {
  const remote = new FakeRemote(tasks);
  remote.onOpen = (agent) =>
    setImmediate(() => {
      remote.reportStatus(7);
      agent.close();
    });
  const prompts = new ScriptedPrompts(replies);
  const inventory = fakeInventory({
    clusters: [sampleCluster('prod', { runningTasksCount: tasks.length })],
    services: [sampleService('web', { runningCount: tasks.length })],
  });
  const terminal = new FakeTerminal();
  return { prompts, remote, app: new FakeApp({ remote, prompts, inventory, terminal, env }) };
}

describe('a target chosen at the terminal', () => {
  it.each<readonly [string, readonly string[], readonly Reply[], string, string]>([
    ['ecsh alone', [], ['bbbb'], 'ecsh prod/bbbbbbbbbbbb\n', OLDER.taskArn],
    ['in a cluster', ['-C', 'prod'], ['bbbb'], 'ecsh prod/bbbbbbbbbbbb\n', OLDER.taskArn],
    ['of a service', ['--pick', 'prod/web'], ['bbbb'], 'ecsh prod/bbbbbbbbbbbb\n', OLDER.taskArn],
    [
      'with flags for the region',
      ['--region', 'eu-west-1'],
      ['bbbb'],
      'ecsh prod/bbbbbbbbbbbb --region eu-west-1\n',
      OLDER.taskArn,
    ],
    ['silently', ['-q'], ['bbbb'], '', OLDER.taskArn],
    [
      'by its service',
      [],
      ['aaaa'],
      'ecsh prod/web\n' + 'Task aaaaaaaaaaaa, newest of 2 running tasks of service web.\n',
      NEWEST.taskArn,
    ],
  ])('%s: it is printed, and a shell opens in it', async (_name, argv, replies, stderr, task) => {
    const { app, remote, prompts } = atTerminal(replies);
    expect(await run(argv, app)).toEqual({ status: 7, stdout: '', stderr });
    expect(remote.requests[0]?.task).toBe(task);
    expect(prompts.left).toBe(0);
  });

  it('can be in another region or profile, by a shortcut key', async () => {
    const replies: readonly Reply[] = [
      { kind: 'shortcut', key: 'r' },
      'eu-west-3',
      { kind: 'shortcut', key: 'o' },
      'sso',
      'bbbb',
    ];
    const { app } = atTerminal(replies, { env: { HOME: '/home/me' } });
    app.disk.set('/home/me/.aws/config', '[profile base]\n[profile sso]\n');
    const { status, stderr } = await run([], app);
    expect([status, stderr]).toEqual([
      7,
      'ecsh prod/bbbbbbbbbbbb --profile sso --region eu-west-3\n',
    ]);
    expect(app.awsSettings.at(-1)).toMatchObject({ profile: 'sso', region: 'eu-west-3' });
  });

  it('is asked for with exec --pick, regardless of the command', async () => {
    const { app, prompts } = atTerminal([{ kind: 'cancelled' }]);
    await run(['exec', '--pick', '--', 'ls', '-l'], app);
    expect(prompts.asked[0]?.message).toBe('Task of prod/web');
  });

  it('is not asked for if the target is a task', async () => {
    const { app, remote, prompts } = atTerminal([]);
    await run(['--pick', 'prod/bbbbbbbbbbbb22222222222222222222'], app);
    expect(remote.requests[0]?.task).toBe(OLDER.taskArn);
    expect(prompts.asked).toEqual([]);
  });

  it('exits with the status of the signal if nothing is chosen', async () => {
    const interrupted = atTerminal([{ kind: 'cancelled' }]);
    expect(await run([], interrupted.app)).toEqual({ status: 130, stdout: '', stderr: '' });
    const terminated = atTerminal([{ kind: 'cancelled', by: 'SIGTERM' }]);
    expect(await run([], terminated.app)).toEqual({ status: 143, stdout: '', stderr: '' });
    expect(interrupted.remote.requests).toEqual([]);
  });

  it.each<readonly [readonly string[], string]>([
    [['exec', '--', 'ls'], 'There is no TARGET before the command. [usage]'],
    [['exec'], 'There is no TARGET before the command. [usage]'],
    [
      ['exec', '--pick', '--all', 'prod/web', '--', 'ls'],
      '--pick chooses one task and --all takes every task: give one of them. [usage]',
    ],
    [
      ['exec', '--pick', '--no-input', '--', 'ls'],
      'This needs a terminal to choose on. [not-a-terminal]',
    ],
    [['--no-input'], 'This needs a terminal to choose on. [not-a-terminal]'],
  ])('%j is rejected', async (argv, message) => {
    const { app, prompts } = atTerminal([]);
    const { status, stderr } = await run(argv, app);
    expect([status, stderr.split('\n')[0]]).toEqual([255, `ecsh: ${message}`]);
    expect(prompts.asked).toEqual([]);
  });
});

describe('an ambiguous container', () => {
  const tasks = [sampleTask('cccccccccccc33333333333333333333', { containers: TWO_CONTAINERS })];

  it('is asked for at a terminal, and printed', async () => {
    const { app, remote, prompts } = atTerminal(['worker'], { tasks });
    expect(await run(['-C', 'prod', 'web'], app)).toEqual({
      status: 7,
      stdout: '',
      stderr: 'ecsh prod/web@worker\n',
    });
    expect(prompts.asked).toEqual([
      {
        message: 'Container of task cccccccccccc',
        lines: ['api  RUNNING  ready', 'worker  RUNNING  ready'],
      },
    ]);
    expect(remote.requests[0]?.container).toBe('worker');
  });

  it('is asked for only once, even if the target is resolved repeatedly', async () => {
    const starting = TWO_CONTAINERS.map((container) => ({ ...container, runtimeId: undefined }));
    const { app, remote, prompts } = atTerminal(['worker'], {
      tasks: [sampleTask('cccccccccccc33333333333333333333', { containers: starting })],
    });
    const running = run(['--wait', '2s', 'prod/web'], app);
    await remote.clock.advance(10_000);
    expect((await running).stderr).toContain('[container-not-running]');
    expect(prompts.asked).toHaveLength(1);
  });

  it('is also asked for after a task was chosen', async () => {
    const { app, remote } = atTerminal(['worker'], { tasks });
    expect((await run([], app)).stderr).toBe('ecsh prod/web@worker\n');
    expect(remote.requests[0]?.container).toBe('worker');
  });

  it('can be canceled with Ctrl-C', async () => {
    const { app } = atTerminal([{ kind: 'cancelled' }], { tasks });
    expect(await run(['prod/web'], app)).toEqual({ status: 130, stdout: '', stderr: '' });
  });

  it('fails with --no-input, and the message names the candidates', async () => {
    const { app, prompts } = atTerminal([], { tasks });
    const { status, stderr } = await run(['--no-input', 'prod/web'], app);
    expect(status).toBe(255);
    expect(stderr).toContain('has several containers: api, worker. [container-ambiguous]');
    expect(prompts.asked).toEqual([]);
  });
});
