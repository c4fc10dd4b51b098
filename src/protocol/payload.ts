import type { AgentMessage } from './message.ts';

/** Window size of a terminal in characters (PROTOCOL 3.4). */
export interface ChannelSize {
  readonly cols: number;
  readonly rows: number;
}

export interface Acknowledgement {
  readonly messageType: string;
  readonly messageId: string;
  readonly sequenceNumber: number;
}

/** PROTOCOL 3.5. */
export interface RequestedAction {
  readonly type: string;
  readonly parameters: Readonly<Record<string, unknown>>;
}

export interface HandshakeRequest {
  readonly agentVersion: string;
  readonly actions: readonly RequestedAction[];
}

export const ActionStatus = { success: 1, failed: 2, unsupported: 3 } as const;

export interface ProcessedAction {
  readonly type: string;
  readonly status: (typeof ActionStatus)[keyof typeof ActionStatus];
  readonly result: unknown;
  readonly error: string;
}

/** PROTOCOL 3.6. */
export const FlagValue = {
  disconnectToPort: 1,
  terminateSession: 2,
  connectToPortError: 3,
} as const;

/** The peer sent a payload that its type does not allow. */
export class PayloadError extends Error {
  override readonly name = 'PayloadError';
}

const text = new TextEncoder();

/**
 * T-4: 1 to 65535 each, never 0. The agent does not acknowledge a size that it cannot apply, and then
 * processes no later input (PROTOCOL 3.4, 4.4).
 */
export function encodeSize(size: ChannelSize): Uint8Array {
  return text.encode(JSON.stringify({ cols: clamp(size.cols), rows: clamp(size.rows) }));
}

export function decodeSize(payload: Uint8Array): ChannelSize {
  const { cols, rows } = parseObject(payload);
  if (!isUnsigned(cols) || !isUnsigned(rows)) throw new PayloadError('size without cols and rows');
  return { cols, rows };
}

const ID_LENGTH = 36;
const TAIL = Buffer.from(',"IsSequentialMessage":true}', 'latin1');

/** Encoded for every frame, in memory that keeps everything except id and number from the previous one. */
const acknowledgement = { bytes: Buffer.alloc(256), messageType: '', idStart: 0, numberStart: 0 };

/**
 * PROTOCOL 3.1, as JSON. The acknowledged message has one of our types, and a UUID.
 *
 * @returns bytes that the next call overwrites
 */
export function encodeAcknowledgement(message: AgentMessage): Uint8Array {
  const { messageType, messageId, sequenceNumber } = message;
  if (messageType !== acknowledgement.messageType) startAcknowledgements(messageType);
  const { bytes, idStart, numberStart } = acknowledgement;
  bytes.write(messageId, idStart, 'latin1');
  const end = numberStart + writeDecimal(bytes, sequenceNumber, numberStart);
  bytes.set(TAIL, end);
  return bytes.subarray(0, end + TAIL.length);
}

function startAcknowledgements(messageType: string): void {
  const { bytes } = acknowledgement;
  const head = `{"AcknowledgedMessageType":"${messageType}","AcknowledgedMessageId":"`;
  const idStart = bytes.write(head, 'latin1');
  const middle = '","AcknowledgedMessageSequenceNumber":';
  const numberStart = idStart + ID_LENGTH;
  Object.assign(acknowledgement, {
    messageType,
    idStart,
    numberStart: numberStart + bytes.write(middle, numberStart, 'latin1'),
  });
}

/** Returns the number of digits written. V8 would keep each number as text for a while, 24 bytes per frame. */
function writeDecimal(target: Buffer, value: number, start: number): number {
  let length = 1;
  for (let rest = value; rest >= 10; rest = Math.floor(rest / 10)) length += 1;
  for (let rest = value, at = start + length - 1; at >= start; at -= 1) {
    target[at] = 0x30 + (rest % 10);
    rest = Math.floor(rest / 10);
  }
  return length;
}

export function decodeAcknowledgement(payload: Uint8Array): Acknowledgement {
  const fields = parseObject(payload);
  const sequenceNumber = fields.AcknowledgedMessageSequenceNumber;
  if (!isUnsigned(sequenceNumber)) throw new PayloadError('acknowledge without a sequence number');
  return {
    messageType: asText(fields.AcknowledgedMessageType),
    messageId: asText(fields.AcknowledgedMessageId),
    sequenceNumber,
  };
}

export function decodeHandshakeRequest(payload: Uint8Array): HandshakeRequest {
  const fields = parseObject(payload);
  const actions = fields.RequestedClientActions;
  if (!Array.isArray(actions)) throw new PayloadError('handshake request without actions');
  return {
    agentVersion: asText(fields.AgentVersion),
    actions: actions.map((action: unknown) => {
      const { ActionType, ActionParameters } = asObject(action);
      return {
        type: asText(ActionType),
        parameters: isObject(ActionParameters) ? ActionParameters : {},
      };
    }),
  };
}

export function encodeHandshakeResponse(
  clientVersion: string,
  actions: readonly ProcessedAction[],
): Uint8Array {
  return text.encode(
    JSON.stringify({
      ClientVersion: clientVersion,
      ProcessedClientActions: actions.map((action) => ({
        ActionType: action.type,
        ActionStatus: action.status,
        ActionResult: action.result,
        Error: action.error,
      })),
      Errors: null,
    }),
  );
}

/** The bytes of an encryption challenge and of its answer (PROTOCOL 6.3). */
export function decodeChallenge(payload: Uint8Array): Uint8Array {
  const challenge = asText(parseObject(payload).Challenge);
  if (challenge === '') throw new PayloadError('challenge without one');
  return Buffer.from(challenge, 'base64');
}

export function encodeChallenge(challenge: Uint8Array): Uint8Array {
  return text.encode(JSON.stringify({ Challenge: Buffer.from(challenge).toString('base64') }));
}

/** The message for the user, often empty. */
export function decodeHandshakeComplete(payload: Uint8Array): string {
  return asText(parseObject(payload).CustomerMessage);
}

/** `Output` of a `channel_closed`; non-empty text means a failed or cut-off session (M-3). */
export function decodeChannelClosed(payload: Uint8Array): string {
  return asText(parseObject(payload).Output);
}

export function encodeFlag(flag: number): Uint8Array {
  const payload = new Uint8Array(4);
  new DataView(payload.buffer).setUint32(0, flag);
  return payload;
}

export function decodeFlag(payload: Uint8Array): number {
  if (payload.length !== 4) throw new PayloadError(`flag of ${payload.length} bytes`);
  return new DataView(payload.buffer, payload.byteOffset, 4).getUint32(0);
}

/** M-8: `EXIT_CODE: -1` means a signal; undefined if the text has another form. */
export function decodeExitCode(payload: Uint8Array): number | undefined {
  const match = /EXIT_CODE: (-?\d+)/.exec(decodeText(payload));
  return match === null ? undefined : Number(match[1]);
}

/** M-1: unknown fields are ignored by reading only what is known. */
function parseObject(payload: Uint8Array): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(decodeText(payload));
  } catch (cause) {
    throw new PayloadError('payload is not JSON', { cause });
  }
  return asObject(value);
}

function asObject(value: unknown): Record<string, unknown> {
  if (!isObject(value)) throw new PayloadError('payload is not a JSON object');
  return value;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Go writes `null` for an omitted value; both mean that there is none. */
function asText(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function isUnsigned(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function clamp(value: number): number {
  return Math.min(65_535, Math.max(1, Math.floor(value) || 1));
}

function decodeText(payload: Uint8Array): string {
  return Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength).toString('utf8');
}
