import { crc32 } from 'node:zlib';

/** Sends one event to the caller of a streaming operation. */
export type SendEvent = (type: string, payload: object) => void;

/** The response of a streaming operation: `open` starts it and returns the function that ends it. */
export class EventStream {
  readonly open: (send: SendEvent) => () => void;

  constructor(open: (send: SendEvent) => () => void) {
    this.open = open;
  }
}

/** Prelude (two lengths and their CRC) and the message's own CRC. */
const FRAME_BYTES = 16;
const PRELUDE_BYTES = 8;
const STRING_HEADER = 7;

/**
 * A message of `application/vnd.amazon.eventstream`: total length, header length, CRC of both, headers
 * (name, type, value), payload, CRC of everything. Source: "Amazon Event Stream Specification", Smithy.
 */
export function encodeEvent(type: string, payload: object): Buffer {
  const headers = Buffer.concat([
    encodeHeader(':event-type', type),
    encodeHeader(':content-type', 'application/json'),
    encodeHeader(':message-type', 'event'),
  ]);
  const body = Buffer.from(JSON.stringify(payload));
  const message = Buffer.alloc(FRAME_BYTES + headers.length + body.length);
  message.writeUInt32BE(message.length, 0);
  message.writeUInt32BE(headers.length, 4);
  message.writeUInt32BE(crc32(message.subarray(0, PRELUDE_BYTES)), PRELUDE_BYTES);
  headers.copy(message, PRELUDE_BYTES + 4);
  body.copy(message, PRELUDE_BYTES + 4 + headers.length);
  message.writeUInt32BE(crc32(message.subarray(0, -4)), message.length - 4);
  return message;
}

function encodeHeader(name: string, value: string): Buffer {
  const [key, text] = [Buffer.from(name), Buffer.from(value)];
  const length = Buffer.alloc(3);
  length.writeUInt8(STRING_HEADER, 0);
  length.writeUInt16BE(text.length, 1);
  return Buffer.concat([Buffer.from([key.length]), key, length, text]);
}
