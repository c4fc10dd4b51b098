const NEWLINE = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/** Removes the CR that a terminal without stty puts before every NL (PROTOCOL 8.5). */
export class NewlineRepair {
  #holdsReturn = false;

  pass(chunk: Uint8Array): Uint8Array {
    if (!this.#holdsReturn && !chunk.includes(CARRIAGE_RETURN)) return chunk;
    const data = this.#holdsReturn
      ? Buffer.concat([Buffer.from([CARRIAGE_RETURN]), chunk])
      : Buffer.from(chunk);
    this.#holdsReturn = data.at(-1) === CARRIAGE_RETURN;
    let length = 0;
    const end = this.#holdsReturn ? data.length - 1 : data.length;
    for (let at = 0; at < end; at++) {
      const byte = data[at] ?? 0;
      if (byte === CARRIAGE_RETURN && data[at + 1] === NEWLINE) continue;
      data[length] = byte;
      length += 1;
    }
    return data.subarray(0, length);
  }
}
