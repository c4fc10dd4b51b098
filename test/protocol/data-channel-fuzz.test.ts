import { describe, expect, it } from 'vitest';
import type { ChannelEvent } from '#protocol/channel-event.ts';
import { DataChannel } from '#protocol/data-channel.ts';
import { decodeMessage } from '#protocol/message-codec.ts';
import { decodeAcknowledgement } from '#protocol/payload.ts';
import { mutate, repairDigest } from '#test/helpers/mutation.ts';
import { Random } from '#test/helpers/random.ts';
import { rounds } from '#test/helpers/rounds.ts';
import { readDataKey, readSession, VECTORS } from '#test/helpers/wire.ts';
import { acknowledgeFrame, handshakeCompleteFrame, handshakeRequestFrame } from './peer-frames.ts';

const FRAMES = rounds(200_000);
const START = 1_735_689_600_000;
const SEQUENCE_OFFSET = 48;
const WINDOW = 1024;
/** The maximum number of frames per step: an acknowledgement, a resend, and a full window. */
const MAX_SENT = WINDOW + 2;

const CORPUS = [
  ...VECTORS.map(({ frame }) => frame),
  ...(['shell-interactive', 'oneshot', 'kms', 'port-forward'] as const).flatMap((name) =>
    readSession(name).map(({ frame }) => frame),
  ),
];
/** Without the frames that end a session, so that sessions live long enough to be tested. */
const HARMLESS = CORPUS.filter((frame) => !endsSession(frame));

describe('a hostile peer', () => {
  it(`of ${FRAMES} damaged frames makes no call throw, and no queue grow`, () => {
    const key = readDataKey();
    const random = new Random(1);
    const seen = new Set<ChannelEvent['type']>();
    let channel = open(START);
    let now = START;
    let next = 0;
    let mostSent = 0;
    for (let i = 0; i < FRAMES; i++) {
      now += random.below(20);
      const events = [...channel.receive(nextFrame(random, next), now), ...channel.tick(now)];
      if (events.some(({ type }) => type === 'key-needed') && random.below(4) > 0) {
        const answer = random.below(8) === 0 ? { error: 'denied' } : key;
        events.push(...channel.provideKey(answer, now));
      }
      if (random.below(500) === 0) {
        channel.suspend();
        channel.reopen('again', now);
      }
      if (random.below(200) === 0) channel.sendInput(new Uint8Array(random.below(100_000)), now);
      if (random.below(20) === 0) channel.resize({ cols: random.below(300), rows: 24 }, now);
      const sent = channel.takeOutgoing();
      mostSent = Math.max(mostSent, sent.length);
      for (const message of sent.map(decodeMessage)) {
        if (message.messageType === 'acknowledge') {
          if (decodeAcknowledgement(message.payload).sequenceNumber === next) next += 1;
        } else if (random.below(3) > 0) {
          events.push(...channel.receive(acknowledgeFrame(message.sequenceNumber), now));
        }
      }
      for (const { type } of events) seen.add(type);
      // Starts again from time to time, so that the beginning is tested as much as the rest.
      if (events.some(isLast) || random.below(1000) === 0) {
        channel = open(now);
        next = 0;
        // Starts in or after a handshake, which damaged frames seldom reach.
        if (random.below(4) === 0) {
          const frames = [handshakeRequestFrame(0), handshakeCompleteFrame(1, 'Recorded.')];
          next = 1 + random.below(2);
          for (const frame of frames.slice(0, next)) {
            for (const { type } of channel.receive(frame, now)) seen.add(type);
          }
        }
      }
    }
    expect(mostSent).toBeLessThanOrEqual(MAX_SENT);
    // The damage must reach every kind of event, or the test proves little.
    expect([...seen].sort()).toEqual([
      'closed',
      'exit-code',
      'failed',
      'ignored',
      'input-drained',
      'input-ready',
      'key-needed',
      'notice',
      'output',
    ]);
  });
});

/** Half of the damaged frames pass the first checks, because their digest and number are correct. */
function nextFrame(random: Random, sequenceNumber: number): Uint8Array {
  const damaged = mutate(random.pick(random.below(200) === 0 ? CORPUS : HARMLESS), random);
  if (random.below(2) === 0) return damaged;
  const repaired = Buffer.from(repairDigest(damaged));
  if (repaired.length > SEQUENCE_OFFSET + 8) {
    repaired.writeBigUInt64BE(BigInt(sequenceNumber), SEQUENCE_OFFSET);
  }
  return repaired;
}

function open(now: number): DataChannel {
  // Alternates between required and unknown encryption.
  const requiresEncryption = now % 2 === 1;
  const size = { cols: 80, rows: 24 };
  const channel = new DataChannel({ token: 'token', size, requiresEncryption });
  channel.open(now);
  return channel;
}

function isLast({ type }: ChannelEvent): boolean {
  return type === 'closed' || type === 'failed';
}

function endsSession(frame: Uint8Array): boolean {
  const { messageType, payload } = decodeMessage(frame);
  return messageType === 'channel_closed' || Buffer.from(payload).includes('"Port"');
}
