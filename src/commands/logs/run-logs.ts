import type { App } from '#commands/app.ts';
import { traceAws } from '#commands/aws-trace.ts';
import type { Moment } from '#commands/moment.ts';
import { withTarget } from '#commands/picked-target.ts';
import type { SharedOptions } from '#commands/shared-options.ts';
import { awsPorts, targetRequest } from '#commands/target-request.ts';
import { EcshError } from '#domain/errors/errors.ts';
import { ExitStatus, signalStatus } from '#domain/errors/exit-status.ts';
import { END_SIGNALS } from '#domain/ports/system-ports.ts';
import { nameInArn } from '#domain/resolve/arn.ts';
import type { Task } from '#domain/resolve/task.ts';
import { readLive } from '#logs/live-logs.ts';
import { type FoundLogs, LogSources } from '#logs/log-sources.ts';
import { readLogs } from '#logs/read-logs.ts';
import { usesColor } from '#ui/color.ts';
import { createLabelColors } from '#ui/label-colors.ts';
import type { Reporter } from '#ui/reporter.ts';
import { LeftOutNotices } from './left-out-notices.ts';
import { LogPrinter } from './log-printer.ts';
import { runSessionLog } from './run-session-log.ts';

export interface LogsOptions extends SharedOptions {
  readonly target?: string | undefined;
  readonly follow?: true | undefined;
  /** Follow by Live Tail. */
  readonly live?: true | undefined;
  readonly tail?: number | undefined;
  readonly since?: Moment | undefined;
  readonly until?: Moment | undefined;
  readonly filter?: string | undefined;
  /** Undefined: where several tasks or containers are shown. */
  readonly prefix?: boolean | undefined;
  readonly timestamps?: true | undefined;
  readonly exitStatus?: true | undefined;
  /** Show the log of this session of ECS Exec instead. */
  readonly session?: string | undefined;
  readonly raw?: true | undefined;
}

const DEFAULT_TAIL = 100;

/** UNVERIFIED: prices of US East; compare them with the page of the link, also that FilterLogEvents is free. */
const COST_NOTICE =
  'Live Tail costs about 0.01 USD a minute after 1,800 free minutes a month (https://aws.amazon.com/cloudwatch/pricing/), until it is ended. Without --live, ecsh polls, for which AWS charges nothing.';
const SAMPLE_NOTICE =
  'More than 500 lines a second: Live Tail shows a sample. Without --live every line is shown.';

/**
 * @returns 0; 128 + n for the signal that ended it, 141 when the reader of stdout is gone, and with
 *   `--exit-status` the status of the container
 */
export async function runLogs(app: App, reporter: Reporter, words: LogsOptions): Promise<number> {
  const given = words.live ? { ...words, follow: true as const } : words;
  assertUsable(given);
  const { session } = given;
  if (session !== undefined) return runSessionLog(app, reporter, { ...given, session });
  const options = await withTarget(app, reporter, given, { takesAny: true });
  const aws = awsPorts(app, options, options.target, traceAws(reporter));
  const request = targetRequest(options, options.target);
  const [ecs, details] = await Promise.all([aws.ecs(), aws.doctor.ecs()]);
  const sources = new LogSources(
    { ecs, describeTaskDefinition: (arn) => details.describeTaskDefinition(arn) },
    request,
    { isFollowing: options.follow },
  );
  const leftOut = new LeftOutNotices(reporter);
  const first = leftOut.of(await sources.find());
  if (options.exitStatus && first.canGrow) throw statusNeedsTask();
  const printer = printerOf(app, options, first);
  const stop = new Stop(app);
  let next: FoundLogs | undefined = first;
  const ports = {
    clock: app.clock,
    logEvents: aws.logEvents,
    find: async () => {
      const found = next ?? leftOut.of(await sources.find());
      next = undefined;
      return found;
    },
    onSample: () => reporter.notice(SAMPLE_NOTICE),
    onOutage: ({ message }: EcshError) => reporter.notice(`${message} Trying again.`),
  };
  try {
    if (options.live) reporter.notice(COST_NOTICE);
    const read = options.live ? readLive : readLogs;
    const tasks = await printAll(read(ports, readOptions(app, options, stop.signal)), printer);
    if (stop.status !== undefined) return stop.status;
    return options.exitStatus ? statusOf(tasks, options) : ExitStatus.ok;
  } finally {
    stop.release();
  }
}

