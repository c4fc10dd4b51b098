import { EcshError } from '#domain/errors/errors.ts';

/** A failure of a command, with its output until then. */
export class CommandError extends EcshError {
  readonly stdout: Buffer;
  readonly stderr: Buffer;
  /** Undefined if there was no session. */
  readonly sessionId: string | undefined;

  constructor(cause: EcshError, output: Output, sessionId: string | undefined) {
    const { code, message, hint, exitCode } = cause;
    super(code, message, { ...(hint === undefined ? {} : { hint }), exitCode, cause: cause.cause });
    this.stdout = output.stdout;
    this.stderr = output.stderr;
    this.sessionId = sessionId;
  }
}

interface Output {
  readonly stdout: Buffer;
  readonly stderr: Buffer;
}

export function withOutput(
  error: EcshError,
  output: Output,
  sessionId: string | undefined,
): CommandError {
  return new CommandError(error, output, sessionId);
}
