import { randomFillSync } from 'node:crypto';

/** The id of a message is a UUID, whose two halves are swapped in the frame (F-3). */
const LENGTH = 16;
const HALF = 8;

export function writeMessageId(frame: Buffer, messageId: string, offset: number): void {
  const hex = messageId.replaceAll('-', '');
  frame.write(hex.slice(2 * HALF), offset, HALF, 'hex');
  frame.write(hex.slice(0, 2 * HALF), offset + HALF, HALF, 'hex');
}

/** Refilled from time to time: randomUUID and its text cost twenty times as much as the bytes. */
const RANDOM = Buffer.alloc(256 * LENGTH);
let used = RANDOM.length;

/** A random UUID, version 4 (RFC 9562). */
export function writeRandomId(frame: Buffer, offset: number): void {
  if (used === RANDOM.length) {
    randomFillSync(RANDOM);
    used = 0;
  }
  for (let at = 0; at < LENGTH; at++) frame[offset + at] = RANDOM[used + at] ?? 0;
  used += LENGTH;
  // Bytes 6 and 8 of the UUID.
  frame[offset + 14] = ((frame[offset + 14] ?? 0) & 0x0f) | 0x40;
  frame[offset] = ((frame[offset] ?? 0) & 0x3f) | 0x80;
}

const DIGITS = Buffer.from('0123456789abcdef', 'latin1');
const TEXT = Buffer.from('00000000-0000-0000-0000-000000000000', 'latin1');
/** Positions of each byte's digits in the text, in the order of the frame. */
const PLACES = [19, 21, 24, 26, 28, 30, 32, 34, 0, 2, 4, 6, 9, 11, 14, 16];

export function readMessageId(frame: Buffer, offset: number): string {
  for (let at = 0; at < LENGTH; at++) {
    const byte = frame[offset + at] ?? 0;
    const place = PLACES[at] ?? 0;
    TEXT[place] = DIGITS[byte >> 4] ?? 0;
    TEXT[place + 1] = DIGITS[byte & 0x0f] ?? 0;
  }
  return TEXT.toString('latin1');
}
