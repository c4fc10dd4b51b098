import { randomUUID } from 'node:crypto';
import type { DataChannel } from '#protocol/data-channel.ts';
import { decodeNaive, encodeNaive, type NaiveMessage } from '#test/helpers/naive-codec.ts';

/** Frames of the agent and the service, encoded and decoded with the second codec. */

const DATE = 1_735_689_600_123;

export interface StreamFrame {
  readonly sequenceNumber: number;
  readonly payload: string | Uint8Array;
  /** By default 1, output. */
  readonly payloadType?: number;
}

export function streamFrame({ sequenceNumber, payload, payloadType = 1 }: StreamFrame): Uint8Array {
  return frame({
    messageType: 'output_stream_data',
    sequenceNumber,
    flags: sequenceNumber === 0 ? 1 : 0,
    payloadType,
    payload,
  });
}

export function outputFrame(sequenceNumber: number, payload: string): Uint8Array {
  return streamFrame({ sequenceNumber, payload });
}

/** The agent's acknowledgement of the client's stream message with this number. */
export function acknowledgeFrame(sequenceNumber: number): Uint8Array {
  return frame({
    messageType: 'acknowledge',
    flags: 3,
    payloadType: 0,
    payload: JSON.stringify({
      AcknowledgedMessageType: 'input_stream_data',
      AcknowledgedMessageId: randomUUID(),
      AcknowledgedMessageSequenceNumber: sequenceNumber,
      IsSequentialMessage: true,
    }),
  });
}

export function serviceFrame(messageType: string, payload: string): Uint8Array {
  return frame({ messageType, payloadType: undefined, payload });
}

export function channelClosedFrame(output: string): Uint8Array {
  const fields = { MessageType: 'channel_closed', SessionId: 's-0', SchemaVersion: 1 };
  return serviceFrame('channel_closed', JSON.stringify({ ...fields, Output: output }));
}

export function publicationFrame(type: 'start_publication' | 'pause_publication'): Uint8Array {
  return serviceFrame(type, type);
}

export interface RequestedAction {
  readonly ActionType: string;
  readonly ActionParameters: unknown;
}

export const SHELL_ACTION: RequestedAction = {
  ActionType: 'SessionType',
  ActionParameters: { SessionType: 'InteractiveCommands', Properties: null },
};

export function handshakeRequestFrame(
  sequenceNumber: number,
  actions: readonly RequestedAction[] = [SHELL_ACTION],
): Uint8Array {
  const request = { AgentVersion: '3.3.987.0', RequestedClientActions: actions };
  return streamFrame({ sequenceNumber, payloadType: 5, payload: JSON.stringify(request) });
}

export function handshakeCompleteFrame(sequenceNumber: number, message = ''): Uint8Array {
  const complete = { HandshakeTimeToComplete: 19_889_571, CustomerMessage: message };
  return streamFrame({ sequenceNumber, payloadType: 7, payload: JSON.stringify(complete) });
}

export function frame(fields: {
  readonly messageType: string;
  readonly payload: string | Uint8Array;
  readonly payloadType: number | undefined;
  readonly sequenceNumber?: number;
  readonly flags?: number;
}): Uint8Array {
  return encodeNaive({
    createdDate: DATE,
    sequenceNumber: 0,
    flags: 0,
    messageId: randomUUID(),
    ...fields,
    payload:
      typeof fields.payload === 'string'
        ? new TextEncoder().encode(fields.payload)
        : fields.payload,
  });
}

/** Returns the frames that the client wants to send, one per line: `#0 size 80x24`, `#1 input "ls"`, `ack #0`. */
export function sent(channel: DataChannel): string[] {
  return channel.takeOutgoing().map(describeFrame);
}

function describeFrame(bytes: Uint8Array): string {
  const message = decoded(bytes);
  const text = new TextDecoder().decode(message.payload);
  if (message.messageType === 'acknowledge') return `ack #${acknowledgedNumber(text)}`;
  const number = `#${message.sequenceNumber}`;
  switch (message.payloadType) {
    case 1:
      return `${number} input ${JSON.stringify(text)}`;
    case 3:
      return `${number} size ${text.replace(/^{"cols":(\d+),"rows":(\d+)}$/, '$1x$2')}`;
    case 6:
      return `${number} handshake response`;
    default:
      return `${number} payload type ${message.payloadType}`;
  }
}

export function decoded(bytes: Uint8Array): NaiveMessage {
  const message = decodeNaive(bytes);
  if (typeof message === 'string') throw new Error(`the client sent a bad frame: ${message}`);
  return message;
}

function acknowledgedNumber(text: string): string {
  return /"AcknowledgedMessageSequenceNumber":(\d+)/.exec(text)?.[1] ?? '?';
}
