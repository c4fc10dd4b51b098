import { Cksum } from './cksum.ts';
import type { EnvelopeFeatures } from './envelope.ts';
import { octal } from './envelope-input.ts';
import { MAX_LINE } from './numbered-lines.ts';

/** Both encodings write units of four characters, and the reader decodes whole units. */
const UNIT = 4;
const UNITS_PER_LINE = Math.floor((MAX_LINE - 1) / UNIT);
const BYTES_PER_UNIT = { base64: 3, escapes: 1 } as const;
/**
 * Encoded characters that may be in transit to `drain`. `feed` must never block, or a signal would wait behind
 * a command that does not read. So they have to fit the nine pipes between the two. A pipe holds 16
 * pages of 4 KiB on Linux, and lines of up to 1024 bytes leave less than 1024 bytes of a page empty.
 */
const WINDOW = 9 * 16 * 3072;
/**
 * The same for a command that reads all of its stdin. A signal may wait there until the command has read. This is the
 * content of a link of 10 MB/s during 100 ms, and more than the pipes hold.
 */
const WIDE_WINDOW = 1024 * 1024;
/**
 * Smaller blocks are not sent while others are in transit, because each block takes the same number of processes in the
 * container. It is a third of the window: one block is sent while another is read and a third is decoded.
 */
const MIN_ROOM = WINDOW / 3;
const WIDE_LEAST_ROOM = 192 * 1024;
/** With more than this in transit, stdin is a transfer: its next bytes wait until they fill a block. */
const LITTLE = 32 * 1024;

/**
 * Encodes stdin for the image's decoder, and releases no more than the window allows.
 *
 * `drain` decodes all input that has arrived at once, and BusyBox's base64 drops everything after a `=`. So one or two
 * bytes, which need a `=`, are held until more bytes follow or nothing is in transit, and no bytes follow them until
 * they have been read.
 */
export class StdinFeed {
  readonly #encoding: EnvelopeFeatures['input'];
  readonly #window: number;
  readonly #leastRoom: number;
  readonly #sum = new Cksum();
  readonly #waiting: Uint8Array[] = [];
  /** Bytes that do not fill a unit. */
  #tail: Uint8Array = new Uint8Array(0);
  /** The last characters released end in `=`. */
  #isPadded = false;
  #isEnding = false;
  #hasEnded = false;
  #released = 0;
  #taken = 0;

  /** @param readsStdin the value for the envelope */
  constructor(encoding: EnvelopeFeatures['input'], readsStdin = false) {
    this.#encoding = encoding;
    this.#window = readsStdin ? WIDE_WINDOW : WINDOW;
    this.#leastRoom = readsStdin ? WIDE_LEAST_ROOM : MIN_ROOM;
  }

  push(data: Uint8Array): void {
    const unit = BYTES_PER_UNIT[this.#encoding];
    const bytes = this.#tail.length === 0 ? data : Buffer.concat([this.#tail, data]);
    const whole = bytes.length - (bytes.length % unit);
    const step = UNITS_PER_LINE * unit;
    for (let start = 0; start < whole; start += step) {
      this.#waiting.push(bytes.subarray(start, Math.min(start + step, whole)));
    }
    // A copy, because two bytes would keep the whole chunk.
    this.#tail = bytes.slice(whole);
  }

  /** Ends stdin after all pushed data. */
  end(): void {
    if (!this.#hasEnded) this.#isEnding = true;
  }

  /** The command has ended: drops waiting data, and ends stdin, which the envelope waits for. */
  abandon(): void {
    this.#waiting.length = 0;
    this.#tail = new Uint8Array(0);
    this.end();
  }

  /** False while a block waits: do not read more of stdin then. */
  get hasRoom(): boolean {
    return !this.#hasBlock;
  }

  /** Lines for `NumberedLines` that may be sent now. */
  take(): readonly string[] {
    const lines: string[] = [];
    const underWay = this.#released - this.#taken;
    if (underWay === 0) this.#isPadded = false;
    if (!this.#isPadded) this.#releaseAll(lines, underWay);
    const isThrough = this.#waiting.length === 0 && this.#tail.length === 0;
    if (!this.#isEnding || !isThrough) return lines;
    this.#isEnding = false;
    this.#hasEnded = true;
    const end = `.${this.#released}.${this.#sum}-`;
    return [...lines, `E${end.padEnd(Math.ceil(end.length / UNIT) * UNIT, '-')}`];
  }

  /** This many encoded characters have left the pipes. */
  acknowledge(characters: number): void {
    this.#taken += characters;
  }

  get #hasBlock(): boolean {
    return this.#waiting.length * UNITS_PER_LINE * UNIT >= this.#leastRoom;
  }

  #releaseAll(lines: string[], underWay: number): void {
    const isDue = underWay <= LITTLE || this.#isEnding || this.#hasBlock;
    if (isDue && underWay <= this.#window - this.#leastRoom) this.#release(lines);
    if (this.#waiting.length > 0 || this.#tail.length === 0) return;
    // In a transfer of many lines more bytes are likely to follow, and waiting for them costs less.
    if (this.#isEnding || (underWay === 0 && lines.length <= 1)) this.#releaseTail(lines);
  }

  #release(lines: string[]): void {
    while (this.#released - this.#taken <= this.#window - MAX_LINE) {
      const data = this.#waiting.shift();
      if (data === undefined) return;
      this.#releaseLine(data, lines);
    }
  }

  /** At the end of the last line, or on its own line. */
  #releaseTail(lines: string[]): void {
    const last = lines.at(-1);
    this.#releaseLine(this.#tail, lines);
    if (last !== undefined && last.length + UNIT <= MAX_LINE) {
      lines.splice(-2, 2, last + base64(this.#tail));
    }
    this.#tail = new Uint8Array(0);
    this.#isPadded = true;
  }

  #releaseLine(data: Uint8Array, lines: string[]): void {
    const encoded = this.#encoding === 'base64' ? base64(data) : escapeForFormat(data);
    this.#sum.update(data);
    this.#released += encoded.length;
    lines.push(`D${encoded}`);
  }
}

function base64(data: Uint8Array): string {
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64');
}

/** A format for printf with every byte as \ooo. */
function escapeForFormat(data: Uint8Array): string {
  return Array.from(data, (byte) => `\\${octal(byte)}`).join('');
}
