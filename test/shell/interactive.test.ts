import { PassThrough } from 'node:stream';
import { beforeEach, describe, expect, it } from 'vitest';
import { SILENCE_NOTICE } from '#session/session-end.ts';
import {
  type InteractiveOptions,
  type InteractivePorts,
  runInteractive,
} from '#shell/interactive.ts';
import { splitShellWords } from '#simulator/container/shell-words.ts';
import { FakeRemote, LINK, notConnected, readyTarget, SESSION } from '#test/fakes/fake-remote.ts';
import { FakeSignals } from '#test/fakes/fake-signals.ts';
import { BufferStream, SlowStream } from '#test/fakes/fake-streams.ts';
import { FakeTerminal } from '#test/fakes/fake-terminal.ts';
import { settle } from '#test/fakes/manual-clock.ts';
import { sampleTask } from '#test/fakes/sample-task.ts';

let remote: FakeRemote;
let signals: FakeSignals;
let terminal: FakeTerminal;
let keyboard: PassThrough;
let screen: BufferStream;
/** The terminal's modes and the messages of ecsh, in order. */
let log: string[];

beforeEach(() => {
  remote = new FakeRemote();
  signals = new FakeSignals();
  log = [];
  terminal = new FakeTerminal((mode) => log.push(mode));
  keyboard = new PassThrough();
  screen = new BufferStream();
});

interface Running {
  readonly status: Promise<number>;
  /** The status, or the code of the error; undefined while it runs. */
  readonly outcome: () => number | string | undefined;
}

/** Runs a shell until its first output. */
async function start(changes: Partial<InteractiveOptions> = {}): Promise<Running> {
  const { clock } = remote;
  const ports: InteractivePorts = { ...remote.ports, signals, terminal };
  const status = runInteractive(ports, {
    target: readyTarget(),
    argv: undefined,
    isBare: false,
    directory: undefined,
    environment: {},
    timeoutMs: undefined,
    term: 'xterm',
    stdin: keyboard,
    stdout: screen,
    retryPolicy: { clock, waitMs: 0, retries: 0, onWait: () => undefined },
    link: LINK,
    escapeKey: undefined,
    onNotice: (text) => log.push(`notice ${text}`),
    onDebug: (text) => log.push(`debug ${text}`),
    ...changes,
  });
  let outcome: number | string | undefined;
  status.then(
    (value) => {
      outcome = value;
    },
    (error: { readonly code: string }) => {
      outcome = error.code;
    },
  );
  await settle();
  return { status, outcome: () => outcome };
}

/** Asserts that everything is restored. */
function expectReleased(): void {
  expect(terminal.isRaw).toBe(false);
  expect(terminal.listenerCount).toBe(0);
  expect(signals.handled).toEqual([]);
  expect(remote.clock.timers).toEqual([]);
  expect([keyboard.listenerCount('data'), screen.listenerCount('drain')]).toEqual([0, 0]);
}

