/**
 * Frames on the local socket between an `ecsh exec` (the client) and the `ecsh connect` around it (the server): a type,
 * a length (4 bytes, big-endian) and a payload. Control frames hold JSON.
 */
export const FRAME_TYPES = {
  /** To the server: the first frame. It proves that this `ecsh connect` started the client. */
  token: 0x54,
  /** To the server: the second frame. It says which command to run. */
  request: 0x52,
  /** To the server: data and end of stdin, up to `credit`. */
  stdin: 0x49,
  stdinEnd: 0x45,
  /** To the server: reading the local stdin failed. */
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
  /** To the client: how the command ended. This is the last frame. */
  result: 0x44,
} as const;

export interface RelayFrame {
  readonly type: number;
  readonly payload: Buffer;
}

const HEADER = 5;
/** The longest payload that ecsh sends, in bytes. */
export const MAX_PAYLOAD = 1024 * 1024;

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

/** The smallest buffer for a frame that arrives in parts, in bytes. */
const MIN_BUFFER = 1024;

/**
 * Splits a stream of chunks into frames. A frame that arrives in parts is collected in a buffer that doubles, so its
 * cost grows with the bytes received, not with the number of parts or with the length that its header claims.
 */
export class FrameSplitter {
  readonly #limitOf: (type: number) => number;
  /** The unfinished frame, header included; its first `#filled` bytes have arrived. */
  #frame = Buffer.alloc(0);
  #filled = 0;

  /** @param limitOf the longest payload of a frame of this type, in bytes */
  constructor(limitOf: (type: number) => number = () => MAX_PAYLOAD) {
    this.#limitOf = limitOf;
  }

  /** Memory of an incomplete frame, in bytes. */
  get held(): number {
    return this.#frame.length;
  }

  /**
   * Yields the frames that are completed by this chunk. Read all of them before the next call.
   *
   * @throws RangeError if a frame is longer than its type allows
   */
  *push(chunk: Uint8Array): Generator<RelayFrame> {
    let rest = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length);
    while (rest.length > 0) {
      const step = this.#filled > 0 ? this.#collect(rest) : this.#takeWhole(rest);
      if (step.frame === undefined) return;
      rest = rest.subarray(step.used);
      yield step.frame;
    }
  }

  /** Does not copy a frame that is complete in one chunk. */
  #takeWhole(rest: Buffer): Step {
    if (rest.length < HEADER) return this.#collect(rest);
    const end = this.#lengthOf(rest);
    if (rest.length < end) return this.#collect(rest);
    return { frame: frameIn(rest.subarray(0, end)), used: end };
  }

  #collect(rest: Buffer): Step {
    const header = Math.max(0, Math.min(HEADER - this.#filled, rest.length));
    this.#add(rest.subarray(0, header));
    if (this.#filled < HEADER) return NO_FRAME;
    const missing = this.#lengthOf(this.#frame) - this.#filled;
    const used = header + Math.min(missing, rest.length - header);
    this.#add(rest.subarray(header, used));
    if (used - header < missing) return NO_FRAME;
    const frame = frameIn(this.#frame.subarray(0, this.#filled));
    this.#frame = Buffer.alloc(0);
    this.#filled = 0;
    return { frame, used };
  }

  #add(bytes: Buffer): void {
    const length = this.#filled + bytes.length;
    if (length > this.#frame.length) {
      const larger = Buffer.alloc(Math.max(MIN_BUFFER, 2 ** Math.ceil(Math.log2(length))));
      larger.set(this.#frame.subarray(0, this.#filled));
      this.#frame = larger;
    }
    this.#frame.set(bytes, this.#filled);
    this.#filled = length;
  }

  /** The length of a frame, header included. */
  #lengthOf(frame: Buffer): number {
    const length = frame.readUInt32BE(1);
    if (length > this.#limitOf(frame.readUInt8(0))) throw new RangeError('frame too long');
    return HEADER + length;
  }
}

interface Step {
  /** Undefined if the chunk has no further complete frame. */
  readonly frame: RelayFrame | undefined;
  readonly used: number;
}

const NO_FRAME: Step = { frame: undefined, used: 0 };

function frameIn(bytes: Buffer): RelayFrame {
  return { type: bytes.readUInt8(0), payload: bytes.subarray(HEADER) };
}
