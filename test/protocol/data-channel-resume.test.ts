import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DataChannel } from '#protocol/data-channel.ts';
import { rounds } from '#test/helpers/rounds.ts';
import {
  acknowledgeFrame,
  decoded,
  handshakeRequestFrame,
  outputFrame,
  publicationFrame,
  sent,
} from './peer-frames.ts';
import { StreamEnd } from './stream-end.ts';

const START = 1_735_689_600_000;
const MINUTE = 60_000;

describe('a channel without a websocket', () => {
  it('stops its timers: it resends nothing, and reaches no limit (S-9)', () => {
    const channel = streaming();
    channel.sendInput(Buffer.from('ls'), START);
    channel.receive(outputFrame(5, 'ahead of a gap'), START);
    channel.takeOutgoing();
    channel.suspend();
    expect(channel.nextDeadline()).toBeUndefined();
    expect(channel.tick(START + 20 * MINUTE)).toEqual([]);
    expect(channel.takeOutgoing()).toEqual([]);
    channel.reopen('new', START + 20 * MINUTE);
    expect(channel.tick(START + 20 * MINUTE)).toEqual([]);
  });

  it('restarts its limits when it is back (S-10, S-12)', () => {
    const channel = streaming();
    channel.receive(outputFrame(5, 'ahead of a gap'), START);
    channel.suspend();
    const back = START + 20 * MINUTE;
    channel.reopen('new', back);
    channel.receive(outputFrame(6, 'still'), back);
    expect(channel.tick(back + MINUTE - 1)).toEqual([]);
    expect(channel.tick(back + MINUTE)).toMatchObject([{ failure: { reason: 'gap' } }]);
  });

  it('accepts input up to its window (checklist 30)', () => {
    const channel = streaming();
    channel.suspend();
    for (let typed = 0; typed < 100; typed++) channel.sendInput(Buffer.from('x'), START);
    expect(channel.hasInputRoom).toBe(false);
    channel.reopen('new', START);
    expect(sent(channel)).toHaveLength(64);
  });

  it('waits for a handshake again, because one may have begun in between (S-2)', () => {
    const channel = opened();
    channel.receive(acknowledgeFrame(0), START);
    channel.suspend();
    expect(channel.tick(START + MINUTE)).toEqual([]);
    channel.reopen('new', START + MINUTE);
    expect(channel.tick(START + MINUTE)).toEqual([]);
    expect(channel.hasInputRoom).toBe(false);
    channel.receive(acknowledgeFrame(1), START + MINUTE);
    expect(channel.tick(START + MINUTE + 999)).toEqual([]);
    expect(channel.tick(START + MINUTE + 1_000)).toEqual([{ type: 'input-ready' }]);
  });
});

describe('a channel that reconnects (S-14)', () => {
  it('sends the new token and the same client id', () => {
    const channel = newChannel();
    const first = JSON.parse(channel.open(START));
    channel.suspend();
    const second = JSON.parse(channel.reopen('new', START + 1));
    expect(second).toEqual({
      ...first,
      TokenValue: 'new',
      RequestId: expect.not.stringMatching(first.RequestId),
    });
  });

  it('resends all unacknowledged messages, the same bytes in the same order, then Size', () => {
    const channel = streaming();
    for (const text of ['a', 'b', 'c', 'd']) channel.sendInput(Buffer.from(text), START);
    const before = channel.takeOutgoing();
    channel.receive(acknowledgeFrame(3), START);
    channel.suspend();
    channel.reopen('new', START + 7);
    const again = channel.takeOutgoing();
    const expected = before.filter((frame) => decoded(frame).sequenceNumber !== 3);
    expect(again.slice(0, -1).map(hex)).toEqual(expected.map(hex));
    const last = again.slice(-1).map((frame) => Buffer.from(decoded(frame).payload).toString());
    expect(last).toEqual(['{"cols":80,"rows":24}']);
  });

  it('sends the current size', () => {
    const channel = streaming();
    channel.suspend();
    channel.resize({ cols: 100, rows: 30 }, START);
    channel.reopen('new', START);
    expect(sent(channel).at(-1)).toMatch(/size 100x30$/);
  });

  it('drops acknowledgements for the old socket, because the agent requests them again', () => {
    const channel = streaming();
    channel.receive(outputFrame(1, 'x'), START);
    channel.suspend();
    channel.reopen('new', START);
    expect(sent(channel).filter((line) => line.startsWith('ack'))).toEqual([]);
    expect(channel.receive(outputFrame(1, 'x'), START)).toEqual([]);
    expect(sent(channel)).toEqual(['ack #1']);
  });

  it('keeps its answer to a handshake', () => {
    const channel = opened();
    channel.receive(handshakeRequestFrame(0), START);
    channel.suspend();
    channel.reopen('new', START);
    expect(sent(channel)).toContain('#1 handshake response');
  });

  it('ends an earlier pause', () => {
    const channel = streaming();
    channel.sendInput(Buffer.from('x'), START);
    channel.receive(publicationFrame('pause_publication'), START);
    channel.suspend();
    channel.reopen('new', START);
    channel.takeOutgoing();
    expect(channel.nextDeadline()).toBeDefined();
  });

  it('sends nothing after it is closed', () => {
    const channel = streaming();
    channel.close();
    channel.suspend();
    expect(channel.sendInput(Buffer.from('x'), START)).toBeUndefined();
    expect(channel.nextDeadline()).toBeUndefined();
  });
});

