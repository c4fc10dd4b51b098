import { createHash } from 'node:crypto';
import { Agent, createServer, type IncomingMessage, type Server } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import { EcshError } from '#domain/errors/errors.ts';
import type { FrameTransport } from '#domain/ports/transport-ports.ts';
import { ManualClock, settle } from '#test/fakes/manual-clock.ts';
import { createOpenTransport } from '#transport/websocket.ts';

/** Records the events that reach the client, and waits for them. */
class Listener {
  readonly frames: string[] = [];
  closeReasons: string[] = [];
  #waiting: (() => void)[] = [];

  onFrame(frame: Uint8Array): void {
    this.frames.push(Buffer.from(frame).toString('latin1'));
    this.#wake();
  }

  onClose(reason: string): void {
    this.closeReasons.push(reason);
    this.#wake();
  }

  async until(isDone: () => boolean): Promise<void> {
    while (!isDone()) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  #wake(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }
}

interface FarEnd {
  readonly url: string;
  readonly requests: IncomingMessage[];
  /** The remote end's socket of the connection. */
  readonly accepted: Promise<WebSocket>;
}

interface FarEndOptions {
  readonly autoPong?: boolean;
  /** Answers these upgrades with HTTP status 403. */
  readonly refuses?: (request: IncomingMessage) => boolean;
  readonly onConnection?: (socket: WebSocket) => void;
}

/** A promise that the test resolves. */
function deferred(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

/** These servers are on loopback, without TLS. */
const ownEndpoint = async () => 'http://127.0.0.1';

let clock: ManualClock;
let listener: Listener;

beforeEach(() => {
  clock = new ManualClock();
  listener = new Listener();
});

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `ws://127.0.0.1:${portOf(server)}/v1/data-channel/s-1`;
}

function portOf(server: { address(): AddressInfo | string | null }): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('not listening');
  return address.port;
}

async function startFarEnd(options: FarEndOptions = {}): Promise<FarEnd> {
  const { autoPong = true, refuses = () => false, onConnection } = options;
  const server = createServer();
  const sockets = new WebSocketServer({
    server,
    autoPong,
    verifyClient: ({ req }, done) => done(!refuses(req), 403),
  });
  const requests: IncomingMessage[] = [];
  const accepted = new Promise<WebSocket>((resolve) => {
    sockets.on('connection', (socket, request) => {
      requests.push(request);
      onConnection?.(socket);
      resolve(socket);
    });
  });
  onTestFinished(() => {
    for (const socket of sockets.clients) socket.terminate();
  });
  return { url: await listen(server), requests, accepted };
}

interface Refusing {
  readonly url: string;
  /** The `authorization` header of every upgrade. */
  readonly asked: (string | undefined)[];
}

/** A server that answers upgrades with these statuses; the last one repeats. */
async function startRefusing(...statuses: readonly number[]): Promise<Refusing> {
  const server = createServer();
  const asked: (string | undefined)[] = [];
  server.on('upgrade', (request, socket) => {
    asked.push(request.headers.authorization);
    const status = statuses[asked.length - 1] ?? statuses.at(-1);
    socket.end(`HTTP/1.1 ${status} Refused\r\nContent-Length: 6\r\n\r\nsecret`);
  });
  return { url: await listen(server), asked };
}

function openUnread(url: string, signal = new AbortController().signal): Promise<FrameTransport> {
  const sign = async (signed: string) => ({
    authorization: `signature of ${new URL(signed).pathname}`,
  });
  return createOpenTransport({ clock, ownEndpoint, sign })(url, listener, signal);
}

async function open(url: string, signal?: AbortSignal): Promise<FrameTransport> {
  const transport = await openUnread(url, signal);
  transport.start();
  return transport;
}

