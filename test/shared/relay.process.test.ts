import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterEach, expect, it } from 'vitest';
import { relay } from '#shared/relay-client.ts';
import { encodeFrame, encodeJson, FRAME_TYPES } from '#shared/relay-frames.ts';
import type { RelayRequest } from '#shared/relay-messages.ts';
import { RelayServer } from '#shared/relay-server.ts';
import type { RunningCommand, SharedExecOptions } from '#shared/shared-options.ts';
import { BufferStream } from '#test/fakes/fake-streams.ts';
import { ManualClock } from '#test/fakes/manual-clock.ts';

const TARGET = { cluster: 'demo', task: 'arn:task', container: 'app' };
const REQUEST: RelayRequest & { readonly token: string } = {
  token: 'secret',
  place: { target: 'demo/web' },
  argv: ['cat'],
  env: { A: '1' },
  cwd: '/srv',
  user: 'app',
  hasStdin: true,
  isBulk: true,
  mergesStderr: false,
  killAfterMs: 5_000,
};

type Start = (argv: readonly string[], options: SharedExecOptions) => RunningCommand;

let server: Server | undefined;

afterEach(() => server?.close());

async function connectTo(serve: (connection: Socket) => void): Promise<Socket> {
  const listening = createServer(serve);
  server = listening;
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
  const { port }: AddressInfo = Object(listening.address());
  return connect(port, '127.0.0.1');
}

function relayTo(start: Start): Promise<Socket> {
  const relayServer = new RelayServer({
    clock: new ManualClock(),
    session: { start },
    token: 'secret',
    target: TARGET,
    isHere: ({ target }) => target === 'demo/web',
    quick: undefined,
  });
  return connectTo((connection) => void relayServer.serve(connection));
}

function streams(stdin: string) {
  return {
    stdin: Readable.from([Buffer.from(stdin)]),
    stdout: new BufferStream(),
    stderr: new BufferStream(),
    clock: new ManualClock(),
  };
}

/** A command that copies its stdin to stdout, and exits with 7. */
const copying: Start = (_argv, { stdin, stdout, stderr }) => ({
  ended: (async () => {
    const given = stdin === undefined ? '' : await text(stdin);
    await new Promise((resolve) => stdout.write(given, resolve));
    await new Promise((resolve) => stderr.write('err', resolve));
    const [status, exitCode] = [7, 7];
    return { status, exitCode, wasStopped: false, sessionId: 's-1', failure: undefined };
  })(),
  signal: () => undefined,
  stop: () => undefined,
});

it('runs a command with its streams, and returns its result', async () => {
  const requests: unknown[] = [];
  const connection = await relayTo((argv, options) => {
    const { env, cwd, user, isBulk } = options;
    requests.push({ argv, env, cwd, user, isBulk });
    return copying(argv, options);
  });
  const given = 'x'.repeat(600_000);
  const local = streams(given);
  const command = await relay(connection, REQUEST, local);
  expect(command?.target).toEqual(TARGET);
  expect(await command?.ended).toEqual({
    status: 7,
    exitCode: 7,
    wasStopped: false,
    sessionId: 's-1',
    failure: undefined,
  });
  expect([local.stdout.text === given, local.stderr.text]).toEqual([true, 'err']);
  const { argv, env, cwd, user, isBulk } = REQUEST;
  expect(requests).toEqual([{ argv, env, cwd, user, isBulk }]);
});

it.each([
  ['another container', { place: { target: 'demo/api' } }],
  ['another token', { token: 'guess' }],
])('tells a command for %s to use a separate session', async (_what, change) => {
  const connection = await relayTo(() => {
    throw new Error('nothing is run');
  });
  expect(await relay(connection, { ...REQUEST, ...change }, streams(''))).toBeUndefined();
});

it('reports that ecsh connect ended before it accepted the command', async () => {
  const connection = await connectTo((socket) => socket.once('data', () => socket.destroy()));
  await expect(relay(connection, REQUEST, streams(''))).rejects.toMatchObject({
    code: 'connect-gone',
  });
});

it('reports that ecsh connect ended while the command ran', async () => {
  const connection = await connectTo((socket) => {
    socket.once('data', () => {
      socket.write(encodeJson(FRAME_TYPES.accepted, TARGET));
      setImmediate(() => socket.resetAndDestroy());
    });
  });
  const command = await relay(connection, REQUEST, streams(''));
  expect(await command?.ended).toMatchObject({
    status: undefined,
    exitCode: 255,
    failure: { code: 'connection-lost', hint: 'It is not known whether the command finished.' },
  });
});

it.each<readonly [string, unknown]>([
  ['null', null],
  ['a list', []],
  ['no argv', { ...REQUEST, argv: undefined }],
  ['a string as argv', { ...REQUEST, argv: 'ls' }],
  ['a number in argv', { ...REQUEST, argv: [1] }],
  ['no env', { ...REQUEST, env: null }],
  ['a number in env', { ...REQUEST, env: { A: 1 } }],
  ['no place', { ...REQUEST, place: null }],
  ['a string as killAfterMs', { ...REQUEST, killAfterMs: '5' }],
])('closes the connection of a client that sends %s, and keeps running', async (_what, request) => {
  const connection = await relayTo(() => {
    throw new Error('nothing is run');
  });
  const closed = new Promise((resolve) => connection.once('close', resolve));
  const token = encodeFrame(FRAME_TYPES.token, Buffer.from('secret'));
  connection.resume().write(Buffer.concat([token, encodeJson(FRAME_TYPES.request, request)]));
  await closed;
  expect(server?.listening).toBe(true);
});