describe('a shell', () => {
  it('shows output, sends input, and ends with its status', async () => {
    const { status } = await start();
    remote.agent.output('$ ');
    keyboard.write('exit 7\r');
    await settle();
    expect(remote.agent.input).toBe('exit 7\r');
    remote.agent.output('bye\r\n');
    remote.reportStatus(7);
    remote.agent.close();
    expect(await status).toBe(7);
    expect(screen.text).toBe('$ bye\r\n');
    expect(remote.terminated).toEqual([]);
    expect(log).toEqual([`debug session ${SESSION.sessionId}`, 'raw', 'cooked']);
    expectReleased();
  });

  it('ends even if the end of the session is lost', async () => {
    const { status, outcome } = await start();
    remote.agent.output('bye\r\n');
    remote.reportStatus(7);
    await remote.clock.advance(9_999);
    await settle();
    expect(outcome()).toBeUndefined();
    await remote.clock.advance(1);
    expect(await status).toBe(7);
    expect(remote.terminated).toEqual([SESSION.sessionId]);
    expectReleased();
  });

  it('runs the script with TERM and size, and no command (C-6)', async () => {
    const { status } = await start({ directory: '/srv' });
    const words = splitShellWords(remote.requests[0]?.command ?? '');
    expect(words.slice(3)).toEqual(['ecsh', remote.nonce, '', 'xterm', '30', '100', '/srv']);
    remote.agent.close();
    await expect(status).rejects.toMatchObject({ code: 'status-unknown' });
  });

  it('fails after thirty seconds of silence, because the script would have reported by then', async () => {
    const running = await start({ argv: ['sleep', '100'] });
    running.status.catch(() => undefined);
    await remote.clock.advance(30_100);
    await expect(running.status).rejects.toMatchObject({ code: 'session-limit' });
    expect(remote.terminated).toEqual([SESSION.sessionId]);
  });

  it('restores the terminal only after its last output was written (S-18)', async () => {
    const slow = new SlowStream(1);
    const { status } = await start({ stdout: slow });
    remote.agent.output('last words');
    remote.reportStatus(3);
    remote.agent.close();
    await settle();
    expect(terminal.isRaw).toBe(true);
    // The text, the held-back bytes (none), and an empty write whose callback reports that everything was written.
    for (let write = 0; write < 3; write++) {
      expect(terminal.isRaw).toBe(true);
      slow.take();
      await settle();
    }
    expect(terminal.isRaw).toBe(false);
    expect(await status).toBe(3);
  });

  it('explains the likely reason after ten seconds of silence', async () => {
    await start();
    await remote.clock.advance(9_999);
    expect(log.filter((line) => line.startsWith('notice'))).toEqual([]);
    await remote.clock.advance(1);
    expect(log.at(-1)).toBe(`notice ${SILENCE_NOTICE}`);
  });

  it('gets the size, and each change', async () => {
    await start();
    remote.agent.output('$ ');
    terminal.resize({ cols: 132, rows: 43 });
    expect(remote.agent.sizes).toEqual(['100x30', '100x30', '132x43']);
  });

  it('reads the keyboard only while it can be sent', async () => {
    await start();
    keyboard.write('typed ahead');
    await settle();
    expect(remote.agent.input).toBe('');
    remote.agent.output('$ ');
    await settle();
    expect(remote.agent.input).toBe('typed ahead');
  });

  it('stops reading the keyboard while the container is slow, and continues afterwards', async () => {
    await start();
    remote.agent.output('$ ');
    await settle();
    remote.agent.stopAcknowledging();
    keyboard.write(Buffer.alloc(65 * 1024));
    await settle();
    expect(keyboard.isPaused()).toBe(true);
    for (const message of remote.transport.messages) {
      if (message.messageType === 'input_stream_data') remote.agent.acknowledge(message);
    }
    expect(keyboard.isPaused()).toBe(false);
  });

  it('stops reading the socket while the screen is slow', async () => {
    const slow = new SlowStream(1);
    const { status } = await start({ stdout: slow });
    remote.agent.output('long output');
    await settle();
    expect(remote.transport.log.at(-1)).not.toBe('resume');
    expect(remote.transport.log).toContain('pause');
    slow.take();
    await settle();
    expect(remote.transport.log.at(-1)).toBe('resume');
    remote.reportStatus(0);
    remote.agent.close();
    expect(await status).toBe(0);
  });
});

describe('the escape key', () => {
  it('ends a session that hangs with 255, and says so (T-9)', async () => {
    const { status } = await start({ escapeKey: '~' });
    remote.agent.output('$ ');
    keyboard.write('ls\r~.');
    expect(await status).toBe(255);
    expect(remote.agent.input).toBe('');
    expect(remote.terminated).toEqual([SESSION.sessionId]);
    expect(log).toContain('notice Connection closed by the escape key.');
    expectReleased();
  });

  it('works before any output of the container (T-9)', async () => {
    const { status } = await start({ escapeKey: '~' });
    keyboard.write('~.');
    expect(await status).toBe(255);
    expectReleased();
  });

  it('shows its help on request, which is not sent', async () => {
    await start({ escapeKey: '~' });
    remote.agent.output('$ ');
    keyboard.write('~?x');
    await settle();
    expect(remote.agent.input).toBe('x');
    expect(log.at(-1)).toBe(
      [
        'notice Keys after Enter:',
        '  ~.   ends the session',
        '  ~^Z  suspends ecsh',
        '  ~?   shows this',
        '  ~~   sends ~',
      ].join('\n'),
    );
  });

  it('suspends ecsh, and the session continues', async () => {
    await start({ escapeKey: '~' });
    remote.agent.output('$ ');
    keyboard.write('~\u001ax');
    await settle();
    expect(remote.agent.input).toBe('x');
    expect(terminal.suspensions).toBe(1);
  });

  it('is an ordinary key if it is turned off', async () => {
    await start();
    remote.agent.output('$ ');
    keyboard.write('~.');
    await settle();
    expect(remote.agent.input).toBe('~.');
  });
});

