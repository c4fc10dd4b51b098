import type { NumberedMessages } from './dispatcher-messages.ts';
import type { DispatcherFeatures } from './dispatcher-reader.ts';

/** Bytes of stdin that fit a line of 1,024 with its numbers. */
const STEP = { base64: 732, escapes: 195 } as const;
/**
 * Characters of lines that may be in transit to `drain`. The dispatcher must never block on the pipe between
 * the two, which holds 16 pages; lines of up to 1,024 bytes leave less than a quarter of a page empty.
 */
const WINDOW = 40_000;
/** The same for five pipes in sequence. */
const BULK_WINDOW = 5 * 16 * 3_072;
/** From this number of lines, announcing them costs less than reading them one by one. */
const MIN_BLOCK = 3;
/** One process reads a block, during which the dispatcher reads nothing else. */
const MAX_BLOCK = 48;

/** Sends stdin of one command into the container, at most as much as its pipe there can hold. */
export class DispatcherStdin {
  readonly #id: number;
  readonly #encoding: DispatcherFeatures['input'];
  readonly #isBulk: boolean;
  readonly #waiting: Uint8Array[] = [];
  #pid: number | undefined;
  #index = 0;
  #underWay = 0;
  #isEnding = false;
  #hasEnded = false;

  constructor(id: number, encoding: DispatcherFeatures['input'], isBulk: boolean) {
    this.#id = id;
    this.#encoding = encoding;
    this.#isBulk = isBulk;
  }

  /** False while data waits: do not read more of stdin then. */
  get hasRoom(): boolean {
    return this.#waiting.length === 0;
  }

  /** Lines have been sent and not acknowledged. */
  get isUnderWay(): boolean {
    return this.#underWay > 0;
  }

  push(data: Uint8Array): void {
    const step = STEP[this.#encoding];
    for (let start = 0; start < data.length; start += step) {
      this.#waiting.push(data.subarray(start, start + step));
    }
  }

  end(): void {
    if (!this.#hasEnded) this.#isEnding = true;
  }

  /** The command has ended: drops waiting data, and lets `drain` end. */
  abandon(): void {
    this.#waiting.length = 0;
    this.end();
  }

  /** `drain` is ready, with this process id. */
  open(pid: number): void {
    this.#pid = pid;
  }

  acknowledge(characters: number): void {
    this.#underWay -= characters;
  }

  /** Adds the lines that may be sent now. */
  release(messages: NumberedMessages): void {
    const pid = this.#pid;
    if (pid === undefined) return;
    for (let lines = this.#takeLines(pid); lines.length > 0; lines = this.#takeLines(pid)) {
      if (lines.length >= MIN_BLOCK) messages.push(`B${pid} ${lines.length}`);
      for (const line of lines) this.#underWay += messages.push(line);
    }
    if (!this.#isBulk || !this.#hasEnded || this.#underWay > 0) return;
    // The first of the pipes has nothing more to wait for.
    messages.push(`X${pid}`);
    this.#pid = undefined;
  }

  #takeLines(pid: number): readonly string[] {
    const lines: string[] = [];
    let size = this.#underWay;
    while (size < (this.#isBulk ? BULK_WINDOW : WINDOW) && lines.length < MAX_BLOCK) {
      const data = this.#waiting.shift();
      if (data === undefined) break;
      const line = `D${pid} ${this.#id}:${this.#index} ${encode(data, this.#encoding)}`;
      this.#index += 1;
      size += line.length + NUMBER;
      lines.push(line);
    }
    if (!this.#isEnding || this.#waiting.length > 0) return lines;
    this.#isEnding = false;
    this.#hasEnded = true;
    return [...lines, `D${pid} ${this.#id}:${this.#index} .`];
  }
}

/** The maximum for a number, a blank and the end of the line. */
const NUMBER = 12;

function encode(data: Uint8Array, encoding: DispatcherFeatures['input']): string {
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  if (encoding === 'base64') return bytes.toString('base64');
  return Array.from(bytes, (byte) => `\\0${byte.toString(8).padStart(3, '0')}`).join('');
}
