import { describe, expect, it } from 'vitest';
// Loaded in advance, so that imports take no time in the tests.
import '#commands/exec/run-exec.ts';
import '#commands/exec/start-exec.ts';
import type { FakeAgent } from '#test/fakes/fake-agent.ts';
import { FakeRemote } from '#test/fakes/fake-remote.ts';
import { settle } from '#test/fakes/manual-clock.ts';
import { sampleTask, taskArn } from '#test/fakes/sample-task.ts';
import { FakeApp, type Outcome, run } from '#test/helpers/app.ts';

/** The container's side of one envelope. */
class Envelope {
  readonly agent: FakeAgent;
  readonly #nonce: string;

  constructor(agent: FakeAgent, command: string) {
    this.agent = agent;
    this.#nonce = / ecsh ([0-9a-f]{16}) /.exec(command)?.[1] ?? 'none';
    agent.output(`${this.#nonce} tbbg\np42\n`);
  }

  /** Ends the command with this status, and the session with it. */
  end(status: number): void {
    const mark = Buffer.from(`\u0001${this.#nonce}\u0002`).toString('base64');
    this.agent.output(`1${mark}.\n2${mark}.\nx${status}\n`);
    this.agent.close();
  }
}

/** A service with this number of tasks. */
function remoteOf(taskCount: number): FakeRemote {
  const ids = Array.from({ length: taskCount }, (_, index) => `${index + 1}`.repeat(32));
  return new FakeRemote(ids.map((id) => sampleTask(id)));
}

/** `ecsh exec --all` on tasks of one service, whose commands run until the test ends them. */
class FanOut {
  readonly app: FakeApp;
  readonly result: Promise<Outcome>;
  readonly #envelopes: Envelope[] = [];

  constructor(remote: FakeRemote, flags: readonly string[] = []) {
    this.app = new FakeApp({ remote });
    this.result = run(['exec', '--all', ...flags, 'prod/web', '--', 'job'], this.app);
  }

