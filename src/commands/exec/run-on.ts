import type { Writable } from 'node:stream';
import type { App } from '#commands/app.ts';
import { withDiagnosis, withLikelyCause } from '#commands/likely-cause.ts';
import { causeSearch, linkOf, type SessionContext } from '#commands/session-context.ts';
import type { Signals } from '#domain/ports/system-ports.ts';
import type { ReadyTarget } from '#domain/readiness/readiness.ts';
import { runThroughEnvelope } from '#exec/exec-run.ts';
import type { ExecRunOptions, ExecRunResult } from '#exec/exec-run-options.ts';
import { assertLinux } from '#session/assert-linux.ts';
import { logsSessions } from '#session/cluster-configuration.ts';
import type { ExecCommandOptions } from './exec-options.ts';

/** The destination of one run's output and, with `--all`, the signal that can end it. */
interface RunStreams {
  readonly stdout: Writable;
  readonly stderr: Writable;
  readonly abort?: AbortSignal | undefined;
  readonly signals?: Signals | undefined;
}

/** A command, and the variables sent to it. */
export type CommandOnTarget = Pick<ExecRunOptions, 'argv' | 'environment'>;

/** Runs the command on one target, through the envelope. */
export type RunOn = (target: ReadyTarget, streams: RunStreams) => Promise<ExecRunResult>;

/** `--json` and `--all` only change the destination of a run's output, and what ends it. */
export function createRunOn(
  app: App,
  context: SessionContext,
  options: ExecCommandOptions,
  command: CommandOnTarget,
): RunOn {
  const { ports: ownPorts, ...session } = context;
  const isOnTerminal = app.stdout.isTTY === true && !options.json && !options.all;
  return async (target, { stdout, stderr, abort, signals = ownPorts.signals }) => {
    assertLinux(target);
    const ports = { ...ownPorts, signals };
    const batch: ExecRunOptions = {
      ...session,
      ...command,
      link: await linkOf(context),
      target,
      stdin: options.interactive ? app.stdin : undefined,
      stdout,
      stderr,
      directory: options.workdir,
      user: options.user,
      mergesStderr: (options.stderr ?? (isOnTerminal ? 'merge' : 'split')) === 'merge',
      prefersRaw: await preferRaw(context, options, isOnTerminal),
      timeoutMs: context.budget.leftMs,
      killAfterMs: options.killAfter,
      abort,
    };
    // Of three hundred tasks none is looked into.
    if (options.all) return runThroughEnvelope(ports, batch);
    const search = causeSearch(context, options, target);
    const result = await withDiagnosis(search, () => runThroughEnvelope(ports, batch));
    const { failure } = result;
    if (failure === undefined) return result;
    return { ...result, failure: await withLikelyCause(search, failure) };
  };
}

/** `auto` is raw if people read the output: on our terminal, or in the session log. */
async function preferRaw(
  { configuration }: SessionContext,
  options: ExecCommandOptions,
  isOnTerminal: boolean,
): Promise<boolean> {
  if (options.outputEncoding !== 'auto') return options.outputEncoding === 'raw';
  return isOnTerminal || logsSessions(await configuration);
}
