import { PassThrough } from 'node:stream';
import { beforeEach, describe, expect, it } from 'vitest';
import { EcshError } from '#domain/errors/errors.ts';
import { runPlugin } from '#plugin/plugin-run.ts';
import { FakeMachine } from '#test/fakes/fake-local.ts';
import { FakeRemote, SESSION } from '#test/fakes/fake-remote.ts';
import { FakeSignals } from '#test/fakes/fake-signals.ts';
import { BufferStream, SlowStream } from '#test/fakes/fake-streams.ts';
import { FakeTerminal } from '#test/fakes/fake-terminal.ts';
import { settle } from '#test/fakes/manual-clock.ts';

const ID = SESSION.sessionId;
const STARTING = `\nStarting session with SessionId: ${ID}\n`;
const EXITING = `\n\nExiting session with sessionId: ${ID}.\n\n`;

let remote: FakeRemote;
let signals: FakeSignals;
let machine: FakeMachine;
let stdin: PassThrough;
let stdout: BufferStream;
let stderr: string[];

beforeEach(() => {
  remote = new FakeRemote();
  signals = new FakeSignals();
  machine = new FakeMachine([8080]);
  stdin = new PassThrough();
  stdout = new BufferStream();
  stderr = [];
});

interface World {
  readonly keyboard?: FakeTerminal;
  readonly stdout?: BufferStream | SlowStream;
}

/** Runs the plugin until the session is open. */
async function start(world: World = {}): Promise<{ readonly status: Promise<number> }> {
  const status = runPlugin(
    {
      ...remote.ports,
      ...{ signals, listen: machine.listen, stdin, stdout, keyboard: undefined },
      ...world,
    },
    {
      session: {
        ...SESSION,
        ...{ targetId: 't', region: undefined, profile: undefined, endpoint: undefined },
      },
      onNotice: (text) => stderr.push(text),
      onFailure: ({ code }) => stderr.push(`[${code}]`),
      onDebug: () => undefined,
    },
  );
  await settle();
  return { status };
}

function openPort(properties: object): void {
  const parameters = { SessionType: 'Port', Properties: properties };
  remote.agent.requestHandshake('SessionType', parameters);
  remote.agent.handshakeComplete('');
}

