import { hash } from 'node:crypto';
import { type AgentMessage, MessageType } from './message.ts';
import { readMessageId, writeMessageId, writeRandomId } from './message-id.ts';

export type FrameErrorReason =
  | 'truncated'
  | 'header-length'
  | 'payload-length'
  | 'message-type'
  | 'created-date'
  | 'sequence-number'
  | 'message-id'
  | 'digest'
  | 'empty-payload';

/** The peer (when decoding) or our caller (when encoding) broke a rule of the frame layout. */
export class FrameError extends Error {
  override readonly name = 'FrameError';
  readonly reason: FrameErrorReason;

  constructor(reason: FrameErrorReason, message: string) {
    super(message);
    this.reason = reason;
  }
}

/*
 * Frame layout, big-endian (PROTOCOL 2):
 *   0  u32 HeaderLength        48 i64 SequenceNumber      112 u32 PayloadType (116 only)
 *   4  32  MessageType         56 u64 Flags               HL  u32 PayloadLength
 *   36 u32 SchemaVersion       64 16  MessageId           HL+4    Payload
 *   40 u64 CreatedDate         80 32  PayloadDigest
 */
const HEADER_LENGTH = 116;
const SERVICE_HEADER_LENGTH = 112;
const TYPE_OFFSET = 4;
const TYPE_LENGTH = 32;
const SCHEMA_OFFSET = 36;
const DATE_OFFSET = 40;
const SEQUENCE_OFFSET = 48;
const FLAGS_OFFSET = 56;
const ID_OFFSET = 64;
const DIGEST_OFFSET = 80;
const DIGEST_LENGTH = 32;
const PAYLOAD_TYPE_OFFSET = 112;
const LENGTH_FIELD = 4;
const PAYLOAD_OFFSET = HEADER_LENGTH + LENGTH_FIELD;
const SPACE = 0x20;
const NUL = 0;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * Encodes one frame. With `payloadType: undefined` it is a frame in the form of the service: a header
 * of 112 bytes, and a type padded with NULs (PROTOCOL 2.3).
 *
 * @throws FrameError for a frame that no peer would accept: an empty payload (F-5), no type or date (F-12), …
 */
export function encodeMessage(message: AgentMessage): Uint8Array {
  assertEncodable(message);
  const { payload, payloadType } = message;
  const headerLength = payloadType === undefined ? SERVICE_HEADER_LENGTH : HEADER_LENGTH;
  const payloadOffset = headerLength + LENGTH_FIELD;
  const frame = Buffer.allocUnsafe(payloadOffset + payload.length);
  frame.writeUInt32BE(headerLength, 0);
  frame.fill(payloadType === undefined ? NUL : SPACE, TYPE_OFFSET, TYPE_OFFSET + TYPE_LENGTH);
  frame.write(message.messageType, TYPE_OFFSET, TYPE_LENGTH, 'latin1');
  frame.writeUInt32BE(1, SCHEMA_OFFSET);
  writeUint64(frame, message.createdDate, DATE_OFFSET);
  writeUint64(frame, message.sequenceNumber, SEQUENCE_OFFSET);
  writeUint64(frame, message.flags, FLAGS_OFFSET);
  writeMessageId(frame, message.messageId, ID_OFFSET);
  frame.write(digestOf(payload), DIGEST_OFFSET, DIGEST_LENGTH, 'latin1');
  if (payloadType !== undefined) frame.writeUInt32BE(payloadType, PAYLOAD_TYPE_OFFSET);
  frame.writeUInt32BE(payload.length, headerLength);
  frame.set(payload, payloadOffset);
  return frame;
}

/** A template for `stampMessage`: the header of this message, for any payload. */
export function encodeTemplate(message: Omit<AgentMessage, 'payload'>): Uint8Array {
  return encodeMessage({ ...message, payload: new Uint8Array(1) }).slice(0, HEADER_LENGTH);
}

/**
 * A frame of `template` with its own date, id and payload. One is sent for every frame that arrives, and this
 * takes a third of the time of encoding.
 */
export function stampMessage(template: Uint8Array, now: number, payload: Uint8Array): Uint8Array {
  const frame = Buffer.allocUnsafe(PAYLOAD_OFFSET + payload.length);
  frame.set(template);
  writeUint64(frame, now, DATE_OFFSET);
  writeRandomId(frame, ID_OFFSET);
  frame.write(digestOf(payload), DIGEST_OFFSET, DIGEST_LENGTH, 'latin1');
  frame.writeUInt32BE(payload.length, HEADER_LENGTH);
  frame.set(payload, PAYLOAD_OFFSET);
  return frame;
}

function assertEncodable(message: AgentMessage): void {
  const { messageType, createdDate, sequenceNumber, messageId, payload } = message;
  if (payload.length === 0) throw new FrameError('empty-payload', 'a frame needs a payload');
  if (messageType === '' || messageType.length > TYPE_LENGTH) {
    throw new FrameError('message-type', `message type of ${messageType.length} characters`);
  }
  if (!(createdDate >= 1 && createdDate <= Number.MAX_SAFE_INTEGER)) {
    throw new FrameError('created-date', `created date ${createdDate}`);
  }
  if (!Number.isSafeInteger(sequenceNumber) || sequenceNumber < 0) {
    throw new FrameError('sequence-number', `sequence number ${sequenceNumber}`);
  }
  // Also guards the bytes of the frame that would otherwise stay uninitialized.
  if (!UUID.test(messageId)) throw new FrameError('message-id', `message id ${messageId}`);
}

