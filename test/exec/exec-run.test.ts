import { PassThrough } from 'node:stream';
import { beforeEach, describe, expect, it } from 'vitest';
import { runThroughEnvelope } from '#exec/exec-run.ts';
import type { ExecRunOptions, ExecRunResult } from '#exec/exec-run-options.ts';
import { FakeRemote, LINK, notConnected, readyTarget, SESSION } from '#test/fakes/fake-remote.ts';
import { FakeSignals } from '#test/fakes/fake-signals.ts';
import { BufferStream, SlowStream } from '#test/fakes/fake-streams.ts';
import { settle } from '#test/fakes/manual-clock.ts';

let remote: FakeRemote;
let signals: FakeSignals;
let stdout: BufferStream;
let stderr: BufferStream;
let notices: string[];

beforeEach(() => {
  remote = new FakeRemote();
  signals = new FakeSignals();
  stdout = new BufferStream();
  stderr = new BufferStream();
  notices = [];
});

interface Running {
  readonly result: Promise<ExecRunResult>;
  readonly outcome: () => ExecRunResult | Error | undefined;
}

/** Runs until the session is open. */
async function start(changes: Partial<ExecRunOptions> = {}): Promise<Running> {
  const { clock } = remote;
  const result = runThroughEnvelope(
    { ...remote.ports, signals },
    {
      target: readyTarget(),
      argv: ['true'],
      stdin: undefined,
      stdout,
      stderr,
      environment: {},
      directory: undefined,
      user: undefined,
      mergesStderr: false,
      prefersRaw: false,
      timeoutMs: undefined,
      killAfterMs: 5_000,
      abort: undefined,
      retryPolicy: { clock, waitMs: 0, retries: 0, onWait: () => undefined },
      link: LINK,
      onNotice: (text) => notices.push(text),
      onDebug: () => undefined,
      ...changes,
    },
  );
  let outcome: ExecRunResult | Error | undefined;
  result.then(
    (value) => {
      outcome = value;
    },
    (error: Error) => {
      outcome = error;
    },
  );
  await settle();
  await settle();
  return { result, outcome: () => outcome };
}

function nonce(): string {
  return / ecsh ([0-9a-f]{16}) /.exec(remote.requests.at(-1)?.command ?? '')?.[1] ?? 'none';
}

/** Eight characters of base64, and `cksum` of `hello`. */
const END = 'E.8.3287646509 5-';

const line = (stream: '1' | '2', text: string) =>
  `${stream}${Buffer.from(text, 'latin1').toString('base64')}.\n`;

/** Reports, like the envelope, that it has started and that the command runs as process 42. */
async function begin(features = 'tbbg'): Promise<void> {
  remote.agent.output(`${nonce()} ${features}\np42\n`);
  await settle();
}

/** The command has ended, but the session has not. */
async function tellEnd(status: number): Promise<void> {
  const end = `\u0001${nonce()}\u0002`;
  remote.agent.output(`${line('1', end)}${line('2', end)}x${status}\n`);
  await settle();
}

async function complete(status: number): Promise<void> {
  await tellEnd(status);
  remote.agent.close();
  await settle();
}

