import { createHash } from 'node:crypto';
import type { Random } from './random.ts';

const DIGEST_OFFSET = 80;
const MIN_REPAIRABLE = 120;

/** A frame with one to four mutations: bits, bytes, truncations, removals, insertions. */
export function mutate(frame: Uint8Array, random: Random): Uint8Array {
  let bytes: Buffer = Buffer.from(frame);
  for (let count = 1 + random.below(4); count > 0; count--) bytes = injure(bytes, random);
  return bytes;
}

/** Updates the digest of the frame, so that mutations get past its check. */
export function repairDigest(frame: Uint8Array): Uint8Array {
  const bytes = Buffer.from(frame);
  if (bytes.length < MIN_REPAIRABLE) return bytes;
  const headerLength = bytes.readUInt32BE(0);
  if (headerLength < 112 || headerLength + 4 > bytes.length) return bytes;
  const payload = bytes.subarray(headerLength + 4);
  bytes.writeUInt32BE(payload.length, headerLength);
  createHash('sha256').update(payload).digest().copy(bytes, DIGEST_OFFSET);
  return bytes;
}

function injure(bytes: Buffer, random: Random): Buffer {
  const at = random.below(bytes.length + 1);
  switch (random.below(6)) {
    case 0:
      return bytes.subarray(0, at);
    case 1:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + random.below(8))]);
    case 2:
      return Buffer.concat([
        bytes.subarray(0, at),
        Buffer.alloc(1 + random.below(8), random.below(256)),
        bytes.subarray(at),
      ]);
    case 3:
      return replaceByte(bytes, at, random.pick([0, 1, 0x20, 0x7f, 0x80, 0xff]));
    default:
      return replaceByte(bytes, at, (bytes[at] ?? 0) ^ (1 << random.below(8)));
  }
}

function replaceByte(bytes: Buffer, at: number, value: number): Buffer {
  const copy = Buffer.from(bytes);
  if (at < copy.length) copy.writeUInt8(value, at);
  return copy;
}
