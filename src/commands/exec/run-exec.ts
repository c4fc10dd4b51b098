import type { App } from '#commands/app.ts';
import { assertNotForNode, readEnvironment } from '#commands/environment.ts';
import { writeJsonLine } from '#commands/json-output.ts';
import { withDiagnosis } from '#commands/likely-cause.ts';
import { withTarget } from '#commands/picked-target.ts';
import { SessionProtection } from '#commands/protection.ts';
import {
  causeSearch,
  linkOf,
  readyTarget,
  type SessionContext,
  sessionContext,
} from '#commands/session-context.ts';
import type { Signals } from '#domain/ports/system-ports.ts';
import type { LocalTerminal } from '#domain/ports/terminal-ports.ts';
import type { ReadyTarget } from '#domain/readiness/readiness.ts';
import { runBare } from '#exec/bare.ts';
import { type ExecRunOptions, statusOf } from '#exec/exec-run-options.ts';
import { assertLinux } from '#session/assert-linux.ts';
import { terminalProgram } from '#shell/as-user.ts';
import { runInteractive } from '#shell/interactive.ts';
import type { Reporter } from '#ui/reporter.ts';
import { captureRun } from './exec-json.ts';
import {
  assertUsable,
  commandOf,
  type ExecCommandOptions,
  withStdinOfSsh,
} from './exec-options.ts';
import { inputHint } from './missing-input.ts';
import { shellHint } from './not-found.ts';
import { type CommandOnTarget, createRunOn } from './run-on.ts';
import { runOnAll } from './run-on-all.ts';

/**
 * @param signals those that the command receives, if not all of this process
 * @returns the exit status: the command's own, or one of ecsh
 */
export async function runExec(
  app: App,
  reporter: Reporter,
  given: ExecCommandOptions,
  signals: Signals = app.signals,
): Promise<number> {
  const words = withStdinOfSsh(app, given);
  assertUsable(app, words);
  const options = await withTarget(app, reporter, words);
  const { argv, sent } = commandOf(options);
  const command = { argv, environment: { ...(await remoteEnvironment(app, options)), ...sent } };
  const own = sessionContext(app, reporter, options);
  const context = { ...own, ports: { ...own.ports, signals } };
  const runOn = createRunOn(app, context, options, command);
  if (options.all) return runOnAll(app, reporter, context, options, runOn);
  const protection = new SessionProtection(context, options);
  const findTarget = async () => protection.hold(await readyTarget(context, options));
  try {
    return await runOnOne(app, reporter, { context, options, command, runOn, findTarget });
  } finally {
    await protection.release();
  }
}

interface SingleRun {
  readonly context: SessionContext;
  readonly options: ExecCommandOptions & { readonly target: string };
  readonly command: CommandOnTarget;
  readonly runOn: ReturnType<typeof createRunOn>;
  readonly findTarget: () => Promise<ReadyTarget>;
}

async function runOnOne(
  app: App,
  reporter: Reporter,
  { context, options, command, runOn, findTarget }: SingleRun,
): Promise<number> {
  if (options.json) {
    const report = await captureRun(app, runOn, findTarget, (error) => reporter.failure(error));
    writeJsonLine(app.stdout, report);
    return report.exitCode;
  }
  const target = await findTarget();
  const { terminal } = app;
  if (options.tty && terminal !== undefined) {
    return runOnTerminal(app, terminal, context, options, { ...command, target });
  }
  if (!options.shell) return runBareExec(app, context, options, target);
  const status = statusOf(await runOn(target, app));
  for (const hint of [shellHint(options, status), inputHint(app, options)]) {
    if (hint !== undefined) reporter.notice(hint);
  }
  return status;
}

async function runOnTerminal(
  app: App,
  terminal: LocalTerminal,
  context: SessionContext,
  options: ExecCommandOptions,
  command: CommandOnTarget & Pick<ExecRunOptions, 'target'>,
): Promise<number> {
  const link = await linkOf(context);
  return withDiagnosis(causeSearch(context, options, command.target), () =>
    runInteractive(
      { ...context.ports, terminal },
      {
        ...context,
        ...command,
        argv: terminalProgram({ user: options.user, argv: command.argv }),
        link,
        isBare: !options.shell,
        directory: options.workdir,
        timeoutMs: context.budget.leftMs,
        term: app.env.TERM,
        escapeKey: options.escapeChar === 'none' ? undefined : options.escapeChar,
        stdin: options.interactive ? app.stdin : undefined,
        stdout: app.stdout,
      },
    ),
  );
}

async function runBareExec(
  app: App,
  context: SessionContext,
  options: ExecCommandOptions,
  target: ReadyTarget,
): Promise<number> {
  assertLinux(target);
  const link = await linkOf(context);
  return withDiagnosis(causeSearch(context, options, target), () =>
    runBare(context.ports, {
      ...context,
      link,
      target,
      argv: options.command,
      stdout: app.stdout,
      timeoutMs: context.budget.leftMs,
    }),
  );
}

/** Variables of the flags and files. @throws EcshError `env-invalid`, `file-unreadable` */
export async function remoteEnvironment(app: App, { env, envFile, envFrom }: ExecCommandOptions) {
  const files = await Promise.all([...envFile, ...envFrom].map((path) => app.readFile(path)));
  for (const [index, path] of envFile.entries()) assertNotForNode(path, files[index] ?? '');
  return readEnvironment(env, files, app.env);
}
