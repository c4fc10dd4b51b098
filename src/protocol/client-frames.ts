import { randomUUID } from 'node:crypto';
import { type AgentMessage, Flags, MessageType, PayloadType } from './message.ts';
import { encodeMessage, encodeTemplate, stampMessage } from './message-codec.ts';
import { encodeAcknowledgement } from './payload.ts';

/** W-6: a released plugin version, the lowest that AWS still supports. */
export const CLIENT_VERSION = '1.2.764.0';

/** The text frame that opens a data channel (PROTOCOL 1.6). */
export function openFrame(token: string, clientId: string): string {
  return JSON.stringify({
    MessageSchemaVersion: '1.0',
    RequestId: randomUUID(),
    TokenValue: token,
    ClientId: clientId,
    ClientVersion: CLIENT_VERSION,
  });
}

export interface InputMessage {
  readonly sequenceNumber: number;
  readonly payloadType: number;
  readonly payload: Uint8Array;
}

/** A stream message of the client. F-15: no flags, as the plugin. */
export function inputFrame(message: InputMessage, now: number): Uint8Array {
  return encodeMessage({
    ...message,
    messageType: MessageType.input,
    createdDate: now,
    flags: Flags.none,
    messageId: randomUUID(),
  });
}

const ACKNOWLEDGEMENT = encodeTemplate({
  messageType: MessageType.acknowledge,
  createdDate: 1,
  sequenceNumber: 0,
  flags: Flags.synFin,
  messageId: randomUUID(),
  payloadType: PayloadType.none,
});

/** PROTOCOL 3.1. */
export function acknowledgeFrame(message: AgentMessage, now: number): Uint8Array {
  return stampMessage(ACKNOWLEDGEMENT, now, encodeAcknowledgement(message));
}
