import type { Writable } from 'node:stream';
import { EcshError } from '#domain/errors/errors.ts';
import { ExitStatus } from '#domain/errors/exit-status.ts';
import { runThroughEnvelope } from '#exec/exec-run.ts';
import type { ExecRunResult } from '#exec/exec-run-options.ts';
import { assertLinux } from '#session/assert-linux.ts';
import { logsSessions } from '#session/cluster-configuration.ts';
import { TimeBudget } from '#session/time-budget.ts';
import { assertCommand } from './checked.ts';
import { withOutput } from './command-error.ts';
import { countOf, limitOf, waitOf } from './limits.ts';
import type { CommandOptions, ExecOptions, ExecResult, Target } from './options.ts';
import { describeTarget, prepareSession, type World, withAbortReason } from './session-context.ts';
import { BoundedCapture, maxBufferExceeded, Onward, readableOf } from './streams.ts';

const KILL_AFTER_MS = 5_000;

/** Implements `exec` of the library with the given ports. */
export async function execIn(
  world: World,
  text: string,
  argv: readonly string[],
  options: ExecOptions,
): Promise<ExecResult> {
  const { onSession } = options;
  const killAfterMs = waitOf('killAfterMs', options.killAfterMs ?? KILL_AFTER_MS);
  const timeoutMs = limitOf('timeoutMs', options.timeoutMs);
  // Each call listens to its own signal, because Node.js warns if many listeners share one.
  const signal = options.signal && AbortSignal.any([options.signal]);
  assertCommand(argv);
  const output = new CommandOutput(options);
  const budget = new TimeBudget(world.clock, world.clock.now(), timeoutMs);
  const { ports, configuration, ...start } = await budget.spend(
    prepareSession(world, text, { ...options, signal }),
  );
  assertLinux(start.target);
  const { stdout, stderr } = output;
  const result = await withAbortReason(signal, () =>
    runThroughEnvelope(ports, {
      ...start,
      argv,
      stdin: readableOf(options.stdin),
      stdout,
      stderr,
      onSession,
      user: options.user,
      mergesStderr: false,
      prefersRaw: logsSessions(configuration),
      timeoutMs: budget.leftMs,
      killAfterMs,
      abort: undefined,
    }),
  );
  return output.resultOf(describeTarget(start.target), result, { signal, timeoutMs });
}

/** The destination of one command's output: streams of the caller, or memory. */
export class CommandOutput {
  readonly stdout: Writable;
  readonly stderr: Writable;
  readonly #limit: number;
  readonly #captures: readonly [BoundedCapture, BoundedCapture];

  constructor({ stdout, stderr, maxBuffer = Number.POSITIVE_INFINITY }: CommandOptions) {
    this.#limit = countOf('maxBuffer', maxBuffer, 0);
    this.#captures = [new BoundedCapture(this.#limit), new BoundedCapture(this.#limit)];
    this.stdout = stdout === undefined ? this.#captures[0] : new Onward(stdout);
    this.stderr = stderr === undefined ? this.#captures[1] : new Onward(stderr);
  }

  /** @throws CommandError with the output of the command until then */
  resultOf(
    target: Target,
    result: ExecRunResult,
    limits: Pick<ExecOptions, 'signal' | 'timeoutMs'>,
  ): ExecResult {
    const [stdout, stderr] = this.#captures.map(({ bytes }) => bytes);
    const printed = { stdout: stdout ?? Buffer.alloc(0), stderr: stderr ?? Buffer.alloc(0) };
    try {
      if (this.#captures.some(({ isExceeded }) => isExceeded)) {
        throw maxBufferExceeded(this.#limit);
      }
      return { ...target, ...seenToEnd(result, limits), ...printed };
    } catch (error) {
      throw error instanceof EcshError ? withOutput(error, printed, result.sessionId) : error;
    }
  }
}

/** @throws the reason why the command was ended, because its status means nothing then. */
function seenToEnd(
  { status, sessionId, exitCode, wasStopped, failure }: ExecRunResult,
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
  throw new EcshError(
    'status-unknown',
    'The session ended before the command reported its status.',
  );
}
