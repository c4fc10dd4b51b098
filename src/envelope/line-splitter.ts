const NEWLINE = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/** Our scripts never write longer lines. Longer lines are dropped, to limit the memory. */
const MAX_LINE = 64 * 1024;

/** Splits chunks into lines of ASCII. */
export class LineSplitter {
  #rest: Uint8Array = new Uint8Array(0);
  #isTooLong = false;

  /** Adds `chunk` and returns the first complete line, without its end; call it with an empty chunk for the next. */
  next(chunk: Uint8Array): string | undefined {
    if (chunk.length > 0) {
      this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    }
    const data = this.#rest;
    const end = data.indexOf(NEWLINE);
    if (end === -1) {
      this.#isTooLong ||= data.length > MAX_LINE;
      if (this.#isTooLong) this.#rest = new Uint8Array(0);
      return undefined;
    }
    this.#rest = data.subarray(end + 1);
    if (this.#isTooLong) {
      this.#isTooLong = false;
      return this.next(new Uint8Array(0));
    }
    // Without stty the terminal still turns NL into CR NL (PROTOCOL 8.5).
    const last = data[end - 1] === CARRIAGE_RETURN ? end - 1 : end;
    return Buffer.from(data.buffer, data.byteOffset, last).toString('latin1');
  }

  /** Returns the bytes after the last line. */
  takeRest(): Uint8Array {
    const rest = this.#rest;
    this.#rest = new Uint8Array(0);
    return rest;
  }
}
