import { beforeEach, describe, expect, it } from 'vitest';
import { MessageType } from '#protocol/message.ts';
import { decodeMessage, encodeMessage } from '#protocol/message-codec.ts';
import { decodeAcknowledgement } from '#protocol/payload.ts';
import { AgentChannel, type InputOutcome } from '#simulator/agent/agent-channel.ts';
import { DEFAULT_TIMINGS } from '#simulator/agent/agent-link.ts';
import { publicationFrame } from '#simulator/gateway/service-frames.ts';
import { ManualClock, settle } from '#test/fakes/manual-clock.ts';

let clock: ManualClock;
let channel: AgentChannel;
let sent: Uint8Array[];
let delivered: string[];
let outcome: () => Promise<InputOutcome>;
let isConnected: boolean;

/** The agent's socket. It loses frames while it is disconnected. */
function send(frame: Uint8Array): boolean {
  if (isConnected) sent.push(frame);
  return isConnected;
}

beforeEach(() => {
  clock = new ManualClock();
  sent = [];
  isConnected = true;
  delivered = [];
  outcome = async () => 'processed';
  channel = new AgentChannel({
    link: {
      send,
      whenWritable: () => Promise.resolve(),
      close: () => undefined,
    },
    clock,
    timings: DEFAULT_TIMINGS,
    log: () => undefined,
    onCancel: () => undefined,
  });
  channel.handle('default', async ({ payload }) => {
    const result = await outcome();
    if (result === 'processed') delivered.push(payload.toString());
    return result;
  });
  channel.open();
});

function message(messageType: string, sequenceNumber: number, payload: string): Uint8Array {
  return encodeMessage({
    messageType,
    createdDate: clock.now(),
    sequenceNumber,
    flags: 0,
    messageId: '00112233-4455-4677-8899-aabbccddeeff',
    payloadType: 1,
    payload: Buffer.from(payload),
  });
}

async function input(sequenceNumber: number, payload = `${sequenceNumber}`): Promise<void> {
  channel.receive(message(MessageType.input, sequenceNumber, payload));
  await settle();
}

async function acknowledge(sequenceNumber: number): Promise<void> {
  const body = { AcknowledgedMessageSequenceNumber: sequenceNumber };
  channel.receive(message(MessageType.acknowledge, 0, JSON.stringify(body)));
  await settle();
}

function acknowledged(): number[] {
  return sent
    .map((frame) => decodeMessage(frame))
    .filter(({ messageType }) => messageType === MessageType.acknowledge)
    .map(({ payload }) => decodeAcknowledgement(payload).sequenceNumber);
}

function outputs(): { number: number; flags: number; text: string }[] {
  return sent
    .map((frame) => decodeMessage(frame))
    .filter(({ messageType }) => messageType === MessageType.output)
    .map((m) => ({
      number: m.sequenceNumber,
      flags: m.flags,
      text: Buffer.from(m.payload).toString(),
    }));
}

