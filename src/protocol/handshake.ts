import {
  ActionStatus,
  encodeHandshakeResponse,
  type HandshakeRequest,
  type ProcessedAction,
  type RequestedAction,
} from './payload.ts';

/** S-4: the session types whose payloads are a shell's stream. */
const SHELL_SESSION_TYPES = new Set([
  'Standard_Stream',
  'InteractiveCommands',
  'NonInteractiveCommands',
]);

/** What the agent wants a data key for (PROTOCOL 6.1). */
export interface KeyRequest {
  readonly kmsKeyId: string;
  /** Goes into the encryption context if there is one (K-1). */
  readonly challenge: string | undefined;
}

/** KMS's ciphertext of the data key, or why there is none. */
export type KeyAnswer = { readonly ciphertext: Uint8Array } | { readonly error: string };

export interface HandshakeReply {
  readonly payload: Uint8Array;
  /** Set when an action was refused: the agent will end the session (PROTOCOL 3.5). */
  readonly refusal: string | undefined;
}

/** The data key that the agent asks for; undefined for a session without KMS. */
export function keyRequestOf(request: HandshakeRequest): KeyRequest | undefined {
  const action = request.actions.find(({ type }) => type === 'KMSEncryption');
  if (action === undefined) return undefined;
  const { KMSKeyId, Challenge } = action.parameters;
  return {
    kmsKeyId: typeof KMSKeyId === 'string' ? KMSKeyId : '',
    challenge: typeof Challenge === 'string' && Challenge !== '' ? Challenge : undefined,
  };
}

/** M-7: answers every requested action, in order. `key` is there when `keyRequestOf` asked for one. */
export function createHandshakeReply(
  request: HandshakeRequest,
  clientVersion: string,
  key: KeyAnswer | undefined,
): HandshakeReply {
  const actions = request.actions.map((action) => processAction(action, request, key));
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
    case 'SessionType':
      return processSessionType(action);
    case 'KMSEncryption':
      return processKey(action, request, key);
    default:
      return refuse(
        action,
        ActionStatus.unsupported,
        `ecsh does not know the action ${action.type}`,
      );
  }
}

function processSessionType(action: RequestedAction): ProcessedAction {
  const sessionType = action.parameters.SessionType;
  if (typeof sessionType === 'string' && SHELL_SESSION_TYPES.has(sessionType)) {
    return { type: action.type, status: ActionStatus.success, result: null, error: '' };
  }
  return refuse(action, ActionStatus.failed, `ecsh cannot take part in a ${sessionType} session`);
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
      // K-1: said only when the challenge is in the context.
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
