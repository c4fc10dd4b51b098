import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ReliableSender, type ReliableSenderOptions } from '#protocol/reliable-sender.ts';
import type { SendWindowLimits } from '#protocol/send-window.ts';
import { type Fate, LinkedPair } from '#test/fakes/fake-link.ts';
import { rounds } from '#test/helpers/rounds.ts';
import { StreamEnd } from './stream-end.ts';

/** A realistic clock time, so that its rounding is tested. */
const START = 1_735_689_600_123;

describe('numbering', () => {
  it('counts from 0 by 1 (2.5)', () => {
    const sender = newSender();
    expect(sendMany(sender, 3)).toEqual(['#0', '#1', '#2']);
    expect(sender.nextSequenceNumber).toBe(3);
  });

  it('consumes no number if the frame cannot be encoded', () => {
    const sender = newSender();
    expect(() =>
      sender.send(() => {
        throw new TypeError('no frame');
      }, START),
    ).toThrow('no frame');
    expect(sender.isEmpty).toBe(true);
    expect(sendMany(sender, 1)).toEqual(['#0']);
  });
});

describe('storing (S-13)', () => {
  it('keeps a message before it is sent', () => {
    const sender = newSender();
    expect(sender.isEmpty).toBe(true);
    sendMany(sender, 1);
    expect(sender.isEmpty).toBe(false);
  });

  it('drops a message when it is acknowledged', () => {
    const sender = newSender();
    sendMany(sender, 1);
    expect(sender.acknowledge(0, START)).toBe(true);
    expect(sender.isEmpty).toBe(true);
    expect(sender.nextDeadline()).toBeUndefined();
  });

  it.each([
    ['was never sent', 7],
    ['was acknowledged before', 0],
    ['is not a whole number', 0.5],
  ])('ignores an acknowledgement for a number that %s, and measures no round trip', (_, number) => {
    const sender = newSender();
    sendMany(sender, 2);
    sender.acknowledge(0, START + 100);
    const deadline = sender.nextDeadline();
    expect(sender.acknowledge(number, START + 150)).toBe(false);
    expect(sender.nextDeadline()).toBe(deadline);
  });

  it('acknowledges one message at a time, not all earlier ones (3.1)', () => {
    const sender = newSender();
    sendMany(sender, 3);
    sender.acknowledge(2, START);
    expect(texts(sender.resendAll(START))).toEqual(['#0', '#1']);
  });
});

describe('the window (S-11)', () => {
  it('has room until the maximum is unacknowledged', () => {
    const sender = newSender({ window: fixed(2) });
    sendMany(sender, 1);
    expect(sender.hasRoom).toBe(true);
    sendMany(sender, 1);
    expect(sender.hasRoom).toBe(false);
  });

  it('has room again after any acknowledgement', () => {
    const sender = newSender({ window: fixed(2) });
    sendMany(sender, 2);
    sender.acknowledge(1, START);
    expect(sender.hasRoom).toBe(true);
  });

  it('doubles with each round trip of a full window, up to its maximum', () => {
    const sender = newSender({ window: { least: 4, most: 20 } });
    let underWay = fill(sender, START);
    let answered = 0;
    const sizes = [1, 2, 3].map((roundTrip) => {
      for (const end = answered + underWay; answered < end; answered++) {
        sender.acknowledge(answered, START + roundTrip * 80);
        fill(sender, START + roundTrip * 80);
      }
      underWay = sender.nextSequenceNumber - answered;
      return underWay;
    });
    expect(sizes).toEqual([8, 16, 20]);
  });

  it('does not grow with answers to single messages, such as keys', () => {
    const sender = newSender({ window: { least: 4, most: 20 } });
    for (let key = 0; key < 100; key++) {
      sendMany(sender, 1);
      sender.acknowledge(key, START);
    }
    expect(fill(sender, START)).toBe(4);
  });

  it('does not grow with late answers', () => {
    const sender = newSender({ window: { least: 4, most: 20 } });
    fill(sender, START);
    for (let number = 0; number < 4; number++) sender.acknowledge(number, START + 1000);
    // The first answer was late, and increased the timeout of the others.
    expect(sender.nextSequenceNumber + fill(sender, START + 1000)).toBeLessThan(4 + 8);
  });

  it('is halved by a resend', () => {
    const sender = newSender({ window: { least: 4, most: 20 } });
    fill(sender, START);
    for (let number = 0; number < 4; number++) {
      sender.acknowledge(number, START);
      fill(sender, START);
    }
    expect(sender.nextSequenceNumber).toBe(4 + 8);
    sender.resendDue(START + 1000);
    for (let number = 4; number < 8; number++) sender.acknowledge(number, START + 3000);
    expect(sender.hasRoom).toBe(false);
    sender.acknowledge(8, START + 3000);
    expect(sender.hasRoom).toBe(true);
  });

  it('allows only its initial size, and one more for each answer (S-11)', () => {
    const answers = fc.array(fc.record({ number: fc.nat(40), after: fc.nat(400) }), {
      maxLength: 100,
    });
    fc.assert(
      fc.property(answers, (given) => {
        const sender = newSender({ window: { least: 4, most: 20 } });
        let now = START;
        let answered = 0;
        let sent = fill(sender, now);
        for (const { number, after } of given) {
          now += after;
          if (sender.acknowledge(number, now)) answered += 1;
          sender.resendDue(now);
          sent += fill(sender, now);
          const underWay = sent - answered;
          expect(underWay).toBeLessThanOrEqual(Math.min(20, 4 + answered));
          expect(underWay).toBeGreaterThanOrEqual(4);
        }
      }),
      { seed: 3 },
    );
  });
});

