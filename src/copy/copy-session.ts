import type { Readable, Writable } from 'node:stream';
import { EcshError } from '#domain/errors/errors.ts';
import { runThroughEnvelope } from '#exec/exec-run.ts';
import type { ExecRunOptions, ExecRunPorts, ExecRunResult } from '#exec/exec-run-options.ts';
import { Complaints } from './complaints.ts';
import { toolMissing } from './copy-errors.ts';
import type { CopyListener, LocalCopies } from './local-copies.ts';

export interface CopySessionOptions
  extends Pick<
    ExecRunOptions,
    'target' | 'user' | 'timeoutMs' | 'retryPolicy' | 'link' | 'onNotice' | 'onDebug'
  > {
  /** Runs the script in the container. Default: `runThroughEnvelope`. */
  readonly run?:
    | ((ports: ExecRunPorts, options: ExecRunOptions) => Promise<ExecRunResult>)
    | undefined;
  readonly copies: Pick<LocalCopies, 'compress' | 'decompress'>;
  readonly listener: CopyListener;
  /** The path in the container, for messages. */
  readonly shownPath: string;
  /** Called when the session is over, with undefined if there was none. */
  readonly onSession: (id: string | undefined) => void;
}

export interface CopyResult {
  /** 0, or the exit code of an interrupted copy, in which case nothing was copied. */
  readonly exitCode: number;
}

export interface CopyScript {
  readonly argv: readonly string[];
  readonly stdin?: Readable | undefined;
  readonly stdout: Writable;
  /** Aborted if the copy fails on our side. */
  readonly abort?: AbortSignal | undefined;
}

export interface CopyScriptResult extends Omit<ExecRunResult, 'failure'> {
  /** Lines that the container's programs wrote to stderr. */
  readonly complaints: readonly string[];
}

/** Time for the script to clean up before it is killed, in milliseconds. */
const KILL_AFTER_MS = 5_000;

/**
 * Runs the script of a copy in the container, through the envelope.
 *
 * @throws EcshError if it is unknown how the script ended
 */
export async function runCopyScript(
  ports: ExecRunPorts,
  options: CopySessionOptions,
  { argv, stdin, stdout, abort }: CopyScript,
): Promise<CopyScriptResult> {
  const stderr = new Complaints();
  const { run = runThroughEnvelope } = options;
  const { failure, ...result } = await run(ports, {
    ...options,
    argv,
    stdin,
    readsStdin: true,
    stdout,
    stderr,
    environment: {},
    directory: undefined,
    mergesStderr: false,
    prefersRaw: false,
    killAfterMs: KILL_AFTER_MS,
    abort,
  });
  options.onSession(result.sessionId);
  const complaints = stderr.lines;
  for (const line of complaints) options.onDebug(`container: ${line}`);
  if (failure !== undefined) throw withoutFlags(failure);
  return { ...result, complaints };
}

/** Removes hints of `exec` about flags that a copy does not have. */
function withoutFlags(failure: EcshError): EcshError {
  switch (failure.code) {
    case 'command-not-found':
      return toolMissing('sh');
    case 'stdin-needs-stty':
      return toolMissing('stty');
    case 'image-lacks-tools':
      return new EcshError(failure.code, failure.message, {
        hint: 'Use an image with coreutils or BusyBox.',
        cause: failure,
      });
    default:
      return failure;
  }
}
