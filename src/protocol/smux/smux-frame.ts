/**
 * Frames of smux version 1 (PROTOCOL 7.3). They carry many streams over the single byte stream of a
 * port session, its output and its input:
 *
 *     offset  length  field
 *     0       1       version, 1
 *     1       1       command
 *     2       2       length of the data, little-endian
 *     4       4       stream id, little-endian
 *     8       length  data, of PSH only
 */
export const SmuxCommand = {
  /** Opens a stream. */
  syn: 0,
  /** Closes it, in both directions. */
  fin: 1,
  /** Data. */
  psh: 2,
  /** Keeps the connection alive. */
  nop: 3,
} as const;

const VERSION = 1;
const HEADER_LENGTH = 8;
/** The maximum that both Go peers put into one frame (T mux.go). */
const MAX_FRAME_DATA = 32_768;

/** Received: the available data of a stream, or a frame without data. */
export type SmuxPart =
  | { readonly command: 'syn' | 'fin' | 'nop'; readonly streamId: number }
  | { readonly command: 'psh'; readonly streamId: number; readonly data: Uint8Array };

/** The peer does not use smux version 1, so the beginning of the next frame is unknown. */
export class SmuxError extends Error {
  override readonly name = 'SmuxError';
}

/** Has no effect at the other end, which does not answer it. */
export const SMUX_NOP = encodeSmuxSignal('nop', 0);

/** A frame without data. */
export function encodeSmuxSignal(command: 'syn' | 'fin' | 'nop', streamId: number): Uint8Array {
  return header(SmuxCommand[command], streamId, 0);
}

/** The data of a stream as PSH frames, with separate headers and data, without a copy. */
export function encodeSmuxData(streamId: number, data: Uint8Array): readonly Uint8Array[] {
  const parts: Uint8Array[] = [];
  for (let start = 0; start < data.length; start += MAX_FRAME_DATA) {
    const part = data.subarray(start, start + MAX_FRAME_DATA);
    parts.push(header(SmuxCommand.psh, streamId, part.length), part);
  }
  return parts;
}

function header(command: number, streamId: number, length: number): Uint8Array {
  const bytes = new Uint8Array(HEADER_LENGTH);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, VERSION);
  view.setUint8(1, command);
  view.setUint16(2, length, true);
  view.setUint32(4, streamId, true);
  return bytes;
}

/** Reads frames from a byte stream that is split anywhere; passes data on before its frame is complete. */
export class SmuxDecoder {
  readonly #header = new Uint8Array(HEADER_LENGTH);
  readonly #view = new DataView(this.#header.buffer);
  #headerLength = 0;
  /** Bytes of the current PSH frame that have not arrived yet. */
  #due = 0;

  /** @throws SmuxError */
  *read(bytes: Uint8Array): Generator<SmuxPart> {
    let rest = bytes;
    while (rest.length > 0) {
      if (this.#due > 0) {
        const data = rest.subarray(0, this.#due);
        this.#due -= data.length;
        rest = rest.subarray(data.length);
        yield { command: 'psh', streamId: this.#streamId, data };
      } else {
        rest = rest.subarray(this.#fillHeader(rest));
        if (this.#headerLength < HEADER_LENGTH) return;
        this.#headerLength = 0;
        const part = this.#parseHeader();
        if (part !== undefined) yield part;
      }
    }
  }

  get #streamId(): number {
    return this.#view.getUint32(4, true);
  }

  #fillHeader(bytes: Uint8Array): number {
    const taken = bytes.subarray(0, HEADER_LENGTH - this.#headerLength);
    this.#header.set(taken, this.#headerLength);
    this.#headerLength += taken.length;
    return taken.length;
  }

  /** Undefined if data follows. */
  #parseHeader(): SmuxPart | undefined {
    const version = this.#view.getUint8(0);
    if (version !== VERSION) throw new SmuxError(`smux version ${version}`);
    const streamId = this.#streamId;
    const command = this.#view.getUint8(1);
    switch (command) {
      case SmuxCommand.psh:
        this.#due = this.#view.getUint16(2, true);
        return undefined;
      case SmuxCommand.syn:
        return { command: 'syn', streamId };
      case SmuxCommand.fin:
        return { command: 'fin', streamId };
      case SmuxCommand.nop:
        return { command: 'nop', streamId };
      default:
        throw new SmuxError(`smux command ${command}`);
    }
  }
}