describe('Ctrl-C', () => {
  it('goes to the container once it listens', async () => {
    await start();
    remote.agent.output('$ ');
    keyboard.write('\u0003');
    await settle();
    expect(remote.agent.input).toBe('\u0003');
  });

  it('ends ecsh before that', async () => {
    const { status } = await start();
    keyboard.write('\u0003');
    expect(await status).toBe(130);
    expect(remote.terminated).toEqual([SESSION.sessionId]);
    expectReleased();
  });
});

describe('a command on the terminal', () => {
  it('gets its variables when it waits for them', async () => {
    const { status } = await start({ argv: ['env'], environment: { A: 'x y' } });
    const words = splitShellWords(remote.requests[0]?.command ?? '');
    expect(words.slice(4)).toEqual([remote.nonce, 'w', 'xterm', '30', '100', '', 'env']);
    remote.agent.output('noise of a login');
    await settle();
    expect(remote.agent.input).toBe('');
    remote.agent.output(`\u001b]ecsh;${remote.nonce};go\u0007`);
    await settle();
    expect(remote.agent.input).toBe(':1VA=x\\0040y\n:2V\n');
    remote.reportStatus(0);
    remote.agent.close();
    expect(await status).toBe(0);
    expect(screen.text).toBe('noise of a login');
  });

  it('gets input that was typed ahead after its variables, not among them', async () => {
    await start({ argv: ['env'], environment: { A: 'x' } });
    keyboard.write('typed ahead\r');
    remote.agent.output('noise');
    await settle();
    remote.agent.output(`\u001b]ecsh;${remote.nonce};go\u0007`);
    await settle();
    expect(remote.agent.input).toBe(':1VA=x\n:2V\ntyped ahead\r');
  });

  it('does not read the keyboard without -i', async () => {
    const { status } = await start({ argv: ['top'], stdin: undefined });
    keyboard.write('x');
    remote.agent.output('out');
    await settle();
    expect(remote.agent.input).toBe('');
    expect(terminal.isRaw).toBe(false);
    remote.reportStatus(0);
    remote.agent.close();
    expect(await status).toBe(0);
    expect(log).toEqual([`debug session ${SESSION.sessionId}`]);
  });

  it('is sent unchanged without a shell, and its status is unknown', async () => {
    const { status } = await start({ argv: ['/app', 'a b'], isBare: true });
    expect(remote.requests[0]?.command).toBe("/app 'a b'");
    remote.agent.output('done');
    remote.agent.close();
    await expect(status).rejects.toMatchObject({
      code: 'status-unknown',
      message: 'The command has ended; its status is unknown.',
      hint: 'Without a shell in the image there is nothing to report it (--no-shell).',
      exitCode: 255,
    });
    expect(screen.text).toBe('done');
  });
});

describe('a Windows container', () => {
  const target = readyTarget(
    sampleTask('0f9de17a6465404e8b1b2356dc13c2f8', { platformFamily: 'WINDOWS_SERVER_2022_CORE' }),
  );

  it('runs PowerShell, which reports no status', async () => {
    const { status } = await start({ target });
    expect(remote.requests[0]?.command).toBe('powershell.exe');
    remote.agent.output('PS>');
    remote.agent.close();
    await expect(status).rejects.toMatchObject({
      code: 'status-unknown',
      message: 'The command has ended; its status is unknown.',
      hint: 'A Windows container does not report it.',
      exitCode: 255,
    });
  });

  it.each([{ directory: 'C:\\' }, { environment: { A: 'x' } }])(
    'refuses options that need sh: %j',
    async (changes) => {
      const { status } = await start({ target, ...changes });
      await expect(status).rejects.toMatchObject({
        code: 'windows-needs-command',
        message: 'Variables and a directory cannot be set in a Windows container.',
        hint: 'Set them within the command:  powershell.exe -Command "…"',
      });
      expect(remote.requests).toEqual([]);
    },
  );
});

