import { PassThrough, type Readable } from 'node:stream';
import { StdinPump } from '#session/stdin-pump.ts';

/** Initial credit of a client for stdin (bytes). */
export const STDIN_CREDIT = 64 * 1024;
/** The minimum cost of a stdin frame, because even a short one takes memory (bytes of credit). */
const MIN_COST = 256;

function costOf(data: Uint8Array): number {
  return Math.max(MIN_COST, data.length);
}

export interface StdinSenderOptions {
  readonly onData: (data: Uint8Array) => void;
  readonly onEnd: () => void;
  readonly onBroken: (cause: Error) => void;
}

/** The client's side: reads a local stdin and sends it within its credit. */
export class StdinSender {
  readonly #options: StdinSenderOptions;
  readonly #pump: StdinPump;
  #credit = STDIN_CREDIT;
  #unsent: Uint8Array[] = [];
  /** The local stdin has ended, but the server has not been notified yet. */
  #hasEnded = false;

  constructor(stdin: Readable, options: StdinSenderOptions) {
    this.#options = options;
    this.#pump = new StdinPump(stdin, {
      onData: (data) => {
        this.#unsent.push(data);
        this.#send();
      },
      onEnd: () => {
        this.#hasEnded = true;
        this.#send();
      },
      onBroken: options.onBroken,
    });
  }

  /** Never exceeds the initial credit, so that a server cannot fill the client's memory. */
  grant(bytes: number): void {
    this.#credit = Math.min(STDIN_CREDIT, this.#credit + bytes);
    this.#send();
    if (this.#unsent.length === 0) this.#pump.resume();
  }

  close(): void {
    this.#pump.close();
  }

  #send(): void {
    let [data] = this.#unsent;
    while (data !== undefined) {
      if (this.#credit < MIN_COST) {
        this.#pump.pause();
        return;
      }
      const piece = data.subarray(0, this.#credit);
      this.#credit -= costOf(piece);
      this.#options.onData(piece);
      if (piece.length < data.length) this.#unsent[0] = data.subarray(piece.length);
      else this.#unsent.shift();
      [data] = this.#unsent;
    }
    if (!this.#hasEnded) return;
    this.#hasEnded = false;
    this.#options.onEnd();
  }
}

/**
 * The server's side: the stdin of a command. Credit for data that the command has read is granted only while the client
 * reads its credit, so that neither side has more than `STDIN_CREDIT` in flight.
 */
export class StdinReceiver {
  readonly stream: PassThrough;
  readonly #grant: (bytes: number) => boolean;
  #credit = STDIN_CREDIT;
  #owed = 0;
  #isBlocked = false;

  /** @param grant sends credit to the client; false if the client must read before it is sent more */
  constructor(grant: (bytes: number) => boolean) {
    this.#grant = grant;
    this.stream = new PassThrough({
      readableHighWaterMark: READ_AHEAD,
      transform: (chunk: Buffer, _encoding, done) => {
        this.#owed += costOf(chunk);
        this.#pay();
        done(null, chunk);
      },
    });
    // Until the session is open, nothing else handles its errors.
    this.stream.on('error', () => undefined);
  }

  /** @throws RangeError if it exceeds the client's credit */
  write(data: Uint8Array): void {
    this.#credit -= costOf(data);
    if (this.#credit < 0) throw new RangeError('stdin beyond its credit');
    this.stream.write(data);
  }

  /** Call it when the client has read the data sent to it. */
  resume(): void {
    this.#isBlocked = false;
    this.#pay();
  }

  #pay(): void {
    if (this.#isBlocked || this.#owed === 0) return;
    const bytes = this.#owed;
    this.#owed = 0;
    this.#credit += bytes;
    this.#isBlocked = !this.#grant(bytes);
  }
}

/** Bytes that are passed on before the command requests them; short frames count as one byte each. */
const READ_AHEAD = 1024;
