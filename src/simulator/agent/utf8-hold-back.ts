/** The longest UTF-8 sequence; fewer trailing bytes than this may be an unfinished character. */
const MAX_SEQUENCE = 4;
const REPLACEMENT = 0xfffd;

/**
 * The agent's changes to output on its way to the data channel (PROTOCOL 8.6, items 3 to 5). Bytes that may be
 * the start of a character wait for the next read, and are lost if there is none.
 */
export class Utf8HoldBack {
  #held: Buffer = Buffer.alloc(0);

  /** Returns the bytes of this read that can be sent now, possibly none. */
  push(data: Uint8Array): Buffer {
    const bytes = Buffer.concat([this.#held, data]);
    const out: number[] = [];
    let at = 0;
    while (at < bytes.length) {
      const character = decodeCharacter(bytes, at);
      if (character.codePoint === REPLACEMENT) {
        // Go's decoder returns U+FFFD both for itself and for an invalid byte, so the agent treats both as a broken
        // character: it holds one near the end, and reduces any other to its first byte.
        if (bytes.length - at < MAX_SEQUENCE) break;
        out.push(bytes.readUInt8(at));
      } else {
        for (let i = 0; i < character.length; i++) out.push(bytes.readUInt8(at + i));
      }
      at += character.length;
    }
    this.#held = bytes.subarray(at);
    return Buffer.from(out);
  }
}

interface Character {
  readonly codePoint: number;
  readonly length: number;
}

const INVALID: Character = { codePoint: REPLACEMENT, length: 1 };

/** Lead byte range, sequence length, and the range of the second byte (Unicode table 3-7). */
const SEQUENCES = [
  { from: 0xc2, to: 0xdf, length: 2, low: 0x80, high: 0xbf },
  { from: 0xe0, to: 0xe0, length: 3, low: 0xa0, high: 0xbf },
  { from: 0xe1, to: 0xec, length: 3, low: 0x80, high: 0xbf },
  { from: 0xed, to: 0xed, length: 3, low: 0x80, high: 0x9f },
  { from: 0xee, to: 0xef, length: 3, low: 0x80, high: 0xbf },
  { from: 0xf0, to: 0xf0, length: 4, low: 0x90, high: 0xbf },
  { from: 0xf1, to: 0xf3, length: 4, low: 0x80, high: 0xbf },
  { from: 0xf4, to: 0xf4, length: 4, low: 0x80, high: 0x8f },
] as const;

/** An invalid or unfinished sequence counts as one byte of U+FFFD, as in Go. */
function decodeCharacter(bytes: Buffer, at: number): Character {
  const lead = bytes.readUInt8(at);
  if (lead < 0x80) return { codePoint: lead, length: 1 };
  const shape = SEQUENCES.find(({ from, to }) => lead >= from && lead <= to);
  if (shape === undefined || at + shape.length > bytes.length) return INVALID;
  const second = bytes.readUInt8(at + 1);
  if (second < shape.low || second > shape.high) return INVALID;
  let codePoint = ((lead & (0xff >> (shape.length + 1))) << 6) | (second & 0x3f);
  for (let i = 2; i < shape.length; i++) {
    const next = bytes.readUInt8(at + i);
    if (next < 0x80 || next > 0xbf) return INVALID;
    codePoint = (codePoint << 6) | (next & 0x3f);
  }
  return { codePoint, length: shape.length };
}
