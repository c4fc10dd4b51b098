import {
  ActionStatus,
  encodeHandshakeResponse,
  type HandshakeRequest,
  type ProcessedAction,
  type RequestedAction,
} from './payload.ts';

/**
 * The purpose of a session: a shell's stream, or the connections to a port (PROTOCOL 7). `any` leaves the
 * choice to the agent, for a session that another program has started.
 */
export type SessionKind = 'shell' | 'port' | 'any';

/** The session type in the agent's handshake. */
export interface SessionType {
  readonly name: string;
  /** For a port session: `type`, `portNumber`, `localPortNumber` and others, from its document. */
  readonly properties: Readonly<Record<string, unknown>>;
}

/** S-4: the session types whose payloads are a shell's stream. */
const SHELL_SESSION_TYPES = new Set([
  'Standard_Stream',
  'InteractiveCommands',
  'NonInteractiveCommands',
]);

/** P-1: agents up to this version use their own smux keepalive, and older ones do not support smux. */
const LAST_AGENT_WITHOUT_PORTS = '3.1.1511.0';

/** The agent's request for a data key (PROTOCOL 6.1). */
export interface KeyRequest {
  readonly kmsKeyId: string;
  /** Goes into the encryption context if there is one (K-1). */
  readonly challenge: string | undefined;
}

/** KMS's ciphertext of the data key, or the reason why there is none. */
export type KeyAnswer = { readonly ciphertext: Uint8Array } | { readonly error: string };

export interface HandshakeReply {
  readonly payload: Uint8Array;
  /** Set if an action was refused: the agent will end the session (PROTOCOL 3.5). */
  readonly refusal: string | undefined;
}

/** The data key that the agent requests; undefined for a session without KMS. */
export function keyRequestOf(request: HandshakeRequest): KeyRequest | undefined {
  const action = request.actions.find(({ type }) => type === 'KMSEncryption');
  if (action === undefined) return undefined;
  const { KMSKeyId, Challenge } = action.parameters;
  return {
    kmsKeyId: typeof KMSKeyId === 'string' ? KMSKeyId : '',
    challenge: typeof Challenge === 'string' && Challenge !== '' ? Challenge : undefined,
  };
}

/** Whether the connections to a port use smux. Otherwise it is one plain stream, as for ssh. */
export function isMultiplexed({ properties }: SessionType): boolean {
  return properties.type === 'LocalPortForwarding';
}

/** Undefined if the agent does not report it. */
export function sessionTypeOf(request: HandshakeRequest): SessionType | undefined {
  const action = request.actions.find(({ type }) => type === 'SessionType');
  if (action === undefined) return undefined;
  const { SessionType: name, Properties: properties } = action.parameters;
  return { name: shown(name), properties: { ...Object(properties) } };
}

/** M-7: answers every requested action, in order. `key` is set if `keyRequestOf` requested one. */
export function createHandshakeReply(
  request: HandshakeRequest,
  clientVersion: string,
  key: KeyAnswer | undefined,
  kind: SessionKind = 'shell',
): HandshakeReply {
  const actions = request.actions.map((action) =>
    action.type === 'SessionType'
      ? processSessionType(action, request, kind)
      : processAction(action, request, key),
  );
  const refused = actions.find((action) => action.status !== ActionStatus.success);
  return {
    payload: encodeHandshakeResponse(clientVersion, actions),
    refusal: refused?.error,
  };
}

function processAction(
  action: RequestedAction,
  request: HandshakeRequest,
  key: KeyAnswer | undefined,
): ProcessedAction {
  switch (action.type) {
    case 'KMSEncryption':
      return processKey(action, request, key);
    default:
      return refuse(
        action,
        ActionStatus.unsupported,
        `ecsh does not know the action ${shown(action.type)}`,
      );
  }
}

function processSessionType(
  action: RequestedAction,
  { agentVersion }: HandshakeRequest,
  kind: SessionKind,
): ProcessedAction {
  const error = obstacle(action, agentVersion, kind);
  if (error !== undefined) return refuse(action, ActionStatus.failed, error);
  return { type: action.type, status: ActionStatus.success, result: null, error: '' };
}

function obstacle(
  action: RequestedAction,
  agentVersion: string,
  kind: SessionKind,
): string | undefined {
  const { SessionType: sessionType, Properties: properties } = action.parameters;
  if (kind === 'shell') return shellObstacle(sessionType);
  if (kind === 'port') return portObstacle(action, agentVersion);
  if (sessionType !== 'Port') return shellObstacle(sessionType);
  // Any other type of port is one plain stream.
  const isForwarding = Reflect.get(Object(properties), 'type') === 'LocalPortForwarding';
  return isForwarding ? portObstacle(action, agentVersion) : undefined;
}

function shellObstacle(sessionType: unknown): string | undefined {
  if (typeof sessionType === 'string' && SHELL_SESSION_TYPES.has(sessionType)) return undefined;
  return `ecsh cannot take part in a ${shown(sessionType)} session`;
}

/** PROTOCOL 7.2: with any other answer the two sides would not speak the same protocol. */
function portObstacle({ parameters }: RequestedAction, agentVersion: string): string | undefined {
  const { SessionType: sessionType, Properties: properties } = parameters;
  if (sessionType !== 'Port')
    return `the agent opened a ${shown(sessionType)} session, not one of a port`;
  const type = Reflect.get(Object(properties), 'type');
  if (type !== 'LocalPortForwarding')
    return `the agent does not forward ports but "${shown(type)}"`;
  if (isNewer(agentVersion, LAST_AGENT_WITHOUT_PORTS)) return undefined;
  return `the SSM agent ${shown(agentVersion)} is too old to forward ports: it has to be newer than ${LAST_AGENT_WITHOUT_PORTS}`;
}

const SHOWN_LENGTH = 80;

/** The agent may send anything: objects without a text, arrays with 200,000 levels. */
function shown(value: unknown): string {
  let text: string | undefined;
  try {
    text = typeof value === 'string' ? value : JSON.stringify(value);
  } catch {
    text = typeof value;
  }
  return `${text}`.slice(0, SHOWN_LENGTH);
}

function isNewer(version: string, than: string): boolean {
  return version.localeCompare(than, 'en', { numeric: true }) > 0;
}

function processKey(
  action: RequestedAction,
  request: HandshakeRequest,
  key: KeyAnswer | undefined,
): ProcessedAction {
  if (key === undefined) return refuse(action, ActionStatus.failed, 'there is no data key');
  if ('error' in key) return refuse(action, ActionStatus.failed, key.error);
  const hasChallenge = keyRequestOf(request)?.challenge !== undefined;
  return {
    type: action.type,
    status: ActionStatus.success,
    result: {
      KMSCipherTextKey: Buffer.from(key.ciphertext).toString('base64'),
      KMSCipherTextHash: null,
      // K-1: only if the challenge is in the context.
      ...(hasChallenge ? { ChallengeAcknowledgement: true } : {}),
    },
    error: '',
  };
}

function refuse(
  action: RequestedAction,
  status: ProcessedAction['status'],
  error: string,
): ProcessedAction {
  return { type: action.type, status, result: null, error };
}
