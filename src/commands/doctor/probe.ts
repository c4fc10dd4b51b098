import type { App } from '#commands/app.ts';
import { linkOf, readyTarget, sessionContext } from '#commands/session-context.ts';
import type { SharedOptions } from '#commands/shared-options.ts';
import { PROBE_ARGV, probeFailed, probePassed } from '#doctor/checks/probe.ts';
import { EcshError } from '#domain/errors/errors.ts';
import { type CheckOutcome, skip } from '#domain/readiness/readiness-model.ts';
import { runThroughEnvelope } from '#exec/exec-run.ts';
import type { ExecRunOptions, ExecRunResult } from '#exec/exec-run-options.ts';
import { assertLinux } from '#session/assert-linux.ts';
import { Capture } from '#session/capture.ts';
import { FIND_TOOLS, type ToolSupport, toolSupport } from '#ssh/tools/ssh-tools.ts';
import type { Reporter } from '#ui/reporter.ts';

/** A session that does not start within this time does not work; milliseconds. */
const LIMIT_MS = 30_000;
const KILL_AFTER_MS = 1_000;

export interface ProbeOptions extends SharedOptions {
  readonly target: string;
}

/** Opens a session with a harmless command, as `ecsh exec` would, and closes it. */
export async function probe(
  app: App,
  reporter: Reporter,
  options: ProbeOptions,
): Promise<CheckOutcome> {
  try {
    const { status, sessionId, failure } = await runProbe(app, reporter, options, {
      argv: PROBE_ARGV,
      prefersRaw: true,
    });
    return failure === undefined ? probePassed(status, sessionId) : probeFailed(failure);
  } catch (error) {
    if (!(error instanceof EcshError)) throw error;
    if (error.code === 'windows-needs-terminal') return skip('Windows: open a shell to try it.');
    return probeFailed(error);
  }
}

/**
 * Looks for the programs that ssh, scp, rsync and others need.
 *
 * @returns undefined when no session could be opened; the reporter says why
 */
export async function findSshTools(
  app: App,
  reporter: Reporter,
  options: ProbeOptions,
): Promise<readonly ToolSupport[] | undefined> {
  try {
    const { output, failure } = await runProbe(app, reporter, options, {
      argv: FIND_TOOLS,
      prefersRaw: false,
    });
    if (failure === undefined) return toolSupport(output);
    reporter.failure(failure);
  } catch (error) {
    if (!(error instanceof EcshError)) throw error;
    reporter.failure(error);
  }
  return undefined;
}

async function runProbe(
  app: App,
  reporter: Reporter,
  options: ProbeOptions,
  command: Pick<ExecRunOptions, 'argv' | 'prefersRaw'>,
): Promise<ExecRunResult & { readonly output: string }> {
  const retryPolicy = { wait: 0, retries: 0, resumeLimit: 0 };
  const context = sessionContext(app, reporter, { ...options, ...retryPolicy });
  const target = await readyTarget(context, options);
  assertLinux(target);
  const stdout = new Capture();
  const { ports, ...session } = context;
  // Not remembered as the last target: the user did not go there.
  const unremembered = { ...ports, openTransport: context.aws.openTransport };
  const result = await runThroughEnvelope(unremembered, {
    ...session,
    ...command,
    link: await linkOf(context),
    target,
    stdin: undefined,
    stdout,
    stderr: new Capture(),
    environment: {},
    directory: undefined,
    user: undefined,
    mergesStderr: false,
    timeoutMs: LIMIT_MS,
    killAfterMs: KILL_AFTER_MS,
    abort: undefined,
  });
  return { ...result, output: stdout.toString() };
}
