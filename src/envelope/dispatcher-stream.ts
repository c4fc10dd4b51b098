import type { DispatcherFeatures } from './dispatcher-reader.ts';
import { EndFilter } from './end-filter.ts';

/** Characters that a pump sends without credit; dispatcher.sh has the same number. */
const FIRST_CREDIT = 65_536;
/** Characters that may be in transit to a local reader that reads. */
const WINDOW = 192 * 1024;
/** Smaller grants wait, because each one is a line to the container. */
const MIN_GRANT = 32 * 1024;
/**
 * The same two after another command has started. That command waits for the processor and the terminal until the
 * data in transit is through, so there should be little. The agent takes 15 to 30 ms for 12 KiB of output.
 */
const NARROW_WINDOW = 16 * 1024;
const NARROW_LEAST_GRANT = 8 * 1024;
/** A stream stays narrow for this many more characters: a third of a second of a fast one. */
const NARROW_FOR = 256 * 1024;

/** One output stream of a command: decodes it, detects missing lines, and counts its credit. */
export class DispatcherStream {
  readonly #encoding: DispatcherFeatures['output'];
  #nextIndex = 0;
  /** Characters that the pump may still send; below zero if its last read was larger. */
  #credit = FIRST_CREDIT;
  /** Characters for which the stream is still narrow. */
  #narrowFor = 0;
  #isHeld = false;
  #filter: EndFilter | undefined;
  #hasEnded = false;
  #hasClosed = false;
  /** The process that reads the command's pipe. */
  pumpPid: number | undefined;
  /** The process that waits for credit. */
  creditPid: number | undefined;

  constructor(encoding: DispatcherFeatures['output']) {
    this.#encoding = encoding;
  }

  /** Everything that the command wrote has been received. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** The pump has ended as well. Until then another process holds the pipe open. */
  get hasClosed(): boolean {
    return this.#hasClosed;
  }

  /** @returns the bytes of a line; undefined if its index is not the next one */
  decode(index: number, text: string): Uint8Array | undefined {
    if (index !== this.#nextIndex) return undefined;
    this.#nextIndex += 1;
    this.#credit -= text.length;
    this.#narrowFor -= text.length;
    const bytes =
      this.#encoding === 'hex'
        ? Buffer.from(text.replaceAll(' ', ''), 'hex')
        : Buffer.from(text, 'base64');
    if (this.#filter === undefined) return bytes;
    const data = this.#filter.pass(bytes);
    if (this.#filter.takeEnd()) this.#hasEnded = true;
    return data;
  }

  /** From now on, a mark within the stream may show its end. */
  expectMark(marker: Buffer): void {
    this.#filter ??= new EndFilter(marker);
  }

  /** The pump has reached the end of the pipe. @returns bytes that could have begun a mark */
  end(): Uint8Array {
    this.#hasEnded = true;
    this.#hasClosed = true;
    return this.#filter?.takeHeld() ?? new Uint8Array(0);
  }

  /** Another command starts. */
  narrow(): void {
    this.#narrowFor = NARROW_FOR;
  }

  /** The local reader has stopped reading for now. */
  hold(): void {
    this.#isHeld = true;
  }

  release(): void {
    this.#isHeld = false;
  }

  /** @returns characters to grant now; 0 for none */
  takeGrant(): number {
    if (this.#isHeld || this.creditPid === undefined) return 0;
    const isNarrow = this.#narrowFor > 0;
    const grant = (isNarrow ? NARROW_WINDOW : WINDOW) - this.#credit;
    if (grant < (isNarrow ? NARROW_LEAST_GRANT : MIN_GRANT)) return 0;
    this.#credit += grant;
    return grant;
  }
}
