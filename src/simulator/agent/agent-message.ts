import { randomUUID } from 'node:crypto';
import { Flags, MessageType, PayloadType } from '#protocol/message.ts';
import { encodeMessage } from '#protocol/message-codec.ts';
import type { ReceivedFrame } from './agent-frame.ts';

export interface OutputMessage {
  readonly sequenceNumber: number;
  readonly payloadType: number;
  readonly payload: Uint8Array;
}

/** A stream message of the agent; number 0 carries SYN (PROTOCOL 2.4). */
export function outputMessage(message: OutputMessage, now: number): Uint8Array {
  return encodeMessage({
    ...message,
    messageType: MessageType.output,
    createdDate: now,
    flags: message.sequenceNumber === 0 ? Flags.syn : Flags.none,
    messageId: randomUUID(),
  });
}

/** PROTOCOL 3.1. */
export function acknowledgeMessage(frame: ReceivedFrame, now: number): Uint8Array {
  const body = {
    AcknowledgedMessageType: frame.messageType,
    AcknowledgedMessageId: frame.messageId,
    AcknowledgedMessageSequenceNumber: frame.sequenceNumber,
    IsSequentialMessage: true,
  };
  return unnumberedMessage(MessageType.acknowledge, body, now);
}

/** PROTOCOL 3.8. */
export function sessionStateMessage(
  sessionId: string,
  state: 'Connected' | 'Terminating',
  now: number,
): Uint8Array {
  const body = { SchemaVersion: 1, SessionState: state, SessionId: sessionId };
  return unnumberedMessage(MessageType.sessionState, body, now);
}

function unnumberedMessage(messageType: string, body: object, now: number): Uint8Array {
  return encodeMessage({
    messageType,
    createdDate: now,
    sequenceNumber: 0,
    flags: Flags.synFin,
    messageId: randomUUID(),
    payloadType: PayloadType.none,
    payload: Buffer.from(JSON.stringify(body)),
  });
}
