/** Decodes JSON payloads like Go: field names in any case, and 0 for missing numbers. */

const MAX_UINT32 = 2 ** 32 - 1;

class AgentPayloadError extends Error {
  override readonly name = 'AgentPayloadError';
}

export interface ReceivedSize {
  readonly cols: number;
  readonly rows: number;
}

/** @throws AgentPayloadError after which the agent never processes later input (PROTOCOL 3.4, 4.4) */
export function readSize(payload: Buffer): ReceivedSize {
  const fields = readObject(payload);
  return { cols: readWindowSide(fields, 'cols'), rows: readWindowSide(fields, 'rows') };
}

/** The number an acknowledgement names; a payload without one names message 0, as in Go. */
export function readAcknowledgedNumber(payload: Buffer): number {
  return readNumber(readObject(payload), 'AcknowledgedMessageSequenceNumber');
}

export interface HandshakeAnswer {
  readonly clientVersion: string;
  readonly actions: readonly HandshakeAction[];
}

export interface HandshakeAction {
  readonly type: string;
  readonly status: number;
  readonly error: string;
  readonly result: unknown;
}

/** @throws AgentPayloadError in which case the message stays unacknowledged and blocks all later ones */
export function readHandshakeResponse(payload: Buffer): HandshakeAnswer {
  const fields = readObject(payload);
  const actions = field(fields, 'ProcessedClientActions') ?? [];
  if (!Array.isArray(actions)) throw new AgentPayloadError('actions are not a list');
  return {
    clientVersion: readText(fields, 'ClientVersion'),
    actions: actions.map((action: unknown) => {
      const entry = asObject(action);
      return {
        type: readText(entry, 'ActionType'),
        status: readNumber(entry, 'ActionStatus'),
        error: readText(entry, 'Error'),
        result: field(entry, 'ActionResult'),
      };
    }),
  };
}

/** A JSON object, or `{}` for `null`. */
export function readObject(payload: Buffer): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(payload.toString('utf8'));
  } catch (cause) {
    throw new AgentPayloadError('not JSON', { cause });
  }
  return asObject(value);
}

export function asObject(value: unknown): Record<string, unknown> {
  if (value === null || value === undefined) return {};
  if (typeof value !== 'object' || Array.isArray(value)) throw new AgentPayloadError('no object');
  return Object.fromEntries(Object.entries(value));
}

export function readText(fields: Record<string, unknown>, name: string): string {
  const value = field(fields, name);
  if (value === undefined || value === null) return '';
  if (typeof value !== 'string') throw new AgentPayloadError(`${name} is no text`);
  return value;
}

function readNumber(fields: Record<string, unknown>, name: string): number {
  const value = field(fields, name);
  if (value === undefined || value === null) return 0;
  if (typeof value !== 'number' || !Number.isInteger(value)) {
    throw new AgentPayloadError(`${name} is no whole number`);
  }
  return value;
}

/** The agent stores 32 bits, and the ioctl truncates them to 16: 65536 becomes 0. */
function readWindowSide(fields: Record<string, unknown>, name: string): number {
  const value = readNumber(fields, name);
  if (value < 0 || value > MAX_UINT32) throw new AgentPayloadError(`${name} out of range`);
  return value % 2 ** 16;
}

function field(fields: Record<string, unknown>, name: string): unknown {
  const wanted = name.toLowerCase();
  return Object.entries(fields).find(([key]) => key.toLowerCase() === wanted)?.[1];
}