describe('an incomplete upgrade', () => {
  it.each([
    ['is not answered', ''],
    ['is answered incompletely', 'HTTP/1.1 101 Switching Protocols\r\nX: '],
  ])('%s fails after 45 seconds', async (_name, beginning) => {
    const server = createTcpServer((socket) =>
      socket.on('error', () => undefined).write(beginning),
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const connected = new Promise((resolve) => server.once('connection', resolve));
    const opening = open(`ws://127.0.0.1:${portOf(server)}/`);
    const failed = expect(opening).rejects.toMatchObject({
      code: 'channel-unreachable',
      message: `Cannot open the data channel to 127.0.0.1:${portOf(server)}: the upgrade was not answered within 45 seconds.`,
    });
    await connected;
    await clock.advance(45_000);
    await failed;
  });
});

describe('a peer that does not read', () => {
  /** The peer sends endlessly without reading, and the client echoes every message. */
  async function flood() {
    const farEnd = await startFarEnd({
      onConnection: (socket) => {
        Reflect.get(socket, '_socket').pause();
        const send = () => socket.send(Buffer.alloc(65_536), () => setImmediate(send));
        send();
      },
    });
    let received = 0;
    const opened: FrameTransport[] = [];
    const { onClose } = listener;
    const echo = {
      onFrame: (frame: Uint8Array) => {
        received += frame.length;
        opened[0]?.sendBinary(frame);
      },
      onClose: onClose.bind(listener),
    };
    const sign = async () => ({});
    const transport = await createOpenTransport({ clock, ownEndpoint, sign })(
      farEnd.url,
      echo,
      new AbortController().signal,
    );
    opened.push(transport);
    transport.start();
    return { farEnd, transport, received: () => received };
  }

  it('is no longer read, and dropped if it continues', async () => {
    const { received } = await flood();
    await vi.waitUntil(() => received() > 2 * 1024 * 1024, { timeout: 20_000 });
    let before = -1;
    await vi.waitUntil(
      () => {
        const isStill = received() === before;
        before = received();
        return isStill;
      },
      { interval: 100, timeout: 10_000 },
    );
    // The kernel's buffers on both sides, and 2 MiB of ours.
    expect(received()).toBeLessThan(16 * 1024 * 1024);
    await clock.advance(20_000);
    await listener.until(() => listener.closeReasons.length > 0);
    expect(listener.closeReasons).toEqual(['no answer to a ping within 20 seconds']);
  });

  it('is read again when it reads', async () => {
    const { farEnd, transport, received } = await flood();
    await vi.waitUntil(() => received() > 2 * 1024 * 1024, { timeout: 20_000 });
    const socket = await farEnd.accepted;
    Reflect.get(socket, '_socket').resume();
    await vi.waitUntil(() => received() > 32 * 1024 * 1024, { timeout: 20_000 });
    expect(listener.closeReasons).toEqual([]);
    transport.close();
    await listener.until(() => listener.closeReasons.length > 0);
  });
});

it('is dropped a second after its close frame if it keeps the connection open', async () => {
  const server = createServer();
  const guid = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
  server.on('upgrade', ({ headers }, socket) => {
    const key = createHash('sha1')
      .update(`${headers['sec-websocket-key']}${guid}`)
      .digest('base64');
    const upgrade = 'Connection: Upgrade\r\nUpgrade: websocket';
    socket.write(`HTTP/1.1 101 Yes\r\n${upgrade}\r\nSec-WebSocket-Accept: ${key}\r\n\r\n`);
    socket.on('error', () => undefined).resume();
    // A close frame with status 1000, without closing the connection.
    socket.write(Buffer.from('880203e8', 'hex'));
  });
  const began = performance.now();
  await open(await listen(server));
  await listener.until(() => listener.closeReasons.length > 0);
  expect(listener.closeReasons).toEqual(['websocket closed with 1000']);
  expect(performance.now() - began).toBeLessThan(10_000);
});

function nextEvent(socket: WebSocket, event: string): Promise<unknown[]> {
  return new Promise((resolve) => socket.once(event, (...values: unknown[]) => resolve(values)));
}

function nextMessages(socket: WebSocket, count: number): Promise<string[]> {
  const messages: string[] = [];
  return new Promise((resolve) => {
    socket.on('message', (data) => {
      if (messages.push(String(data)) === count) resolve(messages);
    });
  });
}

describe('opening a websocket', () => {
  it('sends the headers that authenticate the upgrade, and offers no compression (W-1)', async () => {
    const farEnd = await startFarEnd();
    await open(farEnd.url);
    await farEnd.accepted;
    const [request] = farEnd.requests;
    expect(request?.url).toBe('/v1/data-channel/s-1');
    expect(request?.headers.authorization).toBe('signature of /v1/data-channel/s-1');
    expect(request?.headers['sec-websocket-extensions']).toBeUndefined();
  });

  it.each([
    [
      403,
      'The caller needs ssmmessages:OpenDataChannel on its sessions; a wrong clock has the same effect.',
    ],
    [500, 'Try again; if it stays, look for a proxy or an endpoint that answers in place of AWS.'],
  ])('fails with the status of a refused upgrade: %i (W-2)', async (status, hint) => {
    const { url } = await startRefusing(status);
    await expect(open(url)).rejects.toMatchObject({
      code: 'channel-refused',
      message: `The service refused the data channel with HTTP status ${status}.`,
      hint,
      exitCode: 255,
    });
    expect(listener.closeReasons).toEqual([]);
  });

  describe('refused with a signature', () => {
    const SIGNED = 'signature of /v1/data-channel/s-1';

    it('is tried once without a signature, and fails with the first answer (W-2)', async () => {
      for (const statuses of [[403], [403, 500]]) {
        const { url, asked } = await startRefusing(...statuses);
        await expect(open(url)).rejects.toMatchObject({
          code: 'channel-refused',
          message: 'The service refused the data channel with HTTP status 403.',
        });
        expect(asked).toEqual([SIGNED, undefined]);
      }
    });

    it('can succeed without a signature', async () => {
      const farEnd = await startFarEnd({
        refuses: ({ headers }) => headers.authorization === SIGNED,
      });
      const transport = await open(farEnd.url);
      transport.sendText('hello');
      expect(String((await nextEvent(await farEnd.accepted, 'message'))[0])).toBe('hello');
      expect(farEnd.requests[0]?.headers.authorization).toBeUndefined();
    });

    it('is not tried again for another reason, or if there was no signature', async () => {
      const broken = await startRefusing(500);
      await expect(open(broken.url)).rejects.toMatchObject({ code: 'channel-refused' });
      expect(broken.asked).toEqual([SIGNED]);
      const presigned = await startRefusing(403);
      const openTransport = createOpenTransport({ clock, ownEndpoint, sign: async () => ({}) });
      const opening = openTransport(presigned.url, listener, new AbortController().signal);
      await expect(opening).rejects.toMatchObject({ code: 'channel-refused' });
      expect(presigned.asked).toEqual([undefined]);
    });
  });

  it.each([
    [17, 'The clock of this machine is 17 minutes ahead: set it, then try again.'],
    [-360, 'The clock of this machine is 360 minutes behind: set it, then try again.'],
    [1, expect.stringContaining('ssmmessages:OpenDataChannel')],
  ])('names the clock as the cause: %i minutes', async (minutes, hint) => {
    const server = createServer();
    server.on('upgrade', (_request, socket) => {
      const date = new Date(Date.now() - minutes * 60_000).toUTCString();
      socket.end(`HTTP/1.1 403 Forbidden\r\nDate: ${date}\r\nContent-Length: 0\r\n\r\n`);
    });
    await expect(open(await listen(server))).rejects.toMatchObject({
      code: 'channel-refused',
      hint,
    });
  });

  it('uses the stream host that the user sets, and signs for it', async () => {
    const farEnd = await startFarEnd();
    const signed: string[] = [];
    const openTransport = createOpenTransport({
      clock,
      ownEndpoint,
      sign: async (url) => {
        signed.push(url);
        return {};
      },
      streamHost: new URL(farEnd.url).origin.replace('http', 'ws'),
    });
    const url = 'wss://ssmmessages.us-east-1.amazonaws.com/v1/data-channel/s-1?role=x';
    await openTransport(url, listener, new AbortController().signal);
    await farEnd.accepted;
    expect(signed).toEqual([`${farEnd.url}?role=x`]);
    expect(farEnd.requests[0]?.url).toBe('/v1/data-channel/s-1?role=x');
  });

  it('passes on the errors of an HTTP agent', async () => {
    const createConnection = () => {
      throw new EcshError('proxy-refused', 'no way');
    };
    const agents = {
      httpAgent: Object.assign(new Agent(), { createConnection }),
      httpsAgent: Object.assign(new HttpsAgent(), { createConnection }),
    };
    const openTransport = createOpenTransport({
      clock,
      ownEndpoint,
      sign: async () => ({}),
      agents,
    });
    for (const scheme of ['ws', 'wss']) {
      const opening = openTransport(`${scheme}://x.test/`, listener, new AbortController().signal);
      await expect(opening).rejects.toMatchObject({ code: 'proxy-refused', message: 'no way' });
    }
  });

  it('fails if no server listens', async () => {
    const server = createTcpServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const port = portOf(server);
    await new Promise((resolve) => server.close(resolve));
    await expect(open(`ws://127.0.0.1:${port}/`)).rejects.toMatchObject({
      code: 'channel-unreachable',
      message: `Cannot open the data channel to 127.0.0.1:${port}: connect ECONNREFUSED 127.0.0.1:${port}.`,
      hint: 'The session goes from this machine to that host on port 443: check firewall, proxy and DNS.',
      cause: expect.objectContaining({ code: 'ECONNREFUSED' }),
    });
  });

  it('fails if signing fails', async () => {
    const sign = () => Promise.reject(new Error('no credentials'));
    const opening = createOpenTransport({ clock, ownEndpoint, sign })(
      'ws://127.0.0.1:9/',
      listener,
      new AbortController().signal,
    );
    await expect(opening).rejects.toThrow('no credentials');
  });

  it('can be aborted during the upgrade and before it', async () => {
    const asked = deferred();
    const server = createServer();
    server.on('upgrade', () => asked.resolve());
    const url = await listen(server);
    const abort = new AbortController();
    const opening = open(url, abort.signal);
    await asked.promise;
    abort.abort();
    await expect(opening).rejects.toMatchObject({ code: 'channel-unreachable' });
    await expect(open(url, abort.signal)).rejects.toMatchObject({ code: 'channel-unreachable' });
    expect(clock.timers).toEqual([]);
  });
});

describe('frames', () => {
  it('arrive as bytes, both text and binary, with valid UTF-8 or without (W-5)', async () => {
    const farEnd = await startFarEnd();
    await open(farEnd.url);
    const far = await farEnd.accepted;
    far.send(Buffer.from([0x00, 0xff]));
    far.send('text');
    far.send(Buffer.from([0xc3, 0x28]), { binary: false });
    await listener.until(() => listener.frames.length === 3);
    expect(listener.frames).toEqual(['\u0000\u00ff', 'text', '\u00c3(']);
  });

  it('arrive one by one (F-14), even together with the answer to the upgrade', async () => {
    const farEnd = await startFarEnd({
      onConnection: (socket) => {
        for (const text of ['one', 'two', 'three']) socket.send(text);
      },
    });
    await open(farEnd.url);
    await listener.until(() => listener.frames.length === 3);
    expect(listener.frames).toEqual(['one', 'two', 'three']);
  });

  it('are sent as text and as binary', async () => {
    const farEnd = await startFarEnd();
    const received: [string, boolean][] = [];
    const transport = await open(farEnd.url);
    const far = await farEnd.accepted;
    const both = new Promise<void>((resolve) => {
      far.on('message', (data, isBinary) => {
        received.push([String(data), isBinary]);
        if (received.length === 2) resolve();
      });
    });
    transport.sendText('{"token":1}');
    transport.sendBinary(Buffer.from('frame'));
    await both;
    expect(received).toEqual([
      ['{"token":1}', false],
      ['frame', true],
    ]);
  });

  it('wait in the socket until reading starts', async () => {
    const farEnd = await startFarEnd();
    const transport = await openUnread(farEnd.url);
    const far = await farEnd.accepted;
    await new Promise((resolve) => far.send('early', resolve));
    await settle();
    expect(listener.frames).toEqual([]);
    transport.start();
    await listener.until(() => listener.frames.length === 1);
    expect(listener.frames).toEqual(['early']);
  });

  it('wait in the socket while reading is paused', async () => {
    const farEnd = await startFarEnd();
    const transport = await open(farEnd.url);
    const far = await farEnd.accepted;
    transport.pause();
    const sent = new Promise((resolve) => far.send('later', resolve));
    await sent;
    await settle();
    expect(listener.frames).toEqual([]);
    transport.resume();
    await listener.until(() => listener.frames.length === 1);
    expect(listener.frames).toEqual(['later']);
  });
});

describe('the liveness check', () => {
  it('pings every 20 s, and accepts a pong (W-3)', async () => {
    const farEnd = await startFarEnd();
    await open(farEnd.url);
    const far = await farEnd.accepted;
    for (let minute = 0; minute < 3; minute++) {
      const pinged = nextEvent(far, 'ping');
      await clock.advance(20_000);
      await pinged;
      await answered(far);
    }
    expect(listener.closeReasons).toEqual([]);
  });

  it('fails after 40 s without a pong (W-3)', async () => {
    const farEnd = await startFarEnd({ autoPong: false });
    await open(farEnd.url);
    await farEnd.accepted;
    await clock.advance(39_999);
    expect(listener.closeReasons).toEqual([]);
    await clock.advance(1);
    await listener.until(() => listener.closeReasons.length > 0);
    expect(listener.closeReasons).toEqual(['no answer to a ping within 20 seconds']);
    expect(clock.timers).toEqual([]);
  });

  it('also accepts a frame', async () => {
    const farEnd = await startFarEnd({ autoPong: false });
    await open(farEnd.url);
    const far = await farEnd.accepted;
    await clock.advance(20_000);
    far.send('alive');
    await listener.until(() => listener.frames.length === 1);
    await clock.advance(20_000);
    expect(listener.closeReasons).toEqual([]);
  });

  it('is suspended while we do not read (S-6, W-3)', async () => {
    const farEnd = await startFarEnd({ autoPong: false });
    const transport = await open(farEnd.url);
    const far = await farEnd.accepted;
    transport.pause();
    await clock.advance(300_000);
    expect(listener.closeReasons).toEqual([]);
    transport.resume();
    await clock.advance(19_999);
    far.send('still here');
    await listener.until(() => listener.frames.length === 1);
    await clock.advance(20_000);
    expect(listener.closeReasons).toEqual([]);
  });

  /** Waits for the pong that ws sends automatically: a frame that was sent after it has arrived. */
  async function answered(far: WebSocket): Promise<void> {
    const count = listener.frames.length;
    far.send('after the pong');
    await listener.until(() => listener.frames.length > count);
  }
});

describe('sending', () => {
  it('puts the frames of one turn into one write, each in its own message (F-14)', async () => {
    const farEnd = await startFarEnd();
    const transport = await open(farEnd.url);
    const last = nextMessages(await farEnd.accepted, 100);
    const pieces: number[] = [];
    farEnd.requests[0]?.socket.on('data', (piece: Buffer) => pieces.push(piece.length));
    for (let frame = 0; frame < 100; frame++) transport.sendBinary(Buffer.from('frame'));
    expect(await last).toEqual(Array.from({ length: 100 }, () => 'frame'));
    // Two bytes of header, four bytes of mask.
    expect(pieces).toEqual([100 * 11]);
  });

  it('still sends frames that were passed before the end', async () => {
    const farEnd = await startFarEnd();
    const transport = await open(farEnd.url);
    const message = nextMessages(await farEnd.accepted, 1);
    transport.sendBinary(Buffer.from('last'));
    transport.close();
    expect(await message).toEqual(['last']);
  });
});

describe('the end of a websocket', () => {
  it.each([
    [4000, 'moved away', 'moved away'],
    [1000, '', 'websocket closed with 1000'],
  ])('reports why the remote end closed: %i %s', async (code, reason, expected) => {
    const farEnd = await startFarEnd();
    await open(farEnd.url);
    (await farEnd.accepted).close(code, reason);
    await listener.until(() => listener.closeReasons.length > 0);
    expect(listener.closeReasons).toEqual([expected]);
    expect(clock.timers).toEqual([]);
  });

  it('reports that the remote end disappeared', async () => {
    const farEnd = await startFarEnd();
    await open(farEnd.url);
    (await farEnd.accepted).terminate();
    await listener.until(() => listener.closeReasons.length > 0);
    expect(listener.closeReasons).toEqual(['websocket closed with 1006']);
  });

  it('reports a violation of the protocol', async () => {
    const farEnd = await startFarEnd();
    await open(farEnd.url);
    (await farEnd.accepted).send(Buffer.alloc(1024 * 1024 + 1));
    await listener.until(() => listener.closeReasons.length > 0);
    expect(listener.closeReasons).toEqual(['Max payload size exceeded']);
    expect(listener.frames).toEqual([]);
  });

  it('is reported once when we close, even while paused', async () => {
    const farEnd = await startFarEnd();
    const transport = await open(farEnd.url);
    const far = await farEnd.accepted;
    const gone = nextEvent(far, 'close');
    transport.pause();
    transport.close();
    transport.close();
    await gone;
    await listener.until(() => listener.closeReasons.length > 0);
    await settle();
    expect(listener.closeReasons).toEqual(['websocket closed with 1006']);
    expect(clock.timers).toEqual([]);
  });
});
