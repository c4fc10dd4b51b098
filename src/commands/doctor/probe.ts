import { PassThrough } from 'node:stream';
import type { App } from '#commands/app.ts';
import { linkOf, readyTarget, sessionContext } from '#commands/session-context.ts';
import type { SharedOptions } from '#commands/shared-options.ts';
import { PROBE_ARGV, probeFailed, probePassed } from '#doctor/checks/probe.ts';
import { EcshError } from '#domain/errors/errors.ts';
import { type CheckOutcome, skip } from '#domain/readiness/readiness-model.ts';
import { runThroughEnvelope } from '#exec/exec-run.ts';
import { assertLinux } from '#session/assert-linux.ts';
import type { Reporter } from '#ui/reporter.ts';

/** A session that does not start within this time does not work; milliseconds. */
const LIMIT_MS = 30_000;
const KILL_AFTER_MS = 1_000;

/** Opens a session with a harmless command, as `ecsh exec` would, and closes it. */
export async function probe(
  app: App,
  reporter: Reporter,
  options: SharedOptions & { readonly target: string },
): Promise<CheckOutcome> {
  try {
    return await openSession(app, reporter, options);
  } catch (error) {
    if (!(error instanceof EcshError)) throw error;
    if (error.code === 'windows-needs-terminal') return skip('Windows: open a shell to try it.');
    return probeFailed(error);
  }
}

async function openSession(
  app: App,
  reporter: Reporter,
  options: SharedOptions & { readonly target: string },
): Promise<CheckOutcome> {
  const retryPolicy = { wait: 0, retries: 0, resumeLimit: 0 };
  const context = sessionContext(app, reporter, { ...options, ...retryPolicy });
  const target = await readyTarget(context, options);
  assertLinux(target);
  const nowhere = new PassThrough().resume();
  const { ports, ...session } = context;
  // Not remembered as the last target: the user did not go there.
  const unremembered = { ...ports, openTransport: context.aws.openTransport };
  const { status, sessionId, failure } = await runThroughEnvelope(unremembered, {
    ...session,
    link: await linkOf(context),
    target,
    argv: PROBE_ARGV,
    stdin: undefined,
    stdout: nowhere,
    stderr: nowhere,
    environment: {},
    directory: undefined,
    user: undefined,
    mergesStderr: false,
    prefersRaw: true,
    timeoutMs: LIMIT_MS,
    killAfterMs: KILL_AFTER_MS,
    abort: undefined,
  });
  return failure === undefined ? probePassed(status, sessionId) : probeFailed(failure);
}