/**
 * Decodes one frame. The payload shares memory with `data`.
 *
 * @throws FrameError if a rule of PROTOCOL 2.2 is broken; the frame is then dropped without an acknowledgement.
 */
export function decodeMessage(data: Uint8Array): AgentMessage {
  const frame = Buffer.isBuffer(data)
    ? data
    : Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  if (frame.length < SERVICE_HEADER_LENGTH + LENGTH_FIELD) {
    throw new FrameError('truncated', `frame of ${frame.length} bytes`);
  }
  const headerLength = readHeaderLength(frame);
  const payload = readPayload(frame, headerLength);
  const messageType = readMessageType(frame);
  if (messageType === '') throw new FrameError('message-type', 'empty message type');
  const createdDate = readUint64(frame, DATE_OFFSET);
  if (createdDate === 0) throw new FrameError('created-date', 'zero created date');
  const sequenceNumber = readUint64(frame, SEQUENCE_OFFSET);
  // F-7: a rounded number could neither be ordered nor acknowledged. Negative ones arrive here as well.
  if (!Number.isSafeInteger(sequenceNumber)) {
    throw new FrameError('sequence-number', `sequence number beyond ${Number.MAX_SAFE_INTEGER}`);
  }
  if (hasDependableDigest(messageType) && !matchesDigest(frame, payload)) {
    // Surplus bytes are ignored (F-10), unless the digest shows that the length was wrong.
    const hasSurplus = frame.length > headerLength + LENGTH_FIELD + payload.length;
    const reason = hasSurplus ? 'payload-length' : 'digest';
    throw new FrameError(reason, `payload digest of ${messageType} does not match`);
  }
  return {
    messageType,
    createdDate,
    sequenceNumber,
    flags: readUint64(frame, FLAGS_OFFSET),
    messageId: readMessageId(frame, ID_OFFSET),
    payloadType:
      headerLength >= HEADER_LENGTH ? frame.readUInt32BE(PAYLOAD_TYPE_OFFSET) : undefined,
    payload,
  };
}

function readHeaderLength(frame: Buffer): number {
  const headerLength = frame.readUInt32BE(0);
  if (headerLength < SERVICE_HEADER_LENGTH) {
    throw new FrameError('header-length', `header length ${headerLength}`);
  }
  if (headerLength + LENGTH_FIELD > frame.length) {
    // A 116-byte header that is cut short is a truncated frame; a longer one is invalid (F-8).
    const reason = headerLength <= HEADER_LENGTH ? 'truncated' : 'header-length';
    throw new FrameError(reason, `header length ${headerLength} in ${frame.length} bytes`);
  }
  return headerLength;
}

/** F-10: a shorter payload than announced is an error; surplus bytes are ignored. */
function readPayload(frame: Buffer, headerLength: number): Buffer {
  const start = headerLength + LENGTH_FIELD;
  const length = frame.readUInt32BE(headerLength);
  if (start + length > frame.length) {
    throw new FrameError('payload-length', `payload of ${length} bytes in ${frame.length}`);
  }
  return frame.subarray(start, start + length);
}

/** F-11: peers do not check the digest of publication messages, so it may be anything. */
function hasDependableDigest(messageType: string): boolean {
  return (
    messageType !== MessageType.startPublication && messageType !== MessageType.pausePublication
  );
}

function matchesDigest(frame: Buffer, payload: Buffer): boolean {
  if (payload.length === 0) return true;
  return (
    digestOf(payload) === frame.toString('latin1', DIGEST_OFFSET, DIGEST_OFFSET + DIGEST_LENGTH)
  );
}

const PADDED_OUTPUT = MessageType.output.padEnd(TYPE_LENGTH);
/** The usual types, by their bytes in the frame. */
const PADDED_TYPES = new Map(
  Object.values(MessageType).map((type) => [type.padEnd(TYPE_LENGTH), type]),
);

/** F-9: some peers pad on the left, and with NULs. */
function readMessageType(frame: Buffer): string {
  const padded = frame.toString('latin1', TYPE_OFFSET, TYPE_OFFSET + TYPE_LENGTH);
  if (padded === PADDED_OUTPUT) return MessageType.output;
  return PADDED_TYPES.get(padded) ?? trimPadding(padded);
}

function trimPadding(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isPadding(text.charCodeAt(start))) start++;
  while (end > start && isPadding(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}

function isPadding(code: number): boolean {
  return code === NUL || code === SPACE || (code >= 0x09 && code <= 0x0d);
}

/** Two 32-bit halves: exact up to 2^53, which dates and sequence numbers never exceed (F-7). */
function writeUint64(frame: Buffer, value: number, offset: number): void {
  frame.writeUInt32BE(Math.floor(value / 2 ** 32), offset);
  frame.writeUInt32BE(value % 2 ** 32, offset + 4);
}

function readUint64(frame: Buffer, offset: number): number {
  return frame.readUInt32BE(offset) * 2 ** 32 + frame.readUInt32BE(offset + 4);
}

/** Bytes as text, cheaper than with a Buffer, because this runs twice for every frame. */
function digestOf(payload: Uint8Array): string {
  return hash('sha256', payload, 'binary');
}
