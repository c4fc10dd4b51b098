/** The real plugin's exact messages, because other programs look for them. Source: P session, datachannel. */

export const INSTALLED =
  '\nThe Session Manager plugin was installed successfully. Use the AWS CLI to start a session.\n\n';
export const INVALID_OPERATION = 'Invalid Operation';
export const WAITING = '\nWaiting for connections...\n';
export const TERMINATED = 'Terminate signal received, exiting.\n';
export const PORT_UNREACHABLE = '\nConnection to destination port failed, check SSM Agent logs.\n';

export function unknownOperation(operation: string): string {
  return `\nUnknown operation ${operation}. \nUse session-manager-plugin --version to check the version.\n\n`;
}

export function starting(sessionId: string): string {
  return `\nStarting session with SessionId: ${sessionId}\n`;
}

export function notStarted(reason: string): string {
  return `Cannot perform start session: ${reason}\n`;
}

/** @param output the agent's final message, empty after a normal end */
export function exiting(sessionId: string, output: string): string {
  return output === ''
    ? `\n\nExiting session with sessionId: ${sessionId}.\n\n`
    : `\n\nSessionId: ${sessionId} : ${output}\n\n`;
}

export function timedOut(sessionId: string): string {
  return `Session: ${sessionId} timed out.\n`;
}

export function opened(where: string, sessionId: string): string {
  return `${where} opened for sessionId ${sessionId}.`;
}

export function connectionAccepted(sessionId: string): string {
  return `\nConnection accepted for session [${sessionId}]\n`;
}
