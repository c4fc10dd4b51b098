import type { Clock } from '#domain/ports/system-ports.ts';
import { sleep } from '#simulator/clock.ts';
import { BytePipe } from '#simulator/container/byte-pipe.ts';
import { SmuxStream, type SmuxStreamOwner } from './smux-stream.ts';

const VERSION = 1;
const Command = { syn: 0, fin: 1, psh: 2, nop: 3, upd: 4 } as const;
const HEADER_LENGTH = 8;
const UPDATE_LENGTH = 8;
const MAX_DATA = 32_768;
/** Shared by all streams, because version 1 has no window per stream (PROTOCOL 7.3). */
const RECEIVE_POOL = 4 * 1024 * 1024;
/** The agent talks to its smux server over a Unix socket; this is its buffer size on Linux. */
const SOCKET_BUFFER = 212_992;
const KEEPALIVE_MS = 10_000;
const KEEPALIVE_TIMEOUT_MS = 30_000;

/**
 * The server side of smux version 1 as in the agent (PROTOCOL 7.3; xtaci/smux `session.go`): converts bytes of the
 * data channel to streams and back.
 */
export class SmuxServer implements SmuxStreamOwner {
  readonly #incoming = new BytePipe(SOCKET_BUFFER);
  readonly #outgoing = new BytePipe(SOCKET_BUFFER);
  readonly #streams = new Map<number, SmuxStream>();
  readonly #accept: (stream: SmuxStream) => void;
  #pool = RECEIVE_POOL;
  #hasHeard = false;
  #isBroken = false;
  #poolWaiter: () => void = () => undefined;

  /** Calls `accept` for every stream that the client opens. */
  constructor(accept: (stream: SmuxStream) => void) {
    this.#accept = accept;
    void this.#receiveFrames();
  }

  get isOver(): boolean {
    return this.#isBroken || this.#incoming.isEnded;
  }

  /** After a malformed frame nothing more is read; the session ends once pending data is sent. */
  get isBroken(): boolean {
    return this.#isBroken;
  }

  /** Receives bytes from the client; resolves when there is room for more. @throws if the session is closed */
  receive(data: Buffer): Promise<void> {
    return this.#incoming.write(data);
  }

  /** Reads up to `most` bytes for the client; undefined if the session is closed. */
  read(most: number): Promise<Buffer | undefined> {
    return this.#outgoing.read(most);
  }

  /** Sends NOP frames, and ends a session if the other side sends none (PROTOCOL 7.2, P#93). */
  keepAlive(clock: Clock, signal: AbortSignal): void {
    void repeat(clock, KEEPALIVE_MS, signal, () => this.#write(Command.nop, 0));
    void repeat(clock, KEEPALIVE_TIMEOUT_MS, signal, () => {
      if (!this.#hasHeard && this.#pool > 0) this.close();
      this.#hasHeard = false;
    });
  }

  close(): void {
    this.#incoming.end();
    this.#outgoing.end();
    this.#poolWaiter();
    for (const stream of this.#streams.values()) stream.abandon();
    this.#streams.clear();
  }

  async send({ id }: SmuxStream, data: Buffer): Promise<void> {
    for (let start = 0; start < data.length; start += MAX_DATA) {
      await this.#outgoing.write(
        encodeFrame(Command.psh, id, data.subarray(start, start + MAX_DATA)),
      );
    }
  }

  sendFin({ id }: SmuxStream): void {
    this.#streams.delete(id);
    this.#write(Command.fin, id);
  }

  release(bytes: number): void {
    this.#pool += bytes;
    if (this.#pool > 0) this.#poolWaiter();
  }

  #write(command: number, id: number): void {
    // A frame without data wakes no reader.
    if (!this.#outgoing.isEnded) void this.#outgoing.write(encodeFrame(command, id));
  }

  async #receiveFrames(): Promise<void> {
    while (!this.#isBroken) {
      await this.#room();
      const header = await this.#incoming.readExactly(HEADER_LENGTH);
      if (header === undefined) return;
      this.#hasHeard = true;
      if (header.readUInt8(0) !== VERSION) this.#break();
      else await this.#receiveFrame(header);
    }
  }

  async #receiveFrame(header: Buffer): Promise<void> {
    const id = header.readUInt32LE(4);
    switch (header.readUInt8(1)) {
      case Command.nop:
        return;
      case Command.syn:
        return this.#open(id);
      case Command.fin:
        return this.#streams.get(id)?.finish();
      case Command.psh:
        return this.#receiveData(id, header.readUInt16LE(2));
      case Command.upd:
        // A frame of version 2. It is read here too, but has no effect.
        await this.#incoming.readExactly(UPDATE_LENGTH);
        return;
      default:
        this.#break();
    }
  }

  /** A second SYN for an open stream is ignored. */
  #open(id: number): void {
    if (this.#streams.has(id)) return;
    const stream = new SmuxStream(id, this);
    this.#streams.set(id, stream);
    this.#accept(stream);
  }

  /** Reads and drops data for a stream that is already closed. */
  async #receiveData(id: number, length: number): Promise<void> {
    const data = await this.#incoming.readExactly(length);
    const stream = this.#streams.get(id);
    if (data === undefined || stream === undefined || length === 0) return;
    this.#pool -= length;
    stream.push(data);
  }

  #break(): void {
    this.#isBroken = true;
    for (const stream of this.#streams.values()) stream.wake();
  }

  async #room(): Promise<void> {
    while (this.#pool <= 0 && !this.#incoming.isEnded) {
      await new Promise<void>((resolve) => {
        this.#poolWaiter = resolve;
      });
    }
  }
}

/** Length and stream id are little-endian. */
function encodeFrame(command: number, id: number, data: Buffer = Buffer.alloc(0)): Buffer {
  const header = Buffer.alloc(HEADER_LENGTH);
  header.writeUInt8(VERSION, 0);
  header.writeUInt8(command, 1);
  header.writeUInt16LE(data.length, 2);
  header.writeUInt32LE(id, 4);
  return Buffer.concat([header, data]);
}

async function repeat(
  clock: Clock,
  milliseconds: number,
  signal: AbortSignal,
  run: () => void,
): Promise<void> {
  for (;;) {
    await sleep(clock, milliseconds, signal);
    if (signal.aborted) return;
    run();
  }
}