describe('resending (S-8)', () => {
  it('is due when the timeout has passed, not before', () => {
    const sender = newSender();
    sendMany(sender, 1);
    expect(sender.nextDeadline()).toBe(START + 200);
    expect(sender.resendDue(START + 199)).toBeUndefined();
    expect(text(sender.resendDue(START + 200))).toBe('#0');
  });

  it('sends identical bytes', () => {
    const sender = newSender();
    const frame = sender.send(() => Uint8Array.of(1, 2, 3), START);
    expect(sender.resendDue(START + 200)).toBe(frame);
  });

  it('sends only the oldest message', () => {
    const sender = newSender();
    sendMany(sender, 3);
    expect(text(sender.resendDue(START + 500))).toBe('#0');
    expect(sender.resendDue(START + 500)).toBeUndefined();
    sender.acknowledge(0, START + 500);
    expect(text(sender.resendDue(START + 1000))).toBe('#1');
  });

  it('counts from the last sending, and doubles the wait each time (S-9)', () => {
    expect(resendTimes(newSender(), 6)).toEqual([200, 600, 1400, 2400, 3400, 4400]);
  });

  it('keeps its timeout without back-off, like the agent', () => {
    expect(resendTimes(newSender({ backOff: false }), 4)).toEqual([200, 400, 600, 800]);
  });

  it('is due exactly at the announced time, regardless of rounding', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 1, max: 4e12, noNaN: true }),
        fc.array(fc.double({ min: 0, max: 300, noNaN: true }), { maxLength: 5 }),
        (start, roundTrips) => {
          const sender = newSender({ backOff: false });
          let now = start;
          for (const roundTrip of roundTrips) {
            const number = sender.nextSequenceNumber;
            sendMany(sender, 1, now);
            now += roundTrip;
            sender.acknowledge(number, now);
          }
          sendMany(sender, 1, now);
          expect(sender.resendDue(sender.nextDeadline() ?? now)).toBeDefined();
        },
      ),
      { seed: 1, numRuns: rounds(1000) },
    );
  });

  it('can repeat everything in order for a new connection (S-14)', () => {
    const sender = newSender();
    sendMany(sender, 3);
    sender.acknowledge(1, START + 100);
    expect(texts(sender.resendAll(START + 5000))).toEqual(['#0', '#2']);
    expect(sender.resendDue(START + 5100)).toBeUndefined();
    expect(sender.nextDeadline()).toBe(START + 5110);
  });
});

describe('a pause of the peer (M-5, S-9)', () => {
  it('stops resending and schedules nothing', () => {
    const sender = newSender();
    sendMany(sender, 1);
    sender.pause();
    expect(sender.isPaused).toBe(true);
    expect(sender.nextDeadline()).toBeUndefined();
    expect(sender.resendDue(START + 10_000)).toBeUndefined();
  });

  it('keeps its messages and resends them at once afterwards', () => {
    const sender = newSender();
    sendMany(sender, 2);
    sender.pause();
    sender.unpause(START + 10_000);
    expect(sender.isPaused).toBe(false);
    expect(text(sender.resendDue(START + 10_000))).toBe('#0');
  });

  it('does not count as time without an answer', () => {
    const sender = newSender();
    sendMany(sender, 1);
    expect(sender.unansweredFor(START + 1000)).toBe(1000);
    sender.pause();
    expect(sender.unansweredFor(START + 100_000)).toBe(0);
    sender.unpause(START + 100_000);
    expect(sender.unansweredFor(START + 100_500)).toBe(500);
  });

  it('ends once: a second end has no effect', () => {
    const sender = newSender();
    sendMany(sender, 1);
    sender.unpause(START + 1000);
    expect(sender.unansweredFor(START + 2000)).toBe(2000);
  });
});