describe('runThroughEnvelope', () => {
  it('uses a new, unguessable mark for each run (C-11)', async () => {
    await start();
    const first = nonce();
    await start();
    expect([first, nonce()]).toEqual([
      expect.stringMatching(/^[0-9a-f]{16}$/),
      expect.stringMatching(/^[0-9a-f]{16}$/),
    ]);
    expect(nonce()).not.toBe(first);
  });

  it('passes on both streams and the status', async () => {
    const { result } = await start();
    await begin();
    remote.agent.output(line('1', 'out') + line('2', 'err'));
    await complete(7);
    expect(await result).toEqual({
      status: 7,
      exitCode: 7,
      wasStopped: false,
      sessionId: SESSION.sessionId,
      failure: undefined,
    });
    expect([stdout.text, stderr.text]).toEqual(['out', 'err']);
    expect(signals.handled).toEqual([]);
    expect(remote.terminated).toEqual([]);
  });

  it('starts the command only once its session can be ended', async () => {
    await start();
    expect(remote.agent.input).toBe('');
    await begin();
    expect(remote.agent.input).toBe(':1V\n');
  });

  describe('if ECS reports that the cluster has no key', () => {
    const link = { ...LINK, isWithoutKey: true };

    it('starts the command while the agent still holds back its output', async () => {
      await start({ link });
      await remote.clock.advance(99);
      expect(remote.agent.input).toBe('');
      await remote.clock.advance(1);
      expect(remote.agent.input).toBe(':1V\n');
      await begin();
      expect(remote.agent.input).toBe(':1V\n');
    });

    it('repeats the line that an agent has discarded', async () => {
      await start({ link });
      await remote.clock.advance(200);
      remote.agent.output(`${nonce()} tbbg\n`);
      await settle();
      expect(remote.agent.input).toBe(':1V\n:1V\n');
    });

    it.each([
      ['values of variables', { environment: { A: 'secret' } }, ':1VA=secret\n:2V\n'],
      ['stdin', { stdin: PassThrough.from([]) }, ':1V\n'],
    ])('holds back %s until the terminal no longer echoes', async (_, changes, input) => {
      await start({ link, ...changes });
      await remote.clock.advance(900);
      expect(remote.agent.input).toBe('');
      remote.agent.output(`${nonce()} tbbg\n`);
      await settle();
      expect(remote.agent.input).toContain(input);
    });

    it('does not start a command that was stopped first', async () => {
      await start({ link });
      signals.send('SIGTERM');
      await remote.clock.advance(500);
      expect(remote.agent.input).toBe('');
    });
  });

  it('sends nothing to a command without input if the terminal would echo it', async () => {
    await start();
    await begin('-bbg');
    expect(remote.agent.input).toBe('');
  });

  it.each([
    ['SIGINT', 'INT', 130],
    ['SIGTERM', 'TERM', 143],
    ['SIGHUP', 'HUP', 129],
  ] as const)(
    'forwards %s, and sends SIGKILL after the grace period (T-2)',
    async (signal, name, exitCode) => {
      const { result } = await start();
      await begin();
      signals.send(signal);
      await settle();
      expect(remote.agent.input).toBe(`:1V\n:2K${name} 42\n`);
      await remote.clock.advance(5_000);
      expect(remote.agent.input).toBe(`:1V\n:2K${name} 42\n:3KKILL 42\n`);
      await complete(137);
      expect(await result).toMatchObject({ exitCode, status: 137 });
    },
  );

  it('stops at the second signal if ECS has not answered yet', async () => {
    remote.beforeStart = () => new Promise(() => undefined);
    const { result, outcome } = await start();
    signals.send('SIGTERM');
    await settle();
    expect(outcome()).toBeUndefined();
    signals.send('SIGTERM');
    await settle();
    expect(await result).toMatchObject({ exitCode: 143, wasStopped: true, sessionId: undefined });
    expect(notices).toEqual([expect.stringContaining('whether a session has begun')]);
  });

  it('does not report silence before there is a session', async () => {
    remote.beforeStart = () => new Promise(() => undefined);
    await start();
    await remote.clock.advance(20_000);
    expect(notices).toEqual([]);
  });

  it('waits for processes that a stopped command left behind, and kills them after the grace period', async () => {
    const { result, outcome } = await start();
    await begin();
    signals.send('SIGINT');
    await tellEnd(130);
    await remote.clock.advance(4_900);
    expect(remote.agent.input).toBe(':1V\n:2KINT 42\n');
    await remote.clock.advance(200);
    expect(remote.agent.input).toBe(':1V\n:2KINT 42\n:3KKILL 42\n');
    expect(outcome()).toBeUndefined();
    remote.agent.close();
    expect(await result).toMatchObject({ exitCode: 130 });
  });

  it('terminates the session if SIGKILL does not end the command', async () => {
    const { result } = await start({ timeoutMs: 1_000, killAfterMs: 200 });
    await begin();
    await remote.clock.advance(4_300);
    expect(await result).toMatchObject({ exitCode: 124, status: undefined });
    expect(remote.terminated).toEqual([SESSION.sessionId]);
  });

  it('treats an abort as SIGTERM', async () => {
    const controller = new AbortController();
    const { result } = await start({ abort: controller.signal });
    await begin();
    controller.abort();
    await settle();
    expect(remote.agent.input).toBe(':1V\n:2KTERM 42\n');
    await complete(143);
    expect(await result).toMatchObject({ exitCode: 143, wasStopped: true });
  });

  it('does not treat an abort after a signal as a second signal', async () => {
    const controller = new AbortController();
    await start({ abort: controller.signal });
    await begin();
    signals.send('SIGINT');
    controller.abort();
    await settle();
    expect(remote.agent.input).toBe(':1V\n:2KINT 42\n');
  });

  it.each([
    ['EPIPE', 141],
    ['ENOSPC', 255],
    ['EBADF', 255],
  ])(
    'stops the command if writing its output fails with %s, and exits with %i',
    async (code, exitCode) => {
      const slow = new SlowStream(1);
      const { result } = await start({ stdout: slow });
      await begin();
      remote.agent.output(line('1', 'y'));
      await settle();
      slow.break(code);
      await settle();
      expect(remote.agent.input).toBe(':1V\n:2KTERM 42\n');
      await complete(143);
      expect(await result).toMatchObject({ exitCode });
    },
  );

  it('keeps the grace period of a stopped command if its reader ends too, as a pipeline does at Ctrl-C', async () => {
    const slow = new SlowStream(1);
    const { result } = await start({ stdout: slow });
    await begin();
    signals.send('SIGINT');
    remote.agent.output(line('1', 'cleaning up'));
    await settle();
    slow.break();
    await settle();
    expect(remote.agent.input).toBe(':1V\n:2KINT 42\n');
    await complete(130);
    expect(await result).toMatchObject({ exitCode: 130 });
  });

  it('writes both streams in order of arrival if they share one screen', async () => {
    const screen = new BufferStream();
    await start({ stdout: screen, stderr: screen });
    await begin();
    remote.agent.output(line('1', 'a') + line('2', 'b') + line('1', 'c'));
    await settle();
    expect(screen.text).toBe('abc');
  });

  it('pauses while the reader is slow', async () => {
    const slow = new SlowStream(1);
    await start({ stdout: slow });
    await begin();
    remote.agent.output(line('1', 'one'));
    await settle();
    expect(remote.transport.log.at(-1)).toBe('pause');
    slow.take();
    await settle();
    expect(remote.transport.log).toContain('resume');
  });

  it('reports a session that stays silent for ten seconds', async () => {
    await start();
    await remote.clock.advance(9_900);
    expect(notices).toEqual([]);
    await remote.clock.advance(200);
    expect(notices).toEqual([expect.stringContaining('silent')]);
  });

  it('does not treat the time limit as a second signal', async () => {
    await start({ timeoutMs: 1_000, killAfterMs: 20_000 });
    await begin();
    signals.send('SIGTERM');
    await remote.clock.advance(2_000);
    expect(remote.agent.input).toBe(':1V\n:2KTERM 42\n');
  });

  it('resumes the terminal before it signals a command whose reader has stalled', async () => {
    const slow = new SlowStream(1);
    await start({ stdout: slow });
    await begin();
    remote.agent.output(line('1', 'one'));
    await settle();
    await remote.clock.advance(300);
    expect(remote.agent.input).toBe(':1V\n\u0013');
    signals.send('SIGTERM');
    await settle();
    expect(remote.agent.input).toBe(':1V\n\u0013\u0011:2KTERM 42\n');
  });

  it('waits ten seconds for a background process that keeps the output open, then returns the status', async () => {
    const { result } = await start();
    await begin();
    await tellEnd(3);
    expect(remote.agent.input).toBe(':1V\n');
    await remote.clock.advance(100);
    expect(remote.agent.input).toBe(':1V\n:2Q\n');
    await remote.clock.advance(10_000);
    expect(await result).toMatchObject({ status: 3, exitCode: 3 });
    expect(remote.terminated).toEqual([SESSION.sessionId]);
  });

  it('sends variables, then stdin and its end', async () => {
    const stdin = new PassThrough();
    await start({ stdin, environment: { A: 'b' } });
    await begin();
    stdin.end('hello');
    await settle();
    await settle();
    expect(remote.agent.input).toBe(
      `:1VA=b\n:2V\n:3D${Buffer.from('hello').toString('base64')}\n:4${END}\n`,
    );
  });

  it('holds back stdin until the terminal is ready for it (C-10)', async () => {
    const stdin = new PassThrough();
    await start({ stdin });
    stdin.end('hello');
    await settle();
    expect(remote.agent.input).toBe('');
    await begin();
    await settle();
    expect(remote.agent.input).toBe(
      `:1V\n:2D${Buffer.from('hello').toString('base64')}\n:3${END}\n`,
    );
  });

  it('keeps running after the end of stdin, until the session ends (C-9, T-7)', async () => {
    const stdin = new PassThrough();
    const { outcome } = await start({ stdin });
    await begin();
    stdin.end();
    await settle();
    expect(remote.agent.input).toBe(':1V\n:2E.0.4294967295 0-\n');
    await remote.clock.advance(600_000);
    expect(outcome()).toBeUndefined();
    remote.agent.output(line('1', 'late'));
    await complete(0);
    expect(outcome()).toMatchObject({ exitCode: 0 });
    expect(stdout.text).toBe('late');
  });

  it('stops the command if reading stdin fails, instead of sending an end of file', async () => {
    const stdin = new PassThrough();
    const { result } = await start({ stdin });
    await begin();
    stdin.destroy(new Error('EIO'));
    await settle();
    expect(remote.agent.input).toBe(':1V\n:2KTERM 42\n');
    await complete(143);
    expect(await result).toMatchObject({ exitCode: 255, failure: { code: 'file-unreadable' } });
  });

  it('sends an end of file if the terminal is gone, since SIGHUP follows', async () => {
    const stdin = Object.assign(new PassThrough(), { isTTY: true });
    await start({ stdin });
    await begin();
    stdin.destroy(new Error('EIO'));
    await settle();
    expect(remote.agent.input).toBe(':1V\n:2E.0.4294967295 0-\n');
  });

  it.each([
    ['tooling is missing', 't-bg', undefined, 'image-lacks-tools'],
    ['stdin would be echoed', '-bbg', new PassThrough(), 'stdin-needs-stty'],
  ])('fails when %s', async (_name, features, stdin, code) => {
    const { result } = await start({ stdin });
    await begin(features);
    expect(await result).toMatchObject({
      exitCode: 255,
      sessionId: SESSION.sessionId,
      failure: { code },
    });
    expect(remote.terminated).toEqual([SESSION.sessionId]);
  });

  it('reports the status of a command whose raw output was damaged, and exits with 255', async () => {
    const { result } = await start({ prefersRaw: true });
    const mark = `\u0001${nonce()}`;
    remote.agent.output(`${nonce()} trbg\n${mark}p42\nx${mark}\u0002${mark}3${mark}\u0002\n`);
    remote.agent.output(`${mark}s11 9\n${mark}s21 9\n${mark}x5\n`);
    remote.agent.close();
    expect(await result).toMatchObject({
      status: 5,
      exitCode: 255,
      failure: { code: 'output-damaged' },
    });
  });

  it('exits with 255 if a line of encoded output was split in two', async () => {
    const { result } = await start();
    await begin();
    remote.agent.output('1aGVsa2AAAA.\nG8K.\n');
    await complete(0);
    expect(await result).toMatchObject({
      status: 0,
      exitCode: 255,
      failure: {
        code: 'output-damaged',
        message:
          'The command ended with status 0, but its stdout and stderr did not arrive as written: ' +
          "another program wrote to the session's terminal.",
      },
    });
    expect(stdout.text).toBe('');
  });

  it('does not report a status from before the command started', async () => {
    const { result } = await start();
    remote.agent.output(`${nonce()} tbbg\n`);
    await complete(1);
    expect(await result).toMatchObject({
      status: undefined,
      exitCode: 255,
      failure: { code: 'command-not-started' },
    });
  });

  it.each([126, 127])(
    'reports a %i from before the command started as its status',
    async (status) => {
      const { result } = await start();
      remote.agent.output(`${nonce()} tbbg\n`);
      await complete(status);
      expect(await result).toMatchObject({ status, exitCode: status, failure: undefined });
    },
  );

  it.each([
    ['g', 255, 'input-damaged'],
    ['vUID', 126, 'variable-readonly'],
    ['u', 255, 'user-switch-missing'],
  ])('fails on the frame %s with %i', async (frame, exitCode, code) => {
    const { result } = await start({ stdin: new PassThrough(), environment: { UID: '1' } });
    await begin();
    remote.agent.output(`${frame}\n`);
    expect(await result).toMatchObject({ exitCode, failure: { code } });
    expect(remote.terminated).toEqual([SESSION.sessionId]);
  });

  it('does not trust a status before both streams have ended', async () => {
    const { result } = await start();
    await begin();
    remote.agent.output(`${line('1', `\u0001${nonce()}\u0002`)}x0\n`);
    remote.agent.close();
    expect(await result).toMatchObject({ exitCode: 255, failure: { code: 'status-unknown' } });
  });

  it('never treats a session that ended early as a success (C-11)', async () => {
    const { result } = await start();
    await begin();
    remote.agent.close();
    expect(await result).toMatchObject({ exitCode: 255, failure: { code: 'status-unknown' } });
  });

  it('removes its signal handlers and timers if no session could be started', async () => {
    remote.failures.push(notConnected(), notConnected(), notConnected(), notConnected());
    const { result, outcome } = await start();
    result.catch(() => undefined);
    await remote.clock.advance(60_000);
    expect(outcome()).toMatchObject({ code: 'target-not-connected' });
    expect(signals.handled).toEqual([]);
    expect(remote.clock.timers).toEqual([]);
  });
});
