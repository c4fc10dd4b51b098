/**
 * Messages that an `ecsh exec` and the `ecsh connect` around it send to each other on a local socket: frames of a type, a
 * length (4 bytes, big-endian) and a payload. Control frames hold JSON.
 */
export const FRAME_TYPES = {
  /** To the server: the first frame, which command to run. */
  request: 0x52,
  /** To the server: data and end of stdin, as far as `credit` allows. */
  stdin: 0x49,
  stdinEnd: 0x45,
  /** To the server: the local stdin broke. */
  stdinBroken: 0x42,
  /** To the server: end the command. */
  stop: 0x53,
  /** To the client: the command is accepted, and where it runs. */
  accepted: 0x41,
  /** To the client: this session is for another container. */
  refused: 0x46,
  stdout: 0x4f,
  stderr: 0x58,
  /** To the client: it may send this many more bytes of stdin (4 bytes). */
  credit: 0x43,
  /** To the client: text for the user. */
  notice: 0x4e,
  /** To the client: how the command ended. This is the last frame. */
  result: 0x44,
} as const;

export interface RelayFrame {
  readonly type: number;
  readonly payload: Buffer;
}

const HEADER = 5;
/** Room for a command line and an environment of 128 KiB each, written as JSON. */
const MAX_PAYLOAD = 4 * 1024 * 1024;

export function encodeFrame(type: number, payload: Uint8Array = new Uint8Array(0)): Buffer {
  const frame = Buffer.allocUnsafe(HEADER + payload.length);
  frame.writeUInt8(type, 0);
  frame.writeUInt32BE(payload.length, 1);
  frame.set(payload, HEADER);
  return frame;
}

export function encodeJson(type: number, value: unknown): Buffer {
  return encodeFrame(type, Buffer.from(JSON.stringify(value)));
}

/** Cuts a stream of chunks into frames. */
export class FrameSplitter {
  #rest = Buffer.alloc(0);

  /** @throws RangeError when a frame is longer than any of ours */
  push(chunk: Uint8Array): readonly RelayFrame[] {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    const frames: RelayFrame[] = [];
    while (this.#rest.length >= HEADER) {
      const length = this.#rest.readUInt32BE(1);
      if (length > MAX_PAYLOAD) throw new RangeError('frame too long');
      if (this.#rest.length < HEADER + length) break;
      const payload = this.#rest.subarray(HEADER, HEADER + length);
      frames.push({ type: this.#rest.readUInt8(0), payload });
      this.#rest = this.#rest.subarray(HEADER + length);
    }
    return frames;
  }
}
