import { encodeSmuxData, encodeSmuxSignal, SmuxDecoder } from './smux-frame.ts';

/**
 * Bytes that may wait for slow local readers, for all streams together: the limit of both Go peers
 * (PROTOCOL 7.3). Version 1 has no window per stream.
 */
const RECEIVE_POOL = 4 * 1024 * 1024;
/** Full ends only well below it, so that the websocket is not paused for every chunk. */
const POOL_LOW_WATER = RECEIVE_POOL / 2;
/** T session.go: 1 is never used, and the client's ids are odd. */
const FIRST_STREAM_ID = 3;

export type SmuxEvent =
  | { readonly type: 'data'; readonly streamId: number; readonly data: Uint8Array }
  /** The peer has closed the stream: no more data arrives, and none is accepted. */
  | { readonly type: 'closed'; readonly streamId: number; readonly hadData: boolean }
  | { readonly type: 'ignored'; readonly what: string };

interface Stream {
  /** Received, and not read yet. */
  held: number;
  hadData: boolean;
  /** The peer has closed it: no more data follows. */
  isEnding: boolean;
}

/**
 * The client's side of a smux session, without any I/O: pass it the bytes of the output, and send the result of
 * `takeOutgoing` as input. The peer opens no streams.
 */
export class SmuxSession {
  readonly #decoder = new SmuxDecoder();
  readonly #streams = new Map<number, Stream>();
  #outgoing: Uint8Array[] = [];
  #nextId = FIRST_STREAM_ID;
  #held = 0;
  #isFull = false;

  /** Opens a stream and returns its id. */
  open(): number {
    const streamId = this.#nextId;
    this.#nextId += 2;
    this.#streams.set(streamId, { held: 0, hadData: false, isEnding: false });
    this.#outgoing.push(encodeSmuxSignal('syn', streamId));
    return streamId;
  }

  /** Data for a stream that has ended is dropped. */
  send(streamId: number, data: Uint8Array): void {
    if (this.#streams.get(streamId)?.isEnding !== false) return;
    this.#outgoing.push(...encodeSmuxData(streamId, data));
  }

  /** Closes every stream in both directions; frames that still arrive are dropped. */
  close(streamId: number): void {
    const stream = this.#streams.get(streamId);
    if (stream === undefined) return;
    if (!stream.isEnding) this.#outgoing.push(encodeSmuxSignal('fin', streamId));
    this.#streams.delete(streamId);
    // Data that will not be read frees its room (T session.go, streamClosed).
    this.#release(stream.held);
  }

  /** @throws SmuxError if the peer breaks the protocol; the session is useless then. */
  receive(bytes: Uint8Array): readonly SmuxEvent[] {
    const events: SmuxEvent[] = [];
    for (const part of this.#decoder.read(bytes)) {
      const { command, streamId } = part;
      const stream = this.#streams.get(streamId);
      if (command === 'syn') {
        events.push({ type: 'ignored', what: `stream ${streamId}, which the peer opened` });
      } else if (stream === undefined || stream.isEnding) {
        // Sent before the peer learned that we had closed it.
      } else if (command === 'psh') {
        this.#hold(stream, part.data.length);
        events.push({ type: 'data', streamId, data: part.data });
      } else if (command === 'fin') {
        stream.isEnding = true;
        // Both Go peers answer it, if only to end their own side.
        this.#outgoing.push(encodeSmuxSignal('fin', streamId));
        events.push({ type: 'closed', streamId, hadData: stream.hadData });
      }
    }
    return events;
  }

  /** The reader of a stream has read this much of its data. */
  consume(streamId: number, bytes: number): void {
    const stream = this.#streams.get(streamId);
    if (stream === undefined) return;
    stream.held -= bytes;
    this.#release(bytes);
  }

  /** True while so much waits for slow readers that no more should be read (S-6). */
  get isFull(): boolean {
    return this.#isFull;
  }

  /** In one piece, for as few messages as possible; empty if there is nothing to send. */
  takeOutgoing(): Uint8Array {
    const bytes = Buffer.concat(this.#outgoing);
    this.#outgoing = [];
    return bytes;
  }

  #hold(stream: Stream, bytes: number): void {
    stream.hadData = true;
    stream.held += bytes;
    this.#held += bytes;
    if (this.#held >= RECEIVE_POOL) this.#isFull = true;
  }

  #release(bytes: number): void {
    this.#held -= bytes;
    if (this.#held <= POOL_LOW_WATER) this.#isFull = false;
  }
}
