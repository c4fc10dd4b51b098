// @ts-check
/*
 * The agent's half of the data channel as far as a measurement needs it (docs/protocol.md, 2), made to
 * cost next to nothing beside the client that is measured: frames are copied from templates.
 */
import { createHash, randomUUID } from 'node:crypto';

const HEADER = 116;
export const PAYLOAD_OFFSET = HEADER + 4;
const SEQUENCE_OFFSET = 48;

/**
 * @param {string} type
 * @param {number} sequenceNumber
 * @param {number} payloadType
 * @param {Buffer} payload
 */
export function encodeFrame(type, sequenceNumber, payloadType, payload) {
  const frame = Buffer.alloc(PAYLOAD_OFFSET + payload.length);
  frame.writeUInt32BE(HEADER, 0);
  frame.write(type.padEnd(32), 4, 'latin1');
  frame.writeUInt32BE(1, 36);
  frame.writeBigUInt64BE(BigInt(Date.now()), 40);
  writeSequence(frame, sequenceNumber);
  const id = randomUUID().replaceAll('-', '');
  frame.write(id.slice(16) + id.slice(0, 16), 64, 'hex');
  createHash('sha256').update(payload).digest().copy(frame, 80);
  frame.writeUInt32BE(payloadType, 112);
  frame.writeUInt32BE(payload.length, HEADER);
  payload.copy(frame, PAYLOAD_OFFSET);
  return frame;
}

/** @param {Buffer} frame @param {number} sequenceNumber @param {number} [start] */
export function writeSequence(frame, sequenceNumber, start = 0) {
  frame.writeBigUInt64BE(BigInt(sequenceNumber), start + SEQUENCE_OFFSET);
}

/** @param {Buffer} frame */
export function readFrame(frame) {
  return {
    type: frame.toString('latin1', 4, 36).trim(),
    sequenceNumber: Number(frame.readBigUInt64BE(SEQUENCE_OFFSET)),
    id: swapped(frame.toString('hex', 64, 80)),
    payloadType: frame.readUInt32BE(112),
    payload: frame.subarray(PAYLOAD_OFFSET),
  };
}

/** By one letter: ecsh pads the type `acknowledge` on the right, the plugin on the left. @param {Buffer} frame */
export function isAcknowledgement(frame) {
  return frame[4] === 0x61 || frame[35] === 0x65;
}

/** @param {string} hex */
function swapped(hex) {
  const text = hex.slice(16) + hex.slice(0, 16);
  return text.replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, '$1-$2-$3-$4-$5');
}

/** An acknowledgement of a client's stream message. @param {ReturnType<typeof readFrame>} message */
export function acknowledgement({ type, id, sequenceNumber }) {
  const payload = JSON.stringify({
    AcknowledgedMessageType: type,
    AcknowledgedMessageId: id,
    AcknowledgedMessageSequenceNumber: sequenceNumber,
    IsSequentialMessage: true,
  });
  return encodeFrame('acknowledge', 0, 0, Buffer.from(payload));
}

/** One unmasked websocket message. @param {Buffer} frame */
export function wrap(frame) {
  const header = Buffer.alloc(frame.length < 126 ? 2 : 4);
  header[0] = 0x82;
  if (frame.length < 126) header[1] = frame.length;
  else {
    header[1] = 126;
    header.writeUInt16BE(frame.length, 2);
  }
  return Buffer.concat([header, frame]);
}

/** Takes websocket messages of a client apart, across chunks. */
export class ClientMessages {
  /** @type {Buffer} */
  #rest = Buffer.alloc(0);

  /**
   * @param {Buffer} chunk
   * @param {(opcode: number, payload: Buffer) => void} onMessage
   */
  feed(chunk, onMessage) {
    let data = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    for (;;) {
      const length = messageLength(data);
      if (length === undefined || data.length < length) break;
      onMessage((data[0] ?? 0) & 0x0f, unmasked(data.subarray(0, length)));
      data = data.subarray(length);
    }
    this.#rest = data;
  }
}

/** @param {Buffer} data */
function messageLength(data) {
  if (data.length < 8) return undefined;
  const short = (data[1] ?? 0) & 0x7f;
  if (short < 126) return 6 + short;
  if (short === 126) return 8 + data.readUInt16BE(2);
  return data.length < 14 ? undefined : 14 + Number(data.readBigUInt64BE(2));
}

/** @param {Buffer} message */
function unmasked(message) {
  const short = (message[1] ?? 0) & 0x7f;
  const start = short < 126 ? 2 : short === 126 ? 4 : 10;
  const payload = message.subarray(start + 4);
  for (let index = 0; index < payload.length; index += 1) {
    payload[index] = (payload[index] ?? 0) ^ (message[start + (index & 3)] ?? 0);
  }
  return payload;
}
