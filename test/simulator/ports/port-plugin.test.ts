import { createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type AgentMessage, MessageType, PayloadType } from '#protocol/message.ts';
import { decodeMessage } from '#protocol/message-codec.ts';
import { decodeAcknowledgement } from '#protocol/payload.ts';
import { DEFAULT_TIMINGS } from '#simulator/agent/agent-link.ts';
import { AgentSession } from '#simulator/agent/agent-session.ts';
import { machineClock } from '#simulator/clock.ts';
import { PortPlugin } from '#simulator/ports/port-plugin.ts';
import { dialTcp } from '#simulator/ports/port-socket.ts';
import { readSession } from '#test/helpers/wire.ts';

/** The recorded server: it replies in upper case. */
let server: Server;
let port: number;
let session: AgentSession;

beforeEach(async () => {
  server = createServer((socket: Socket) => {
    socket.on('data', (data) => socket.write(String(data).toUpperCase()));
    socket.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  port = typeof address === 'object' && address !== null ? address.port : 0;
});

afterEach(async () => {
  session.cancel();
  await new Promise((resolve) => server.close(resolve));
});

interface Answer {
  readonly type: string;
  readonly number: number;
  readonly flags: number;
  readonly payloadType: number | undefined;
  readonly content: string;
}

/** Returns the parts that both agents must share, without versions, times and ids. */
function show({ messageType, sequenceNumber, flags, payloadType, payload }: AgentMessage): Answer {
  const text = Buffer.from(payload).toString();
  const acknowledged =
    messageType === MessageType.acknowledge
      ? `acknowledges ${decodeAcknowledgement(payload).sequenceNumber}`
      : undefined;
  const isBytes = payloadType === PayloadType.output || payloadType === PayloadType.flag;
  const content = isBytes
    ? Buffer.from(payload).toString('hex')
    : text
        .replace(/"AgentVersion":"[\d.]+"/, '"AgentVersion":"…"')
        .replace(/"HandshakeTimeToComplete":\d+/, '"HandshakeTimeToComplete":…');
  return {
    type: messageType,
    number: sequenceNumber,
    flags,
    payloadType,
    content: acknowledged ?? content,
  };
}

it('responds to every frame of a recorded session like the real agent', async () => {
  const sent: Answer[] = [];
  const waiting = new Set<() => void>();
  const plugin = new PortPlugin(
    { localPortNumber: '34383', portNumber: '43767', type: 'LocalPortForwarding' },
    {
      resolve: () => [],
      resolver: '10.0.0.2',
      reserved: [],
      dial: () => dialTcp('127.0.0.1', port),
    },
  );
  let deliver: (frame: Uint8Array) => void = () => undefined;
  session = new AgentSession({
    sessionId: 'lab-1',
    plugin,
    encryption: undefined,
    clock: machineClock,
    timings: { ...DEFAULT_TIMINGS, startMs: 0 },
    log: () => undefined,
    connect: (receiver) => {
      deliver = (frame) => receiver.receive(frame);
      return {
        send: (frame) => {
          const answer = show(decodeMessage(frame));
          if (answer.type !== MessageType.sessionState) sent.push(answer);
          for (const wake of waiting) wake();
          return true;
        },
        whenWritable: () => Promise.resolve(),
        close: () => undefined,
      };
    },
  });
  const ended = session.run();
  const expected: Answer[] = [];
  for (const { direction, frame } of readSession('port-forward')) {
    if (direction === 'agent->client') {
      expected.push(show(decodeMessage(frame)));
      while (sent.length < expected.length) {
        await new Promise<void>((resolve) => waiting.add(resolve));
      }
    }
    if (direction === 'client->agent') deliver(frame);
  }
  expect(sent.slice(0, expected.length)).toEqual(expected);
  // The last frame is the flag that ends the session. The recording has no acknowledgement of it,
  // because the client had already disconnected.
  expect(await ended).toBe('');
  expect(sent.slice(expected.length).map(({ content }) => content)).toEqual(['acknowledges 8']);
});
