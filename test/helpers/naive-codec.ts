import { createHash } from 'node:crypto';

/**
 * A second codec for the frames of PROTOCOL 2, written to be obviously right and to share nothing
 * with the first: hexadecimal text, BigInt, and one field after the other in the order of the table.
 */
export interface NaiveMessage {
  readonly messageType: string;
  readonly createdDate: number;
  readonly sequenceNumber: number;
  readonly flags: number;
  readonly messageId: string;
  readonly payloadType: number | undefined;
  readonly payload: Uint8Array;
}

export function encodeNaive(message: NaiveMessage): Uint8Array {
  const { payload, payloadType } = message;
  const isService = payloadType === undefined;
  const uuid = message.messageId.replaceAll('-', '');
  const fields = [
    hex(isService ? 112 : 116, 4),
    Buffer.from(message.messageType.padEnd(32, isService ? '\0' : ' '), 'latin1').toString('hex'),
    hex(1, 4),
    hex(message.createdDate, 8),
    hex(message.sequenceNumber, 8),
    hex(message.flags, 8),
    uuid.slice(16) + uuid.slice(0, 16),
    sha256(payload),
    isService ? '' : hex(payloadType, 4),
    hex(payload.length, 4),
    Buffer.from(payload).toString('hex'),
  ];
  return new Uint8Array(Buffer.from(fields.join(''), 'hex'));
}

/** The message, or the reason why PROTOCOL 2.2 refuses the frame. */
export function decodeNaive(frame: Uint8Array): NaiveMessage | string {
  const text = Buffer.from(frame).toString('hex');
  const bytes = (start: number, length: number) => text.slice(2 * start, 2 * (start + length));
  const number = (start: number, length: number) => BigInt(`0x${bytes(start, length)}`);

  if (frame.length < 116) return 'truncated';
  const headerLength = Number(number(0, 4));
  if (headerLength < 112) return 'header-length';
  if (headerLength + 4 > frame.length) return headerLength > 116 ? 'header-length' : 'truncated';
  const payloadLength = Number(number(headerLength, 4));
  const surplus = frame.length - (headerLength + 4) - payloadLength;
  if (surplus < 0) return 'payload-length';
  const payload = bytes(headerLength + 4, payloadLength);

  const messageType = Buffer.from(bytes(4, 32), 'hex')
    .toString('latin1')
    .replaceAll(/^[\0\t-\r ]+|[\0\t-\r ]+$/g, '');
  if (messageType === '') return 'message-type';
  if (number(40, 8) === 0n) return 'created-date';
  if (number(48, 8) > BigInt(Number.MAX_SAFE_INTEGER)) return 'sequence-number';
  const isPublication = /^(start|pause)_publication$/.test(messageType);
  const hasWrongDigest = bytes(80, 32) !== sha256(Buffer.from(payload, 'hex'));
  if (payloadLength > 0 && hasWrongDigest && !isPublication) {
    return surplus > 0 ? 'payload-length' : 'digest';
  }

  const uuid = bytes(72, 8) + bytes(64, 8);
  return {
    messageType,
    createdDate: Number(number(40, 8)),
    sequenceNumber: Number(number(48, 8)),
    flags: Number(number(56, 8)),
    messageId: uuid.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-'),
    payloadType: headerLength >= 116 ? Number(number(112, 4)) : undefined,
    payload: new Uint8Array(Buffer.from(payload, 'hex')),
  };
}

function hex(value: number, length: number): string {
  return BigInt(value)
    .toString(16)
    .padStart(2 * length, '0');
}

function sha256(payload: Uint8Array): string {
  return createHash('sha256').update(payload).digest('hex');
}
