import type { Writable } from 'node:stream';
import type { App } from '#commands/app.ts';
import { throughConnect } from '#commands/connect/through-connect.ts';
import { assertNotForNode, readEnvironment } from '#commands/environment.ts';
import { writeJsonLine } from '#commands/json-output.ts';
import { awsFlags } from '#commands/shared-options.ts';
import { targetRequest } from '#commands/target-request.ts';
import { ExitStatus } from '#domain/errors/exit-status.ts';
import { statusOf } from '#exec/exec-run-options.ts';
import { Capture } from '#session/capture.ts';
import type { StopReason } from '#session/stop.ts';
import { watchEarlyEnd } from '#session/stop.ts';
import { TimeBudget } from '#session/time-budget.ts';
import type { RelayedCommand } from '#shared/relay-client.ts';
import type { SharedResult } from '#shared/shared-options.ts';
import type { Reporter } from '#ui/reporter.ts';
import { describeRun } from './exec-json.ts';
import { assertUsable, type ExecCommandOptions, withStdinOfSsh } from './exec-options.ts';
import { shellHint } from './not-found.ts';

/**
 * Runs the command in the session of the `ecsh connect` around this program. Nothing of AWS is loaded for it.
 *
 * @returns undefined if it has to run in its own session
 */
export async function runConnected(
  app: App,
  reporter: Reporter,
  given: ExecCommandOptions,
): Promise<number | undefined> {
  const options = withStdinOfSsh(app, given);
  assertUsable(app, options);
  const { target, tty, shell, all, pick, strict, share, protect } = options;
  if (target === undefined || tty || !shell || all || pick || strict || protect || share === false)
    return undefined;
  const startedAt = app.clock.now();
  const captured = options.json ? { stdout: new Capture(), stderr: new Capture() } : undefined;
  const command = await start(app, { ...options, target }, captured ?? app);
  if (command === undefined) return undefined;
  const result = await untilEnd(app, options, command);
  if (captured !== undefined) {
    const durationMs = app.clock.now() - startedAt;
    const report = describeRun(captured, result, { ...command.target, durationMs });
    if (result.failure !== undefined) reporter.failure(result.failure);
    writeJsonLine(app.stdout, report);
    return result.exitCode;
  }
  const status = statusOf(result);
  const hint = shellHint({ ...options, target }, status);
  if (hint !== undefined) reporter.notice(hint);
  return status;
}

async function start(
  app: App,
  options: ExecCommandOptions & { readonly target: string },
  { stdout, stderr }: Readonly<Record<'stdout' | 'stderr', Writable>>,
): Promise<RelayedCommand | undefined> {
  const { env, envFile, envFrom, interactive, sh, command } = options;
  const files = await Promise.all([...envFile, ...envFrom].map((path) => app.readFile(path)));
  for (const [index, path] of envFile.entries()) assertNotForNode(path, files[index] ?? '');
  const { cluster, container } = targetRequest(options, options.target);
  const isOnTerminal = app.stdout.isTTY === true && !options.json;
  return throughConnect(
    app,
    {
      place: { ...awsFlags(options), target: options.target, cluster, container },
      argv: sh === undefined ? command : ['sh', '-c', sh, 'sh', ...command],
      env: readEnvironment(env, files, app.env),
      cwd: options.workdir,
      user: options.user,
      hasStdin: interactive === true,
      isBulk: interactive === true,
      mergesStderr: (options.stderr ?? (isOnTerminal ? 'merge' : 'split')) === 'merge',
      killAfterMs: options.killAfter,
    },
    {
      stdin: interactive ? app.stdin : undefined,
      stdout,
      stderr,
      clock: app.clock,
    },
  );
}

/** Signals and the time limit end the command; the limit has no effect once a signal has begun to end it. */
async function untilEnd(
  app: App,
  { timeout }: ExecCommandOptions,
  command: RelayedCommand,
): Promise<SharedResult> {
  let first: StopReason | undefined;
  const { leftMs } = new TimeBudget(app.clock, app.startedAt, timeout);
  const release = watchEarlyEnd(app, leftMs, (reason) => {
    if (first === undefined || reason.exitCode !== ExitStatus.timeout) command.stop(reason);
    first ??= reason;
  });
  try {
    return await command.ended;
  } finally {
    release();
  }
}