  /** Returns the started commands, in order. */
  async running(): Promise<readonly Envelope[]> {
    await settle();
    await settle();
    const { agents, requests } = this.app.remote;
    for (const agent of agents.slice(this.#envelopes.length)) {
      const request = requests[this.#envelopes.length];
      this.#envelopes.push(new Envelope(agent, request?.command ?? ''));
    }
    await settle();
    return this.#envelopes;
  }
}

describe('exec --all', () => {
  it('exits with the worst status', async () => {
    const all = new FanOut(remoteOf(3));
    for (const [index, command] of (await all.running()).entries()) command.end(index);
    expect(await all.result).toEqual({
      status: 2,
      stdout: '',
      stderr: 'Task 22222222: status 1.\nTask 33333333: status 2.\n',
    });
  });
});

describe('exec --all if a task is not RUNNING', () => {
  const ids = ['1', '2', '3'].map((digit) => digit.repeat(32));
  const remoteWith = (...statuses: readonly string[]) =>
    new FakeRemote(
      statuses.map((lastStatus, index) => sampleTask(ids[index] ?? '', { lastStatus })),
    );

  it('fails if no task is', async () => {
    const all = new FanOut(remoteWith('PENDING', 'DEPROVISIONING'));
    expect(await all.result).toEqual({
      status: 255,
      stdout: '',
      stderr:
        'ecsh: Service web in cluster prod has no running task. [no-running-task]\n' +
        '  See why the last ones stopped:  ecsh ls tasks prod --service web --status stopped --wide\n',
    });
    expect(all.app.remote.requests).toEqual([]);
  });

  it('reports it and runs on the others', async () => {
    const all = new FanOut(remoteWith('RUNNING', 'PENDING', 'STOPPING'));
    for (const command of await all.running()) command.end(0);
    expect(await all.result).toEqual({
      status: 0,
      stdout: '',
      stderr:
        'Task 22222222 was left out: it is PENDING.\nTask 33333333 was left out: it is STOPPING.\n',
    });
    expect(all.app.remote.requests).toHaveLength(1);
  });

  it('reports it in --json too', async () => {
    const all = new FanOut(remoteWith('PENDING', 'RUNNING'), ['--json']);
    for (const command of await all.running()) command.end(0);
    const { status, stdout } = await all.result;
    expect(status).toBe(0);
    const [first, second] = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(first).toEqual({
      status: null,
      exitCode: null,
      sessionId: null,
      error: {
        code: 'task-left-out',
        message: 'Task 11111111 was left out: it is PENDING.',
        hint: null,
      },
      stdout: '',
      stderr: '',
      encoding: 'utf8',
      cluster: 'prod',
      task: taskArn(ids[0] ?? ''),
      container: null,
      durationMs: 0,
    });
    expect(Object.keys(first)).toEqual(Object.keys(second));
    expect(second).toMatchObject({ status: 0, exitCode: 0, task: taskArn(ids[1] ?? '') });
  });

  it('waits for it with --wait', async () => {
    const remote = remoteWith('PENDING', 'RUNNING');
    const ecs = await remote.ports.ecs();
    let now = ecs;
    remote.ports = {
      ...remote.ports,
      ecs: async () => ({ ...ecs, describeTasks: (...args) => now.describeTasks(...args) }),
    };
    const all = new FanOut(remote, ['--wait', '1m']);
    expect(await all.running()).toEqual([]);
    now = await remoteWith('RUNNING', 'RUNNING').ports.ecs();
    await remote.clock.advance(1000);
    const commands = await all.running();
    expect(commands).toHaveLength(2);
    for (const command of commands) command.end(0);
    expect(await all.result).toEqual({
      status: 0,
      stdout: '',
      stderr: 'Waiting: 1 of 2 tasks are still starting.\n',
    });
  });

  it('runs on the others after the time of --wait', async () => {
    const all = new FanOut(remoteWith('PENDING', 'RUNNING'), ['--wait', '3s']);
    await all.running();
    for (const _ of [1, 2, 3]) {
      await all.app.remote.clock.advance(1000);
      await settle();
    }
    for (const command of await all.running()) command.end(0);
    expect(await all.result).toEqual({
      status: 0,
      stdout: '',
      stderr:
        'Waiting: 1 of 2 tasks are still starting.\nTask 11111111 was left out: it is PENDING.\n',
    });
  });
});

describe('exec --all on a signal', () => {
  it.each([
    ['SIGINT', 'INT', 130],
    ['SIGHUP', 'HUP', 129],
    ['SIGTERM', 'TERM', 143],
  ] as const)(
    'forwards %s to every command once, and exits with its status',
    async (signal, name, status) => {
      const all = new FanOut(remoteOf(2));
      const commands = await all.running();
      all.app.signals.send(signal);
      await settle();
      expect(commands.map(({ agent }) => agent.input)).toEqual([
        `:1V\n:2K${name} 42\n`,
        `:1V\n:2K${name} 42\n`,
      ]);
      for (const command of commands) command.end(1);
      expect(await all.result).toMatchObject({ status });
    },
  );

  it('sends SIGKILL on the second signal', async () => {
    const all = new FanOut(remoteOf(1));
    const [command] = await all.running();
    all.app.signals.send('SIGINT');
    all.app.signals.send('SIGINT');
    await settle();
    expect(command?.agent.input).toBe(':1V\n:2KINT 42\n:3KKILL 42\n');
    command?.end(137);
    expect(await all.result).toMatchObject({ status: 130 });
  });

  it("exits with the signal's status regardless of earlier statuses, and leaves the rest out", async () => {
    const all = new FanOut(remoteOf(3), ['--parallel', '1']);
    const [first] = await all.running();
    first?.end(200);
    const [, second] = await all.running();
    all.app.signals.send('SIGINT');
    second?.end(0);
    expect(await all.result).toMatchObject({
      status: 130,
      stderr: expect.stringContaining('Task 33333333 was left out.\n'),
    });
    expect(all.app.remote.requests).toHaveLength(2);
  });

  it('does not report a task as left out if its session may have started', async () => {
    const remote = remoteOf(2);
    remote.beforeStart = () => new Promise(() => undefined);
    const all = new FanOut(remote, ['--parallel', '1']);
    await all.running();
    all.app.signals.send('SIGINT');
    all.app.signals.send('SIGINT');
    expect(await all.result).toEqual({
      status: 130,
      stdout: '',
      stderr:
        'AWS has not said whether a session has begun: ecsh doctor --sessions TARGET shows what is open.\n' +
        'Task 11111111: status 130.\nTask 22222222 was left out.\n',
    });
  });

  it('does not wait for a task that is still being checked, and starts no command in it', async () => {
    const remote = remoteOf(1);
    let answer: () => void = () => undefined;
    const configuration = new Promise<object>((resolve) => {
      answer = () => resolve({});
    });
    const ecs = await remote.ports.ecs();
    const slow = { ...ecs, describeExecConfiguration: () => configuration };
    remote.ports = { ...remote.ports, ecs: async () => slow };
    const all = new FanOut(remote);
    await all.running();
    all.app.signals.send('SIGINT');
    expect(await all.result).toEqual({ status: 130, stdout: '', stderr: '' });
    answer();
    await settle();
    expect(all.app.remote.requests).toEqual([]);
    expect(all.app.signals.handled).toEqual([]);
  });
});

describe('exec --all --fail-fast', () => {
  it('ends the others, and ignores their statuses', async () => {
    const all = new FanOut(remoteOf(3), ['--fail-fast', '--parallel', '2']);
    const [first, second] = await all.running();
    first?.end(9);
    await settle();
    expect(second?.agent.input).toBe(':1V\n:2KTERM 42\n');
    second?.end(143);
    expect(await all.result).toEqual({
      status: 9,
      stdout: '',
      stderr: 'Task 11111111: status 9.\nTask 33333333 was left out.\nTask 22222222: status 143.\n',
    });
  });

  it('reports the status of a command that exited on its own', async () => {
    const all = new FanOut(remoteOf(2), ['--fail-fast', '--json']);
    const [first, second] = await all.running();
    first?.end(9);
    await settle();
    second?.end(3);
    const { status, stdout } = await all.result;
    expect(status).toBe(9);
    expect(stdout.trimEnd().split('\n').map(toStatuses)).toEqual([
      { status: 9, exitCode: 9 },
      { status: 3, exitCode: 3 },
    ]);
  });

  it('exits with the status of a signal that arrives while it ends the others', async () => {
    const all = new FanOut(remoteOf(2), ['--fail-fast']);
    const [first, second] = await all.running();
    first?.end(9);
    await settle();
    all.app.signals.send('SIGINT');
    second?.end(137);
    expect(await all.result).toMatchObject({ status: 130 });
  });
});

function toStatuses(line: string): object {
  const { status, exitCode } = JSON.parse(line);
  return { status, exitCode };
}
