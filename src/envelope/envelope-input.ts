import type { EndSignal } from '#domain/ports/system-ports.ts';
import type { EnvelopeFeatures } from './envelope.ts';

/** Bytes a line carries: encoded it stays below the terminal's 4095 (PROTOCOL 8.7). */
const BASE64_STEP = 3000;
const ESCAPED_STEP = 800;
const MAX_LINE = 4000;
/**
 * Encoded bytes that may be on the way to `drain`. `feed` must never block, so they have to fit
 * the pipe between the two, which holds 64 KiB on Linux.
 */
const WINDOW = 48 * 1024;

/** Run the command now. */
export const GO = 'V\n';
/** A name that no variable has: the script of `sh -c`, for the place of the third word of the command. */
export const SCRIPT = '';
const END_OF_INPUT = 'E\n';
/** Stop although something still holds the command's output open. */
export const QUIT = 'Q\n';

/** Values travel here and not in the command string, which CloudTrail keeps (DESIGN 3, Audit). */
export function environmentLines(environment: Readonly<Record<string, string>>): string {
  return Object.entries(environment)
    .map(([name, value]) => `V${name}=${escapeBytes(Buffer.from(value))}\n`)
    .join('');
}

/** The same for `exec`, in lines that the terminal takes whole: `W` goes on with the one before. */
export function boundedEnvironmentLines(environment: Readonly<Record<string, string>>): string {
  return environmentLines(environment).replace(/.+/g, (line) => {
    let text = line.slice(0, MAX_LINE);
    for (let start = MAX_LINE; start < line.length; start += MAX_LINE) {
      text += `\nW${line.slice(start, start + MAX_LINE)}`;
    }
    return text;
  });
}

export function signalLine(signal: EndSignal | 'SIGKILL', pid: number): string {
  return `K${signal.slice('SIG'.length)} ${pid}\n`;
}

/** Encodes stdin for the image's decoder, and lets out no more than the window allows. */
export class StdinFeed {
  readonly #encoding: EnvelopeFeatures['input'];
  readonly #waiting: Uint8Array[] = [];
  #isEnding = false;
  #hasEnded = false;
  #untaken = 0;

  constructor(encoding: EnvelopeFeatures['input']) {
    this.#encoding = encoding;
  }

  push(data: Uint8Array): void {
    const step = this.#encoding === 'base64' ? BASE64_STEP : ESCAPED_STEP;
    for (let start = 0; start < data.length; start += step) {
      this.#waiting.push(data.subarray(start, start + step));
    }
  }

  /** The end of stdin, to be told once everything before it is on its way. */
  end(): void {
    if (!this.#hasEnded) this.#isEnding = true;
  }

  /** The command has ended: what waits has nowhere to go, and the envelope waits for the end. */
  abandon(): void {
    this.#waiting.length = 0;
    if (!this.#hasEnded) this.#isEnding = true;
  }

  /** False while data waits: read no more of stdin then. */
  get hasRoom(): boolean {
    return this.#waiting.length === 0;
  }

  /** The lines that may go now; empty text when there are none. */
  take(): string {
    let lines = '';
    while (this.#untaken < WINDOW) {
      const data = this.#waiting.shift();
      if (data === undefined) break;
      const line = `${this.#encoding === 'base64' ? base64(data) : escapeBytes(data)}\n`;
      this.#untaken += line.length;
      lines += `D${line}`;
    }
    if (!this.#isEnding || this.#waiting.length > 0) return lines;
    this.#isEnding = false;
    this.#hasEnded = true;
    return lines + END_OF_INPUT;
  }

  /** `drain` has passed `bytes` encoded bytes on to the command. */
  acknowledge(bytes: number): void {
    this.#untaken -= bytes;
  }
}

function base64(data: Uint8Array): string {
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64');
}

/** For `printf %b`: everything but letters and digits as \0ooo, so no byte means anything to sh. */
function escapeBytes(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) {
    const isPlain =
      (byte >= 0x30 && byte <= 0x39) ||
      (byte >= 0x41 && byte <= 0x5a) ||
      (byte >= 0x61 && byte <= 0x7a);
    text += isPlain ? String.fromCharCode(byte) : `\\0${byte.toString(8).padStart(3, '0')}`;
  }
  return text;
}
