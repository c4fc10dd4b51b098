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

export interface HandshakeReply {
  readonly payload: Uint8Array;
  /** Set when an action was refused: the agent will end the session (PROTOCOL 3.5). */
  readonly refusal: string | undefined;
}

/** M-7: answers every requested action, in order. */
export function createHandshakeReply(
  request: HandshakeRequest,
  clientVersion: string,
): HandshakeReply {
  const actions = request.actions.map(processAction);
  const refused = actions.find((action) => action.status !== ActionStatus.success);
  return {
    payload: encodeHandshakeResponse(clientVersion, actions),
    refusal: refused?.error,
  };
}

function processAction(action: RequestedAction): ProcessedAction {
  if (action.type !== 'SessionType') {
    return refuse(action, ActionStatus.unsupported, `ecsh does not know the action ${action.type}`);
  }
  const sessionType = action.parameters.SessionType;
  if (typeof sessionType !== 'string' || !SHELL_SESSION_TYPES.has(sessionType)) {
    return refuse(action, ActionStatus.failed, `ecsh cannot take part in a ${sessionType} session`);
  }
  return { type: action.type, status: ActionStatus.success, result: null, error: '' };
}

function refuse(
  action: RequestedAction,
  status: ProcessedAction['status'],
  error: string,
): ProcessedAction {
  return { type: action.type, status, result: null, error };
}