describe('a websocket that breaks at any time, any number of times', () => {
  const cuts = fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 30 });
  const payloads = fc.array(fc.uint8Array({ minLength: 1, maxLength: 20 }), {
    minLength: 1,
    maxLength: 60,
  });

  it('loses or duplicates nothing in either direction', () => {
    fc.assert(
      fc.property(cuts, payloads, payloads, fc.integer(), (steps, input, output, seed) => {
        const { received, delivered } = exchange({ steps, input, output, seed });
        expect(hex(received)).toBe(hex(Buffer.concat(output)));
        expect(hex(delivered)).toBe(hex(Buffer.concat(input)));
      }),
      { seed: 1, numRuns: rounds(200) },
    );
  });
});

interface Exchange {
  /** The number of frames between two cuts. */
  readonly steps: readonly number[];
  readonly input: readonly Uint8Array[];
  readonly output: readonly Uint8Array[];
  readonly seed: number;
}

/** Frames take a step each; a cut loses all frames in transit, in both directions. */
function exchange({ steps, input, output, seed }: Exchange) {
  const channel = newChannel();
  const agent = new StreamEnd({
    sends: 'output_stream_data',
    window: { least: 100_000, most: 100_000 },
    capacity: 100_000,
    backOff: false,
  });
  let now = START + (seed % 1000);
  const received: Uint8Array[] = [];
  const left = [...input];
  let toAgent: Uint8Array[] = [];
  let toClient: Uint8Array[] = [];
  const cuts = [...steps];
  let untilCut = cuts.shift();
  channel.open(now);
  for (const payload of output) agent.send(payload, now);
  for (let step = 0; step < 50_000; step++) {
    now += 10;
    const isDone = left.length === 0 && agent.isIdle && channel.nextDeadline() === undefined;
    if (isDone && channel.hasInputRoom) break;
    if (untilCut !== undefined && --untilCut === 0) {
      untilCut = cuts.shift();
      channel.suspend();
      toAgent = [];
      toClient = [];
      now += 5_000;
      channel.tick(now);
      channel.reopen('again', now);
    }
    for (const frame of toClient) {
      for (const event of channel.receive(frame, now)) {
        if (event.type === 'output') received.push(event.data);
      }
    }
    for (const frame of toAgent) agent.receive(frame, now);
    channel.tick(now);
    agent.tick(now);
    while (left.length > 0 && channel.hasInputRoom) channel.sendInput(left.shift() ?? NONE, now);
    toAgent = [...channel.takeOutgoing()];
    toClient = [...agent.takeOutgoing()];
  }
  const delivered = agent.delivered.filter(({ payloadType }) => payloadType === 1);
  return {
    received: Buffer.concat(received),
    delivered: Buffer.concat(delivered.map(({ payload }) => payload)),
  };
}

const NONE = new Uint8Array();

function newChannel(): DataChannel {
  const size = { cols: 80, rows: 24 };
  return new DataChannel({ token: 'token', size, requiresEncryption: false });
}

function opened(): DataChannel {
  const channel = newChannel();
  channel.open(START);
  channel.takeOutgoing();
  return channel;
}

/** Output has arrived and everything is acknowledged. */
function streaming(): DataChannel {
  const channel = opened();
  channel.receive(outputFrame(0, '$ '), START);
  for (const number of [0, 1]) channel.receive(acknowledgeFrame(number), START);
  channel.takeOutgoing();
  return channel;
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