describe('a peer that does not answer (S-10)', () => {
  it('is measured from the sending of the oldest message', () => {
    const sender = newSender();
    expect(sender.unansweredFor(START + 50)).toBe(0);
    sendMany(sender, 1, START + 100);
    sendMany(sender, 1, START + 900);
    expect(sender.unansweredFor(START + 1100)).toBe(1000);
  });

  it('is not reset by resends, or by acknowledgements of later messages', () => {
    const sender = newSender();
    sendMany(sender, 2);
    sender.resendDue(START + 500);
    sender.acknowledge(1, START + 600);
    expect(sender.unansweredFor(START + 1000)).toBe(1000);
  });

  it('has answered when the oldest message is acknowledged', () => {
    const sender = newSender();
    sendMany(sender, 2);
    sender.acknowledge(0, START + 600);
    expect(sender.unansweredFor(START + 1000)).toBe(400);
    sender.acknowledge(1, START + 1000);
    expect(sender.unansweredFor(START + 9000)).toBe(0);
  });
});

describe('two ends over any link', () => {
  const fate: fc.Arbitrary<Fate> = fc.oneof(
    { weight: 3, arbitrary: fc.constant([]) },
    { weight: 4, arbitrary: fc.tuple(fc.integer({ min: 0, max: 1500 })) },
    { weight: 2, arbitrary: fc.array(fc.integer({ min: 0, max: 1500 }), { maxLength: 3 }) },
  );
  const fates = fc.array(fate, { maxLength: 120, size: 'max' });
  const stream = fc.array(fc.uint8Array({ minLength: 1, maxLength: 8 }), {
    maxLength: 40,
    size: 'max',
  });

  it.each([
    ['a window that grows', { window: { least: 2, most: 64 }, capacity: 10_000, backOff: true }],
    ['64 messages of window', { window: fixed(64), capacity: 10_000, backOff: true }],
    ['no back-off', { window: fixed(64), capacity: 10_000, backOff: false }],
    ['a window of one', { window: fixed(1), capacity: 10_000, backOff: true }],
    ['room for two messages out of order', { window: fixed(16), capacity: 2, backOff: true }],
  ])('deliver both streams complete and in order, with %s', (_, options) => {
    fc.assert(
      fc.property(stream, stream, fates, fates, (input, output, aToB, bToA) => {
        const a = new StreamEnd({ ...options, sends: 'input_stream_data' });
        const b = new StreamEnd({ ...options, sends: 'output_stream_data' });
        const pair = new LinkedPair({ a, b }, { aToB, bToA }, START);
        for (const payload of input) a.send(payload, START);
        for (const payload of output) b.send(payload, START);
        pair.run(() => a.isIdle && b.isIdle);
        expect(payloads(b)).toEqual(input.map(hex));
        expect(payloads(a)).toEqual(output.map(hex));
      }),
      { seed: 2, numRuns: rounds(150) },
    );
  });
});

function newSender(options: Partial<ReliableSenderOptions> = {}): ReliableSender {
  return new ReliableSender({ window: fixed(64), backOff: true, ...options });
}

function fixed(messages: number): SendWindowLimits {
  return { least: messages, most: messages };
}

/** Sends while there is room. */
function fill(sender: ReliableSender, now: number): number {
  const first = sender.nextSequenceNumber;
  while (sender.hasRoom) sendMany(sender, 1, now);
  return sender.nextSequenceNumber - first;
}

/** Sends frames that contain only their number as text. */
function sendMany(sender: ReliableSender, count: number, now = START): string[] {
  return Array.from({ length: count }, () =>
    text(sender.send((number) => new TextEncoder().encode(`#${number}`), now)),
  );
}

/** Returns the times at which an unacknowledged message is sent again, relative to its first sending. */
function resendTimes(sender: ReliableSender, count: number): number[] {
  sendMany(sender, 1);
  return Array.from({ length: count }, () => {
    const deadline = sender.nextDeadline() ?? Number.NaN;
    sender.resendDue(deadline);
    return deadline - START;
  });
}

function text(frame: Uint8Array | undefined): string {
  return new TextDecoder().decode(frame);
}

function texts(frames: readonly Uint8Array[]): string[] {
  return frames.map(text);
}

function payloads(end: StreamEnd): string[] {
  return end.delivered.map(({ payload }) => hex(payload));
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
