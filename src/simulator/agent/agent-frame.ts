/**
 * Reads frames like the agent. It does not use the codec of `protocol/`, because the agent checks neither digest
 * nor payload length, and panics on frames that ours rejects (PROTOCOL 2.2, 4.4).
 */

/** An `input_stream_data`, `acknowledge` or service frame as the agent decoded it. */
export interface ReceivedFrame {
  readonly messageType: string;
  readonly sequenceNumber: number;
  readonly messageId: string;
  readonly payloadType: number;
  readonly payload: Buffer;
}

export type FrameReading =
  | { readonly kind: 'frame'; readonly frame: ReceivedFrame }
  /** The frame is logged and dropped. */
  | { readonly kind: 'refused'; readonly reason: string }
  /** The reader crashes: the agent receives nothing from then on (4.4, last row). */
  | { readonly kind: 'fatal'; readonly reason: string };

const TYPE = { start: 4, end: 36 } as const;
const DATE = 40;
const SEQUENCE = 48;
const ID = 64;
const PAYLOAD_TYPE = 112;
/** The agent reads this many bytes before it checks any length. */
const FIXED_LENGTH = 116;
const LENGTH_FIELD = 4;

/** Reads one frame the way the agent does. */
export function readAgentFrame(data: Uint8Array): FrameReading {
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  if (bytes.length < FIXED_LENGTH) return { kind: 'refused', reason: `${bytes.length} bytes` };
  const headerLength = bytes.readUInt32BE(0);
  const payloadStart = headerLength + LENGTH_FIELD;
  if (payloadStart > bytes.length) {
    return { kind: 'fatal', reason: `header length ${headerLength} in ${bytes.length} bytes` };
  }
  const messageType = trim(bytes.toString('latin1', TYPE.start, TYPE.end));
  if (headerLength === 0) return { kind: 'refused', reason: 'header length 0' };
  if (messageType === '') return { kind: 'refused', reason: 'no message type' };
  if (bytes.readBigUInt64BE(DATE) === 0n) return { kind: 'refused', reason: 'no created date' };
  return {
    kind: 'frame',
    frame: {
      messageType,
      sequenceNumber: Number(bytes.readBigInt64BE(SEQUENCE)),
      messageId: readUuid(bytes),
      // The agent reads it at 112 even in a 112-byte header, where that is the payload length.
      payloadType: bytes.readUInt32BE(PAYLOAD_TYPE),
      payload: bytes.subarray(payloadStart),
    },
  };
}

function trim(text: string): string {
  return text.replaceAll(/^[\0\s]+|[\0\s]+$/g, '');
}

/** F-3: the two halves are swapped on the wire. */
function readUuid(bytes: Buffer): string {
  const hex = bytes.toString('hex', ID + 8, ID + 16) + bytes.toString('hex', ID, ID + 8);
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
