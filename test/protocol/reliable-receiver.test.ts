import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AgentMessage } from '#protocol/message.ts';
import { type Arrival, ReliableReceiver } from '#protocol/reliable-receiver.ts';
import { rounds } from '#test/helpers/rounds.ts';

/** Each step is a number that arrives; the answers follow table 4.4, with room for two out of order. */
const ARRIVALS: readonly (readonly [string, readonly number[], readonly Arrival[]])[] = [
  ['the expected message', [0, 1, 2], ['next', 'next', 'next']],
  ['a message out of order', [2, 1, 0], ['stored', 'stored', 'next']],
  ['one that was delivered before', [0, 0], ['next', 'duplicate']],
  ['one that was stored before', [2, 2], ['stored', 'duplicate']],
  ['one that was stored, then delivered', [1, 0, 1], ['stored', 'next', 'duplicate']],
  ['one too many out of order', [1, 2, 3], ['stored', 'stored', 'dropped']],
  ['the expected message if the buffer is full', [1, 2, 0], ['stored', 'stored', 'next']],
  ['a duplicate if the buffer is full', [1, 2, 1], ['stored', 'stored', 'duplicate']],
  [
    'one that was dropped before, after there is room',
    [1, 2, 3, 0, 3],
    ['stored', 'stored', 'dropped', 'next', 'next'],
  ],
  ['a number of 2^53 - 1', [2 ** 53 - 1], ['stored']],
];

/** Room for this many messages of a few bytes. */
function roomFor(messages: number) {
  return { messages, bytes: messages * 1024 };
}

describe('the handling of a message (4.4)', () => {
  it.each(ARRIVALS)('%s: %j is %j', (_, numbers, arrivals) => {
    const receiver = new ReliableReceiver(roomFor(2));
    expect(
      numbers.map((number) => {
        const arrival = receiver.accept(message(number));
        takeAll(receiver);
        return arrival;
      }),
    ).toEqual(arrivals);
  });
});

describe('the bytes of messages out of order', () => {
  const capacity = { messages: 100, bytes: 10_000 };

  it('have a limit, regardless of the number of messages', () => {
    const receiver = new ReliableReceiver(capacity);
    const large = 'x'.repeat(4000);
    expect(receiver.accept(message(2, large))).toBe('stored');
    expect(receiver.accept(message(3, large))).toBe('stored');
    expect(receiver.accept(message(4, large))).toBe('dropped');
    expect(receiver.accept(message(5, 'small'))).toBe('stored');
    expect(receiver.accept(message(0, large))).toBe('next');
    expect(takeAll(receiver)).toEqual([0]);
    expect(receiver.accept(message(1, large))).toBe('next');
    expect(takeAll(receiver)).toEqual([1, 2, 3]);
    // Their room is free again.
    expect(receiver.accept(message(6, large))).toBe('stored');
    expect(receiver.accept(message(7, large))).toBe('stored');
    expect(receiver.accept(message(8, large))).toBe('dropped');
  });

  it('are copied if they are part of a larger buffer', () => {
    const receiver = new ReliableReceiver(capacity);
    const buffer = new Uint8Array(65_536).fill(1);
    receiver.accept({ ...message(1), payload: buffer.subarray(10, 12) });
    receiver.accept(message(0));
    receiver.take();
    const stored = receiver.take();
    expect(stored?.payload).toEqual(Buffer.of(1, 1));
    expect(stored?.payload.buffer.byteLength).toBe(2);
  });
});

describe('delivery (S-7)', () => {
  it('returns nothing before a message has arrived', () => {
    expect(new ReliableReceiver(roomFor(2)).take()).toBeUndefined();
  });

  it('returns the whole run as soon as the missing message has arrived', () => {
    const receiver = new ReliableReceiver(roomFor(10));
    for (const number of [1, 3, 2]) receiver.accept(message(number));
    expect(takeAll(receiver)).toEqual([]);
    receiver.accept(message(0));
    expect(takeAll(receiver)).toEqual([0, 1, 2, 3]);
    expect(receiver.expectedSequenceNumber).toBe(4);
  });

  it('returns the first of two messages with one number (checklist 16)', () => {
    const receiver = new ReliableReceiver(roomFor(10));
    receiver.accept(message(1, 'first'));
    receiver.accept(message(1, 'second'));
    receiver.accept(message(0, 'zero'));
    const texts = [receiver.take(), receiver.take()].map((each) =>
      new TextDecoder().decode(each?.payload),
    );
    expect(texts).toEqual(['zero', 'first']);
  });

  it('distinguishes a gap from messages that were not taken yet', () => {
    const receiver = new ReliableReceiver(roomFor(10));
    expect(receiver.hasGap).toBe(false);
    receiver.accept(message(1));
    expect(receiver.hasGap).toBe(true);
    receiver.accept(message(0));
    expect(receiver.hasGap).toBe(false);
    takeAll(receiver);
    expect(receiver.hasGap).toBe(false);
  });

  it('returns each message once and in order, regardless of the order and number of arrivals', () => {
    const arrivals = fc.integer({ min: 0, max: 60 }).chain((count) =>
      fc
        .array(fc.integer({ min: 0, max: Math.max(0, count - 1) }), { maxLength: 60 })
        .chain((extra) => {
          const numbers = [...Array(count).keys(), ...(count === 0 ? [] : extra)];
          return fc.tuple(
            fc.constant(count),
            fc.shuffledSubarray(numbers, { minLength: numbers.length }),
          );
        }),
    );
    fc.assert(
      fc.property(arrivals, ([count, numbers]) => {
        const receiver = new ReliableReceiver(roomFor(1000));
        const taken = numbers.flatMap((number) => {
          receiver.accept(message(number));
          return takeAll(receiver);
        });
        expect(taken).toEqual([...Array(count).keys()]);
        expect(receiver.hasGap).toBe(false);
      }),
      { seed: 1, numRuns: rounds(200) },
    );
  });
});

function message(sequenceNumber: number, text = 'x'): AgentMessage {
  return {
    messageType: 'output_stream_data',
    createdDate: 1,
    sequenceNumber,
    flags: 0,
    messageId: '00112233-4455-4677-8899-aabbccddeeff',
    payloadType: 1,
    payload: new TextEncoder().encode(text),
  };
}

function takeAll(receiver: ReliableReceiver): number[] {
  const numbers: number[] = [];
  for (let next = receiver.take(); next !== undefined; next = receiver.take()) {
    numbers.push(next.sequenceNumber);
  }
  return numbers;
}
