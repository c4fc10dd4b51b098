import { randomUUID } from 'node:crypto';
import { Flags, MessageType } from '#protocol/message.ts';
import { encodeMessage } from '#protocol/message-codec.ts';

/** A frame of the service itself: header of 112 bytes, type padded with NULs (PROTOCOL 2.3). */
export function serviceFrame(messageType: string, payload: string, now: number): Uint8Array {
  return encodeMessage({
    messageType,
    createdDate: now,
    sequenceNumber: 0,
    flags: Flags.none,
    messageId: randomUUID(),
    payloadType: undefined,
    payload: Buffer.from(payload),
  });
}

/** PROTOCOL 3.3; the digest cannot be relied on (F-11), so it is wrong here. */
export function publicationFrame(isOn: boolean, now: number): Uint8Array {
  const type = isOn ? MessageType.startPublication : MessageType.pausePublication;
  return spoilDigest(serviceFrame(type, type, now));
}

export interface ChannelClosedFields {
  readonly sessionId: string;
  readonly target: string;
  readonly output: string;
}

/** PROTOCOL 3.2. */
export function channelClosedFrame(fields: ChannelClosedFields, now: number): Uint8Array {
  const body = {
    MessageId: randomUUID(),
    CreatedDate: new Date(now).toISOString(),
    DestinationId: fields.target,
    SessionId: fields.sessionId,
    MessageType: MessageType.channelClosed,
    SchemaVersion: 1,
    Output: fields.output,
  };
  return serviceFrame(MessageType.channelClosed, JSON.stringify(body), now);
}

const DIGEST_OFFSET = 80;

/** The same frame with a digest that does not match its payload. */
export function spoilDigest(frame: Uint8Array): Uint8Array {
  const copy = Uint8Array.from(frame);
  const view = new DataView(copy.buffer);
  view.setUint8(DIGEST_OFFSET, view.getUint8(DIGEST_OFFSET) ^ 0xff);
  return copy;
}

/** The message type in the header of a frame, without its padding. */
export function messageTypeOf(frame: Uint8Array): string {
  return Buffer.from(frame.buffer, frame.byteOffset, frame.byteLength)
    .toString('latin1', 4, 36)
    .replaceAll(/[\0\s]+$/g, '');
}
