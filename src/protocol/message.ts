/** The types of numbered stream messages, and of messages that a client receives (PROTOCOL 3). */
export const MessageType = {
  input: 'input_stream_data',
  output: 'output_stream_data',
  acknowledge: 'acknowledge',
  channelClosed: 'channel_closed',
  startPublication: 'start_publication',
  pausePublication: 'pause_publication',
  sessionState: 'agent_session_state',
} as const;

/** PROTOCOL 2.6. */
export const PayloadType = {
  none: 0,
  output: 1,
  error: 2,
  size: 3,
  parameter: 4,
  handshakeRequest: 5,
  handshakeResponse: 6,
  handshakeComplete: 7,
  encChallengeRequest: 8,
  encChallengeResponse: 9,
  flag: 10,
  stdErr: 11,
  exitCode: 12,
} as const;

/** PROTOCOL 2.4: set by peers; received flags are ignored (F-15). */
export const Flags = { none: 0, syn: 1, fin: 2, synFin: 3 } as const;

export interface AgentMessage {
  readonly messageType: string;
  /** Milliseconds since the epoch, never 0 (F-12). */
  readonly createdDate: number;
  readonly sequenceNumber: number;
  readonly flags: number;
  /** Lower-case hyphenated UUID. */
  readonly messageId: string;
  /** Absent in frames of the service, whose header is 112 bytes long (PROTOCOL 2.3). */
  readonly payloadType: number | undefined;
  readonly payload: Uint8Array;
}