describe('input to the agent (PROTOCOL 4.4)', () => {
  it('is processed once and in order, and acknowledged on arrival', async () => {
    for (const number of [1, 0, 0, 3, 2, 1]) await input(number);
    expect(delivered).toEqual(['0', '1', '2', '3']);
    expect(acknowledged()).toEqual([1, 0, 0, 3, 2, 1]);
  });

  it('is processed again if its acknowledgement could not be sent (S-8a)', async () => {
    await input(0);
    isConnected = false;
    await input(1);
    isConnected = true;
    await input(1);
    await input(1);
    await input(2);
    expect(delivered).toEqual(['0', '1', '1', '2']);
    expect(acknowledged()).toEqual([0, 1, 1, 2]);
  });

  it('is left unacknowledged while the terminal is not open', async () => {
    outcome = async () => 'not-ready';
    await input(0);
    outcome = async () => 'processed';
    await input(0);
    expect(acknowledged()).toEqual([0]);
    expect(delivered).toEqual(['0']);
  });

  it('is acknowledged and discarded before the handshake completes', async () => {
    const early = new AgentChannel({
      link: {
        send,
        whenWritable: () => Promise.resolve(),
        close: () => undefined,
      },
      clock,
      timings: DEFAULT_TIMINGS,
      log: () => undefined,
      onCancel: () => undefined,
    });
    early.receive(message(MessageType.input, 0, 'lost'));
    await settle();
    expect(acknowledged()).toEqual([0]);
    early.close();
  });

  it('stops permanently at a message that cannot be processed, but acknowledges later ones', async () => {
    outcome = () => Promise.reject(new Error('bad size'));
    await input(0);
    outcome = async () => 'processed';
    await input(1);
    await input(2);
    expect(acknowledged()).toEqual([1, 2]);
    expect(delivered).toEqual([]);
  });

  it('is accepted with a wrong digest', async () => {
    const frame = Buffer.from(message(MessageType.input, 0, 'x'));
    frame.fill(0, 80, 112);
    channel.receive(frame);
    await settle();
    expect(delivered).toEqual(['x']);
  });

  it('is ignored permanently after a header length beyond the frame', async () => {
    const frame = Buffer.from(message(MessageType.input, 0, 'x'));
    frame.writeUInt32BE(9999, 0);
    channel.receive(frame);
    await input(0);
    expect(acknowledged()).toEqual([]);
    channel.send(1, Buffer.from('still talking'));
    expect(outputs()).toHaveLength(1);
  });

  it('waits for a program that does not read, and so do acknowledgements', async () => {
    let release: () => void = () => undefined;
    outcome = () =>
      new Promise((resolve) => {
        release = () => resolve('processed');
      });
    channel.send(1, Buffer.from('a'));
    await input(0);
    await acknowledge(0);
    await clock.advance(1000);
    expect(outputs().length).toBeGreaterThan(1);
    release();
    await settle();
    sent.length = 0;
    await clock.advance(1000);
    expect(outputs()).toEqual([]);
  });
});

describe('output of the agent (PROTOCOL 4.5)', () => {
  it('marks message 0 with SYN, and sends no empty message', () => {
    channel.send(1, Buffer.from('a'));
    channel.send(1, Buffer.alloc(0));
    channel.send(1, Buffer.from('b'));
    expect(outputs()).toEqual([
      { number: 0, flags: 1, text: 'a' },
      { number: 1, flags: 0, text: 'b' },
    ]);
  });

  it('is resent one message per tick, the oldest first, without backoff', async () => {
    channel.send(1, Buffer.from('a'));
    channel.send(1, Buffer.from('b'));
    sent.length = 0;
    await clock.advance(1000);
    expect(outputs().map(({ number }) => number)).toEqual([0, 0, 0]);
    await acknowledge(0);
    sent.length = 0;
    await clock.advance(100);
    expect(outputs().map(({ number }) => number)).toEqual([1]);
  });

  it('is kept while paused, and sent one message per tick afterwards', async () => {
    channel.receive(publicationFrame(false, clock.now()));
    await settle();
    channel.send(1, Buffer.from('a'));
    await clock.advance(1000);
    expect(outputs()).toEqual([]);
    channel.receive(publicationFrame(true, clock.now()));
    await clock.advance(100);
    expect(outputs().map(({ number }) => number)).toEqual([0]);
  });

  it.each(['an input message', 'an acknowledgement'])('resumes after %s', async (what) => {
    channel.receive(publicationFrame(false, clock.now()));
    await settle();
    if (what === 'an input message') await input(0);
    else await acknowledge(99);
    channel.send(1, Buffer.from('a'));
    expect(outputs()).toHaveLength(1);
  });

  it('delays the end by at most two seconds', async () => {
    channel.send(1, Buffer.from('a'));
    let isDrained = false;
    const drained = channel.drain().then(() => {
      isDrained = true;
    });
    await clock.advance(1990);
    expect(isDrained).toBe(false);
    await clock.advance(20);
    await drained;
  });
});