function assertUsable({ follow, until, exitStatus, session, target, raw }: LogsOptions): void {
  const usage = (message: string, hint: string) => new EcshError('usage', message, { hint });
  if (raw && session === undefined) throw usage('--raw is for --session.', 'Add --session ID.');
  if (session !== undefined && (target !== undefined || follow)) {
    throw usage(
      '--session shows the log of a session that has ended: it takes no TARGET and no -f.',
      'Name the cluster with -C, or nothing.',
    );
  }
  if (follow && until !== undefined) {
    throw usage('-f goes on and --until stops.', 'Give one of them.');
  }
  if (exitStatus && !follow) {
    throw usage('--exit-status waits for the end of the task.', 'Add -f.');
  }
}

function statusNeedsTask(): EcshError {
  return new EcshError('usage', '--exit-status needs a task, and a service has no end.', {
    hint: 'Name the task:  ecsh logs -f --exit-status CLUSTER/TASK',
  });
}

function readOptions({ clock }: App, options: LogsOptions, signal: AbortSignal) {
  const { since, until, filter, follow = false, tail } = options;
  const timeOf = (moment: Moment | undefined) =>
    moment?.kind === 'ago' ? clock.now() - moment.milliseconds : moment?.time;
  return {
    from: timeOf(since),
    until: timeOf(until),
    pattern: filter,
    tail: tail ?? (since === undefined && until === undefined ? DEFAULT_TAIL : undefined),
    follow,
    signal,
  };
}

function printerOf(app: App, options: LogsOptions, { streams }: FoundLogs): LogPrinter {
  const { stdout, env } = app;
  const { json = false, timestamps = false, prefix = streams.length > 1, color } = options;
  const hasColor = usesColor({ color, env, stderr: stdout });
  return new LogPrinter({ stdout, json, timestamps, prefix, color: createLabelColors(hasColor) });
}

async function printAll(
  lines: ReturnType<typeof readLogs>,
  printer: LogPrinter,
): Promise<readonly Task[]> {
  for (;;) {
    const { done, value } = await lines.next();
    if (done) return value;
    await printer.print(value);
  }
}

/** @throws EcshError `status-unknown` if no container of the task has a status */
function statusOf(tasks: readonly Task[], { container }: LogsOptions): number {
  const codes = tasks
    .flatMap(({ containers }) => containers)
    .filter(({ name }) => container === undefined || name === container)
    .flatMap(({ exitCode }) => (exitCode === undefined ? [] : [exitCode]));
  if (codes.length > 0) return Math.max(...codes);
  const names = tasks.map(({ taskArn }) => nameInArn(taskArn)).join(', ');
  throw new EcshError('status-unknown', `No container of task ${names} has an exit status.`, {
    hint: 'A container that never started has none: see why with  ecsh doctor',
  });
}

/** Stops reading on a signal, or when the reader of stdout is gone. */
class Stop {
  status: number | undefined;
  readonly #abort = new AbortController();
  readonly #releases: readonly (() => void)[];

  constructor({ signals, stdout }: App) {
    const end = (status: number) => {
      this.status ??= status;
      this.#abort.abort();
    };
    const onClose = () => end(ExitStatus.brokenPipe);
    stdout.once('close', onClose);
    this.#releases = [
      () => stdout.off('close', onClose),
      ...END_SIGNALS.map((signal) => signals.on(signal, () => end(signalStatus(signal)))),
    ];
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  release(): void {
    for (const release of this.#releases) release();
  }
}
