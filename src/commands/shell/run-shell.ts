import type { App } from '#commands/app.ts';
import { readEnvironment } from '#commands/environment.ts';
import { withDiagnosis } from '#commands/likely-cause.ts';
import { targetMissing, withTarget } from '#commands/picked-target.ts';
import { SessionProtection } from '#commands/protection.ts';
import {
  causeSearch,
  linkOf,
  readyTarget,
  type SessionContext,
  type SessionFlags,
  sessionContext,
  terminalMissing,
} from '#commands/session-context.ts';
import type { SharedOptions } from '#commands/shared-options.ts';
import type { LocalTerminal } from '#domain/ports/terminal-ports.ts';
import type { ReadyTarget } from '#domain/readiness/readiness.ts';
import { parseTarget } from '#domain/resolve/target.ts';
import { terminalProgram } from '#shell/as-user.ts';
import { runInteractive } from '#shell/interactive.ts';
import type { Reporter } from '#ui/reporter.ts';

export interface ShellCommandOptions extends SharedOptions, SessionFlags {
  /** Undefined: to be chosen at the terminal. */
  readonly target?: string | undefined;
  readonly workdir?: string | undefined;
  readonly user?: string | undefined;
  /** The shell to start; undefined: bash, or sh without it. */
  readonly shell?: string | undefined;
  /** `NAME=VALUE`, or NAME alone for the local value. */
  readonly env: readonly string[];
  /** `none`, or one character. */
  readonly escapeChar: string;
}

/** @returns the exit status of the shell. */
export async function runShell(
  app: App,
  reporter: Reporter,
  given: ShellCommandOptions,
): Promise<number> {
  const { terminal } = app;
  // Checked before a session exists.
  if (terminal === undefined) {
    if (given.target !== undefined && given.target !== '-') parseTarget(given.target);
    throw given.target === undefined ? targetMissing() : terminalMissing(given.target);
  }
  const pick = given.pick || given.target === undefined;
  const purpose = { takesAny: false, offersLogs: true };
  const options = await withTarget(app, reporter, { ...given, pick }, purpose);
  if (options.showsLogs) {
    const { runLogs } = await import('#commands/logs/run-logs.ts');
    return runLogs(app, reporter, { ...options, pick: undefined, follow: true });
  }
  const context = sessionContext(app, reporter, options);
  const protection = new SessionProtection(context, options);
  try {
    const target = await protection.hold(await readyTarget(context, options));
    return await runOn(app, terminal, { options, context, target });
  } finally {
    await protection.release();
  }
}

interface ShellRun {
  readonly options: ShellCommandOptions & { readonly target: string };
  readonly context: SessionContext;
  readonly target: ReadyTarget;
}

async function runOn(
  app: App,
  terminal: LocalTerminal,
  { options, context, target }: ShellRun,
): Promise<number> {
  const link = await linkOf(context);
  return withDiagnosis(causeSearch(context, options, target), () =>
    runInteractive(
      { ...context.ports, terminal },
      {
        ...context,
        link,
        target,
        argv: terminalProgram(options),
        isBare: false,
        directory: options.workdir,
        environment: readEnvironment(options.env, [], app.env),
        timeoutMs: undefined,
        term: app.env.TERM,
        escapeKey: options.escapeChar === 'none' ? undefined : options.escapeChar,
        stdin: app.stdin,
        stdout: app.stdout,
      },
    ),
  );
}