describe('an end by ecsh', () => {
  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('%s terminates the session, and the status is %i', async (signal, expected) => {
    const { status } = await start();
    remote.agent.output('$ ');
    signals.send(signal);
    expect(await status).toBe(expected);
    expect(remote.terminated).toEqual([SESSION.sessionId]);
    expect(log).toEqual([`debug session ${SESSION.sessionId}`, 'raw', 'cooked']);
    expectReleased();
  });

  it('--timeout terminates the session, and the status is 124', async () => {
    const { status } = await start({ timeoutMs: 30_000 });
    remote.agent.output('$ ');
    await remote.clock.advance(30_000);
    expect(await status).toBe(124);
    expect(remote.terminated).toEqual([SESSION.sessionId]);
    expectReleased();
  });

  it('a closed terminal terminates the session, and the status is 129', async () => {
    const { status } = await start();
    remote.agent.output('$ ');
    keyboard.end();
    expect(await status).toBe(129);
    expect(remote.terminated).toEqual([SESSION.sessionId]);
    expectReleased();
  });

  it('a screen whose reader has gone terminates the session, and the status is 141', async () => {
    const slow = new SlowStream(100);
    const { status } = await start({ stdout: slow });
    remote.agent.output('out');
    await settle();
    slow.break();
    expect(await status).toBe(141);
    expect(remote.terminated).toEqual([SESSION.sessionId]);
    expectReleased();
  });

  it('is immediate while ecsh waits for a young agent', async () => {
    remote.failures.push(notConnected(), notConnected());
    const { status } = await start();
    await remote.clock.advance(500);
    signals.send('SIGINT');
    expect(await status).toBe(130);
    expect(remote.requests).toHaveLength(1);
    expect(remote.terminated).toEqual([]);
    expectReleased();
  });

  it('waits at most 3 s for an API that does not answer', async () => {
    remote.termination = () => new Promise(() => undefined);
    const { outcome } = await start();
    remote.agent.output('$ ');
    signals.send('SIGTERM');
    await remote.clock.advance(2_999);
    expect(terminal.isRaw).toBe(false);
    expect(outcome()).toBeUndefined();
    await remote.clock.advance(1);
    expect(outcome()).toBe(143);
    expectReleased();
  });
});

describe('an end from the remote side', () => {
  it('without a status never exits with 0 (C-11)', async () => {
    const { status } = await start();
    remote.agent.output('$ ');
    remote.agent.close();
    await expect(status).rejects.toMatchObject({ code: 'status-unknown', exitCode: 255 });
    expectReleased();
  });

  it('with a message of the agent has an explanation', async () => {
    const { status } = await start();
    remote.agent.close(
      'Unable to start command: Failed to start pty: exec: "sh": executable file not found in $PATH',
    );
    await expect(status).rejects.toMatchObject({
      code: 'command-not-found',
      message: 'The container has no program "sh".',
      exitCode: 127,
    });
    expectReleased();
  });

  it('by a lost connection terminates the session', async () => {
    const { status } = await start();
    remote.agent.output('$ ');
    remote.transport.lose('websocket closed with 1006');
    await expect(status).rejects.toMatchObject({
      code: 'session-over',
      message: 'The session ended while the connection was lost.',
      exitCode: 255,
    });
    expect(remote.terminated).toEqual([SESSION.sessionId]);
    expectReleased();
  });

  it('after the status has that status, even if the connection is lost', async () => {
    const { status } = await start();
    remote.agent.output('$ ');
    remote.reportStatus(3);
    remote.transport.lose('websocket closed with 1006');
    expect(await status).toBe(3);
  });

  it('shows output that was held back', async () => {
    const { status } = await start();
    remote.agent.output('half a marker \u001b]ecsh;');
    await settle();
    expect(screen.text).toBe('half a marker ');
    remote.agent.close();
    await expect(status).rejects.toMatchObject({ code: 'status-unknown' });
    expect(screen.text).toBe('half a marker \u001b]ecsh;');
  });
});

it('passes on the messages of the service and the protocol', async () => {
  await start();
  remote.agent.handshakeComplete('This session is recorded.');
  remote.agent.exitCode('EXIT_CODE: 0');
  expect(log).toEqual([
    `debug session ${SESSION.sessionId}`,
    'raw',
    'notice The agent says:\n  | This session is recorded.',
    'debug agent reports exit code 0',
  ]);
});

it('fails if starting fails, without touching the terminal', async () => {
  remote.openFailure = new Error('refused');
  const { status } = await start();
  await expect(status).rejects.toThrow('refused');
  expect(remote.terminated).toEqual([SESSION.sessionId]);
  expect(log).toEqual([]);
  expectReleased();
});

describe('a signal while ecsh waits for ExecuteCommand', () => {
  it('gives up after three seconds without an answer', async () => {
    remote.beforeStart = () => new Promise(() => undefined);
    const { status, outcome } = await start();
    signals.send('SIGINT');
    await remote.clock.advance(2_900);
    expect(outcome()).toBeUndefined();
    await remote.clock.advance(100);
    expect(await status).toBe(130);
    expect(log).toContainEqual(expect.stringContaining('whether a session has begun'));
    expectReleased();
  });

  it('gives up at once at the second signal', async () => {
    remote.beforeStart = () => new Promise(() => undefined);
    const { status } = await start();
    signals.send('SIGTERM');
    signals.send('SIGTERM');
    expect(await status).toBe(143);
    expectReleased();
  });
});
