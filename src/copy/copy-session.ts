import type { Readable, Writable } from 'node:stream';
import { EcshError } from '#domain/errors/errors.ts';
import { runBatch } from '#exec/exec-run.ts';
import type { BatchOptions, BatchPorts, BatchResult } from '#exec/exec-run-options.ts';
import { Capture } from '#session/capture.ts';
import { copyFailed, toolMissing } from './copy-errors.ts';
import type { CopyListener, LocalCopies } from './local-copies.ts';

export interface CopyOptions
  extends Pick<
    BatchOptions,
    'target' | 'user' | 'timeoutMs' | 'patience' | 'link' | 'onNotice' | 'onDebug'
  > {
  readonly copies: Pick<LocalCopies, 'compress' | 'decompress'>;
  readonly listener: CopyListener;
  /** The path in the container, for messages. */
  readonly shownPath: string;
  /** Told when the session is over, undefined when there was none. */
  readonly onSession: (id: string | undefined) => void;
}

export interface CopyResult {
  /** 0, or why it was stopped: nothing has been copied then. */
  readonly exitCode: number;
}

export interface CopyScript {
  readonly argv: readonly string[];
  readonly stdin?: Readable | undefined;
  readonly stdout: Writable;
  /** The copy has failed on our side. */
  readonly abort?: AbortSignal | undefined;
}

export interface CopyScriptResult extends Omit<BatchResult, 'failure'> {
  /** Lines that the container's programs wrote to stderr. */
  readonly complaints: readonly string[];
}

/** The script has to clean up before it is killed; milliseconds. */
const KILL_AFTER_MS = 5_000;

/**
 * Runs the script of a copy in the container, through the envelope.
 *
 * @throws EcshError when it is not known how the script ended
 */
export async function runCopyScript(
  ports: BatchPorts,
  options: CopyOptions,
  { argv, stdin, stdout, abort }: CopyScript,
): Promise<CopyScriptResult> {
  const stderr = new Capture();
  const { failure, ...result } = await runBatch(ports, {
    ...options,
    argv,
    stdin,
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
  const complaints = `${stderr}`
    .split('\n')
    .filter((line) => line.trim() !== '' && !NOISE.test(line));
  for (const line of complaints) options.onDebug(`container: ${line}`);
  if (failure !== undefined) throw explained(failure);
  return { ...result, complaints };
}

/** What dd always says, and GNU tar at the end. */
const NOISE = /^\d+\+\d+ records|^\d+ bytes .*copied|: Exiting with failure status/;

/** The system's word in the first complaint, which may lead to others: `mkdir: 'x': Read-only file system`. */
export function reasonIn(complaints: readonly string[]): string {
  return complaints[0]?.replace(/^.*: /, '') ?? '';
}

/** The script ended in a way that it does not tell. */
export function unexplained(path: string, { status, complaints }: CopyScriptResult): EcshError {
  const reason = reasonIn(complaints);
  return copyFailed(
    path,
    reason === '' ? `status ${status ?? 'unknown'} in the container` : reason,
  );
}

/** The hints of `exec` are about flags that a copy does not have. */
function explained(failure: EcshError): EcshError {
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