describe("a shell's session", () => {
  it('shows its output between the messages of the real plugin', async () => {
    const { status } = await start();
    remote.agent.output('hello\r\n');
    remote.agent.close();
    expect([await status, stdout.text, stderr]).toEqual([0, `${STARTING}hello\r\n${EXITING}`, []]);
    expect([remote.terminated, [...remote.guarded]]).toEqual([[], []]);
  });

  it("passes on the agent's final message", async () => {
    const { status } = await start();
    remote.agent.close('Unable to start command');
    expect(await status).toBe(0);
    expect(stdout.text).toBe(`${STARTING}\n\nSessionId: ${ID} : Unable to start command\n\n`);
  });

  it('prints messages and exit codes as text, like the real plugin', async () => {
    const { status } = await start();
    remote.agent.requestHandshake('SessionType', { SessionType: 'NonInteractiveCommands' });
    remote.agent.handshakeComplete('welcome');
    remote.agent.output('out\n');
    remote.agent.exitCode('EXIT_CODE: 3');
    remote.agent.close();
    expect(await status).toBe(0);
    expect(stdout.text).toBe(`${STARTING}welcome\nout\nEXIT_CODE: 3${EXITING}`);
  });

  it('sends keyboard input to the remote side while it lasts', async () => {
    const modes: string[] = [];
    const keyboard = new FakeTerminal((mode) => modes.push(mode));
    const { status } = await start({ keyboard });
    expect(modes).toEqual([]);
    remote.agent.output('$ ');
    await settle();
    stdin.write('ls\r\x03');
    await settle();
    expect([modes, remote.agent.input]).toEqual([['raw'], 'ls\r\x03']);
    keyboard.resize({ cols: 50, rows: 20 });
    expect(remote.agent.sizes.at(-1)).toBe('50x20');
    remote.agent.close();
    expect([await status, modes, keyboard.listenerCount]).toEqual([0, ['raw', 'cooked'], 0]);
  });

  it.each([
    ['nothing', '', '\x04'],
    ['whole lines', 'echo a\n', 'echo a\n\x04'],
    ['half a line', 'echo a', 'echo a\x04\x04'],
  ])('ends a stdin of %s like a terminal, and continues', async (_name, text, sent) => {
    const { status } = await start();
    stdin.end(text);
    remote.agent.output('$ ');
    await settle();
    expect(remote.agent.input).toBe(sent);
    remote.agent.output('all of it');
    remote.agent.close();
    expect([await status, stdout.text]).toEqual([0, `${STARTING}$ all of it${EXITING}`]);
  });

  it('sends input to a command that prints nothing', async () => {
    const { status } = await start();
    stdin.end('x\n');
    await settle();
    expect(remote.agent.input).toBe('');
    await remote.clock.advance(1_000);
    expect(remote.agent.input).toBe('x\n\x04');
    remote.agent.close();
    expect(await status).toBe(0);
  });

  it('without a terminal, the first Ctrl-C goes to the command, and the second ends the session', async () => {
    const { status } = await start();
    remote.agent.output('x');
    signals.send('SIGINT');
    await settle();
    expect([remote.agent.input, remote.terminated]).toEqual(['\x03', []]);
    signals.send('SIGINT');
    expect([await status, remote.terminated]).toEqual([130, [ID]]);
  });

  it.each([
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('%s ends the session', async (signal, exitCode) => {
    const { status } = await start({ keyboard: new FakeTerminal() });
    remote.agent.output('x');
    signals.send(signal);
    expect([await status, remote.terminated]).toEqual([exitCode, [ID]]);
  });

  it('Ctrl-C ends a session without any data yet', async () => {
    const { status } = await start({ keyboard: new FakeTerminal() });
    signals.send('SIGINT');
    expect([await status, remote.terminated]).toEqual([130, [ID]]);
  });

  it('slows the agent down for a slow reader, and ends when the reader has gone', async () => {
    const slow = new SlowStream(1);
    const { status } = await start({ stdout: slow });
    remote.agent.output('x'.repeat(10));
    await settle();
    expect(remote.transport.log).toContain('pause');
    slow.break();
    expect([await status, remote.terminated]).toEqual([141, [ID]]);
  });
});

describe('a session that cannot continue', () => {
  it('reports why it could not be opened, and is terminated', async () => {
    remote.openFailure = new EcshError('channel-refused', 'Refused.', { hint: 'Ask.' });
    const { status } = await start();
    expect([await status, stdout.text, stderr]).toEqual([
      255,
      `${STARTING}Cannot perform start session: Refused.\n`,
      ['Ask.'],
    ]);
    expect(remote.terminated).toEqual([ID]);
  });

  it('is reported as timed out if AWS says that it is over', async () => {
    const { status } = await start();
    remote.agent.output('x');
    remote.transport.lose('gone');
    expect([await status, stdout.text]).toEqual([0, `${STARTING}xSession: ${ID} timed out.\n`]);
  });

  it('fails if it cannot reconnect', async () => {
    const ssm = { ...(await remote.ports.ssm()), resumeSession: () => Promise.reject(lost()) };
    remote.ports = { ...remote.ports, ssm: async () => ssm };
    const { status } = await start();
    remote.agent.output('x');
    remote.transport.lose('no answer to a ping');
    await settle();
    await remote.clock.advance(61_000);
    expect([await status, stdout.text, stderr.at(-1)]).toEqual([
      255,
      `${STARTING}x`,
      '[connection-lost]',
    ]);
  });
});

describe('a port session', () => {
  const FORWARDING = { type: 'LocalPortForwarding', portNumber: '80' };
  const open = (port: number) =>
    `${STARTING}Port ${port} opened for sessionId ${ID}.\nWaiting for connections...\n`;

  it('listens on the port of the document, until Ctrl-C', async () => {
    const { status } = await start();
    openPort({ ...FORWARDING, localPortNumber: '9000' });
    await settle();
    expect([machine.openPorts, stdout.text]).toEqual([[9000], open(9000)]);
    machine.connect(9000);
    machine.connect(9000);
    await settle();
    const accepted = `${open(9000)}\nConnection accepted for session [${ID}]\n`;
    expect(stdout.text).toBe(accepted);
    signals.send('SIGINT');
    expect(await status).toBe(0);
    expect(stdout.text).toBe(`${accepted}Terminate signal received, exiting.\n${EXITING}`);
    expect([remote.agent.flags, remote.terminated, machine.openPorts]).toEqual([[2], [ID], []]);
  });

  it('uses any free port by default', async () => {
    await start();
    openPort(FORWARDING);
    await settle();
    expect(stdout.text).toBe(open(40_001));
  });

  it('reports a port in use with the message of the real plugin, and terminates the session', async () => {
    const { status } = await start();
    openPort({ ...FORWARDING, localPortNumber: '8080' });
    expect(await status).toBe(0);
    expect(stdout.text).toBe(
      `${STARTING}Cannot perform start session: listen tcp 127.0.0.1:8080: bind: address already in use\n`,
    );
    expect(remote.terminated).toEqual([ID]);
  });

  it('reports that nothing listens on the remote port', async () => {
    await start();
    openPort({ ...FORWARDING, localPortNumber: '9000' });
    await settle();
    remote.agent.flag(3);
    await settle();
    expect(stdout.text).toBe(
      `${open(9000)}\nConnection to destination port failed, check SSM Agent logs.\n`,
    );
  });

  it('opens its port even if the session ends at once', async () => {
    const { status } = await start();
    openPort({ ...FORWARDING, localPortNumber: '9000' });
    remote.agent.close('Forwarding is forbidden.');
    expect(await status).toBe(0);
    expect(stdout.text).toBe(`${open(9000)}\n\nSessionId: ${ID} : Forwarding is forbidden.\n\n`);
  });
});

describe('a port as a single stream, as for ssh', () => {
  it('passes bytes unchanged, and ends after stdin has ended and its bytes have arrived', async () => {
    const { status } = await start();
    openPort({ portNumber: '22' });
    await settle();
    stdin.write('SSH-2.0-x\r\n');
    await settle();
    remote.agent.output('SSH-2.0-y\r\n');
    await settle();
    expect(remote.agent.input).toBe('SSH-2.0-x\r\n');
    remote.agent.stopAcknowledging();
    stdin.end('bye');
    await settle();
    expect(remote.terminated).toEqual([]);
    const last = remote.transport.messages.at(-1);
    if (last !== undefined) remote.agent.acknowledge(last);
    expect([await status, remote.agent.input]).toEqual([0, 'SSH-2.0-x\r\nbye']);
    expect(stdout.text).toBe(`${STARTING}SSH-2.0-y\r\n`);
    expect(remote.terminated).toEqual([ID]);
  });
});

function lost(): EcshError {
  return new EcshError('endpoint-unreachable', 'The endpoint cannot be reached.');
}
