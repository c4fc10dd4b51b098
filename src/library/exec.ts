import { Readable } from 'node:stream';
import { EcshError } from '#domain/errors/errors.ts';
import { ExitStatus } from '#domain/errors/exit-status.ts';
import { runBatch } from '#exec/exec-run.ts';
import type { BatchResult } from '#exec/exec-run-options.ts';
import { assertLinux } from '#session/assert-linux.ts';
import { Capture } from '#session/capture.ts';
import { logsSessions } from '#session/cluster-configuration.ts';
import { TimeBudget } from '#session/time-budget.ts';
import type { ExecOptions, ExecResult } from './options.ts';
import { describeTarget, startSession, unlessAborted, type World } from './session-start.ts';

const KILL_AFTER_MS = 5_000;

/** `exec` of the library, in a given world. */
export async function execIn(
  world: World,
  text: string,
  argv: readonly string[],
  options: ExecOptions,
): Promise<ExecResult> {
  const { signal, timeoutMs, killAfterMs = KILL_AFTER_MS } = options;
  if (argv.length === 0) throw new EcshError('usage', 'There is no command to run.');
  const budget = new TimeBudget(world.clock, world.clock.now(), timeoutMs);
  const { ports, configuration, ...start } = await budget.spend(startSession(world, text, options));
  assertLinux(start.target);
  const stdout = new Capture();
  const stderr = new Capture();
  const result = await unlessAborted(signal, () =>
    runBatch(ports, {
      ...start,
      argv,
      stdin: readableOf(options.stdin),
      stdout: options.stdout ?? stdout,
      stderr: options.stderr ?? stderr,
      user: options.user,
      mergesStderr: false,
      prefersRaw: logsSessions(configuration),
      timeoutMs: budget.leftMs,
      killAfterMs,
      abort: undefined,
    }),
  );
  const { status, sessionId } = seenToEnd(result, options);
  return {
    ...describeTarget(start.target),
    status,
    stdout: stdout.bytes,
    stderr: stderr.bytes,
    sessionId,
  };
}

export function readableOf(stdin: ExecOptions['stdin']): Readable | undefined {
  if (typeof stdin !== 'string' && !(stdin instanceof Uint8Array)) return stdin;
  return stdin.length === 0 ? undefined : Readable.from([Buffer.from(stdin)]);
}

/** @throws what ended the command, unless it ended by itself: only then its status says something. */
export function seenToEnd(
  { status, sessionId, exitCode, wasStopped, failure }: BatchResult,
  { signal, timeoutMs }: Pick<ExecOptions, 'signal' | 'timeoutMs'>,
): { readonly status: number; readonly sessionId: string } {
  if (failure !== undefined) throw failure;
  if (wasStopped) {
    signal?.throwIfAborted();
    throw exitCode === ExitStatus.timeout
      ? new EcshError('timed-out', `The command was ended after ${timeoutMs} ms.`, { exitCode })
      : new EcshError('output-closed', 'The command was ended: nobody takes its output.', {
          exitCode,
        });
  }
  if (status !== undefined && sessionId !== undefined) return { status, sessionId };
  throw new EcshError('status-unknown', 'The session ended before the command told its status.');
}
