import { describe, expect, it } from 'vitest';
import { encodeFrame, encodeJson, FRAME_TYPES, MAX_PAYLOAD } from '#shared/relay-frames.ts';
import { RelayServer } from '#shared/relay-server.ts';
import { STDIN_CREDIT } from '#shared/relay-stdin.ts';
import type { SharedExecOptions, SharedResult } from '#shared/shared-options.ts';
import { FakeDuplex } from '#test/fakes/fake-duplex.ts';
import { ManualClock, settle } from '#test/fakes/manual-clock.ts';
import { SAMPLE_RELAY_REQUEST as REQUEST } from '#test/fakes/sample-relay-request.ts';

const { request, stdin, stop, token } = FRAME_TYPES;
const TOKEN = encodeFrame(token, Buffer.from('secret'));
const ACCEPTED = Buffer.concat([TOKEN, encodeJson(request, REQUEST)]);
const STOPPED = { signal: 'SIGTERM', exitCode: 143 };

function relayServer() {
  const clock = new ManualClock();
  const started: { readonly options: SharedExecOptions; end(result: SharedResult): void }[] = [];
  const stops: unknown[] = [];
  const server = new RelayServer({
    clock,
    session: {
      start: (_argv, options) => ({
        ended: new Promise((end) => started.push({ options, end })),
        signal: () => undefined,
        stop: (reason) => stops.push(reason),
      }),
    },
    token: 'secret',
    target: { cluster: 'demo', task: 'arn:task', container: 'app' },
    isHere: () => true,
    quick: undefined,
  });
  return { clock, server, started, stops };
}

async function connectTo(server: RelayServer, ...sent: readonly Uint8Array[]) {
  const connection = new FakeDuplex();
  void server.serve(connection);
  for (const bytes of sent) connection.receive(bytes);
  await settle();
  return connection;
}

function typesTo(connection: FakeDuplex): string {
  return String.fromCharCode(...connection.frames.map(({ type }) => type));
}

describe('a client of ecsh connect', () => {
  it('is disconnected and its command ended if it sends more stdin than its credit', async () => {
    const { server, stops } = relayServer();
    const chunk = encodeFrame(stdin, Buffer.alloc(STDIN_CREDIT / 4));
    // The first chunk is passed on, and its credit is granted again.
    const connection = await connectTo(server, ACCEPTED, ...Array(5).fill(chunk));
    expect([connection.destroyed, typesTo(connection), stops]).toEqual([false, 'AC', []]);
    connection.receive(chunk);
    await settle();
    expect([connection.destroyed, stops]).toEqual([true, [STOPPED]]);
  });

  it('gets no credit while it does not read, even if its command does', async () => {
    const { server, started, stops } = relayServer();
    const connection = await connectTo(server, ACCEPTED);
    connection.stall();
    started[0]?.options.stdin?.resume();
    const short = Buffer.concat(Array(512).fill(encodeFrame(stdin, Buffer.alloc(256))));
    let sent = 0;
    for (; sent < 1_000 && !connection.destroyed; sent += 1) {
      connection.receive(short);
      await settle();
    }
    expect([connection.destroyed, stops]).toEqual([true, [STOPPED]]);
    expect(sent).toBeLessThan(100);
  });

  it.each([
    ['nothing', []],
    ['half of a request', [ACCEPTED.subarray(0, -1)]],
    ['a wrong token and stays connected', [encodeFrame(token, Buffer.from('guess!'))]],
  ])('is disconnected after 30 s if it sends %s', async (_what, sent) => {
    const { clock, server } = relayServer();
    const connection = await connectTo(server, ...sent);
    await clock.advance(29_999);
    expect(connection.destroyed).toBe(false);
    await clock.advance(1);
    expect(connection.destroyed).toBe(true);
  });

  it('has no time limit while its command runs', async () => {
    const { clock, server } = relayServer();
    const connection = await connectTo(server, ACCEPTED);
    expect([connection.destroyed, clock.timers]).toEqual([false, []]);
  });

  it('has one try for the token', async () => {
    const { server, started } = relayServer();
    const guess = encodeFrame(token, Buffer.from('guess!'));
    const connection = await connectTo(server, Buffer.concat([guess, ACCEPTED]), ACCEPTED);
    expect([typesTo(connection), started]).toEqual(['F', []]);
  });

  it.each([
    ['a request over its limit', [TOKEN, Buffer.from([request, 0, 0x10, 0, 1])]],
    ['a token over its limit', [Buffer.from([token, 0, 0, 0, 65])]],
    ['a request without the token', [encodeJson(request, REQUEST)]],
    ['stdin before its request', [TOKEN, encodeFrame(stdin)]],
    ['nested lists', [TOKEN, encodeFrame(request, Buffer.alloc(100_001, '['))]],
    [
      'more arguments than a command can have',
      [TOKEN, encodeJson(request, { ...REQUEST, argv: Array(100_001).fill('') })],
    ],
    ['a stop over its limit', [ACCEPTED, Buffer.from([stop, 0, 0, 0x10, 1])]],
    ['stdin over its credit', [ACCEPTED, Buffer.from([stdin, 0, 1, 0, 1])]],
    ['another signal', [ACCEPTED, encodeJson(stop, { signal: 'SIGSTOP\n', exitCode: 1 })]],
    ['an invalid status', [ACCEPTED, encodeJson(stop, { signal: 'SIGTERM', exitCode: 256 })]],
  ])('is disconnected if it sends %s', async (_what, sent) => {
    const { server } = relayServer();
    expect((await connectTo(server, ...sent)).destroyed).toBe(true);
  });

  it('is disconnected if all incomplete requests together exceed 8 MiB', async () => {
    const { server } = relayServer();
    const half = encodeFrame(request, Buffer.alloc(MAX_PAYLOAD)).subarray(0, 700_000);
    const connections = [];
    for (let count = 0; count < 10; count += 1)
      connections.push(await connectTo(server, TOKEN, half));
    expect(connections.map(({ destroyed }) => destroyed)).toEqual([
      ...Array(8).fill(false),
      true,
      true,
    ]);
  });
});

it('tells a command to use a separate session if running requests take 8 MiB', async () => {
  const { server, started } = relayServer();
  const large = encodeJson(request, { ...REQUEST, env: { A: 'x'.repeat(1_000_000) } });
  const answers = [];
  for (let count = 0; count < 10; count += 1) {
    answers.push(typesTo(await connectTo(server, TOKEN, large)));
  }
  expect([answers.join(''), started.length]).toEqual(['AAAAAAAAFF', 8]);
});

describe('the end of ecsh connect', () => {
  const RESULT: SharedResult = {
    status: 0,
    exitCode: 0,
    wasStopped: false,
    sessionId: 's-1',
    failure: undefined,
  };

  it('disconnects clients without a command, and gives the others 2 s to read their result', async () => {
    const { clock, server, started } = relayServer();
    const silent = await connectTo(server);
    const reading = await connectTo(server, ACCEPTED);
    const stalled = await connectTo(server, ACCEPTED);
    stalled.stall();
    for (const { end } of started) end(RESULT);
    await settle();
    let hasEnded = false;
    const closed = server.close().then(() => {
      hasEnded = true;
    });
    reading.push(null);
    await settle();
    expect([silent.destroyed, reading.destroyed, stalled.destroyed]).toEqual([true, true, false]);
    expect([typesTo(reading), hasEnded]).toEqual(['AD', false]);
    await clock.advance(2_000);
    await closed;
    expect([stalled.destroyed, clock.timers]).toEqual([true, []]);
  });
});
