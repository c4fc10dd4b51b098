const LEAD = 0xef;
/** U+FFFD. */
const REPLACEMENT = Buffer.from([0xef, 0xbf, 0xbd]);

/**
 * Repairs U+FFFD, which the agent sends as the single byte EF (PROTOCOL 8.6 item 5). In valid UTF-8 two
 * continuation bytes follow an EF, so an EF without them was a U+FFFD. In other data this guess is wrong,
 * and the checksum reveals it.
 */
export class ReplacementRepair {
  /** An EF at the end of a chunk with at most one byte after it, which the next chunk decides. */
  #held: Buffer = Buffer.alloc(0);

  pass(chunk: Uint8Array): Uint8Array {
    if (this.#held.length === 0 && !chunk.includes(LEAD)) return chunk;
    const data = Buffer.concat([this.#held, chunk]);
    this.#held = Buffer.alloc(0);
    const parts: Buffer[] = [];
    let start = 0;
    for (let at = data.indexOf(LEAD); at !== -1; at = data.indexOf(LEAD, at + 1)) {
      const next = data[at + 1];
      if (next === undefined || (isContinuation(next) && at + 2 === data.length)) {
        this.#held = data.subarray(at);
        parts.push(data.subarray(start, at));
        return Buffer.concat(parts);
      }
      if (isContinuation(next)) continue;
      parts.push(data.subarray(start, at), REPLACEMENT);
      start = at + 1;
    }
    if (start === 0) return data;
    parts.push(data.subarray(start));
    return Buffer.concat(parts);
  }
}

function isContinuation(byte: number): boolean {
  return (byte & 0xc0) === 0x80;
}
