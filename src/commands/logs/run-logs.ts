import type { App } from '#commands/app.ts';
import { traceAws } from '#commands/aws-trace.ts';
import { withTarget } from '#commands/picked-target.ts';
import { awsPorts, targetRequest } from '#commands/target-request.ts';
import { EcshError } from '#domain/errors/errors.ts';
import { ExitStatus, signalStatus } from '#domain/errors/exit-status.ts';
import { END_SIGNALS } from '#domain/ports/system-ports.ts';
import { nameInArn } from '#domain/resolve/arn.ts';
import { parseTarget } from '#domain/resolve/target.ts';
import type { Task } from '#domain/resolve/task.ts';
import { readLive } from '#logs/live-logs.ts';
import { type FoundLogs, LogSources } from '#logs/log-sources.ts';
import { readLogs } from '#logs/read-logs.ts';
import { hasEndedByItself } from '#run/why-stopped.ts';
import { usesColor } from '#ui/color.ts';
import { createLabelColors } from '#ui/label-colors.ts';
import type { Reporter } from '#ui/reporter.ts';
import { LeftOutNotices } from './left-out-notices.ts';
import { LogPrinter } from './log-printer.ts';
import type { LogsOptions } from './logs-options.ts';
import { assertLogsUsable, timeSpan } from './logs-usage.ts';
import { runSessionLog } from './run-session-log.ts';

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
  assertLogsUsable(given, app.clock);
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
    if (!options.follow && options.tail !== 0 && !printer.hasPrinted) {
      reporter.notice(nothingPrinted(options, first));
    }
    return options.exitStatus ? statusOf(tasks, wantedContainer(options)) : ExitStatus.ok;
  } finally {
    stop.release();
  }
}

function statusNeedsTask(): EcshError {
  return new EcshError('usage', '--exit-status needs a task, and a service has no end.', {
    hint: 'Name the task:  ecsh logs -f --exit-status CLUSTER/TASK',
  });
}

function readOptions({ clock }: App, options: LogsOptions, signal: AbortSignal) {
  const { filter: pattern, follow = false, tail } = options;
  const span = timeSpan(options, clock);
  const isWhole = tail === 'all' || span.from !== undefined || span.until !== undefined;
  const count = typeof tail === 'number' ? tail : isWhole ? undefined : DEFAULT_TAIL;
  return { ...span, pattern, tail: count, follow, signal };
}

/** Why nothing was printed: the log is empty, or no line of it was meant. */
function nothingPrinted({ since, until, filter }: LogsOptions, { streams }: FoundLogs): string {
  const groups = [...new Set(streams.map(({ group }) => group))].join(', ');
  const isPart = [since, until, filter].some((option) => option !== undefined);
  return `No ${isPart ? 'such line' : 'line'} in log group ${groups}.`;
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

function wantedContainer({ target, container }: LogsOptions): string | undefined {
  return container ?? (target === undefined ? undefined : parseTarget(target).container);
}

/**
 * The highest status of the containers, or of the one that is wanted. One that ECS ended along with the others
 * does not count beside them.
 *
 * @throws EcshError `status-unknown` if there is none
 */
function statusOf(tasks: readonly Task[], wanted: string | undefined): number {
  const ended = tasks
    .flatMap(({ containers }) => containers)
    .filter(({ name }) => wanted === undefined || name === wanted)
    .filter(({ exitCode }) => exitCode !== undefined);
  const byThemselves = ended.filter(hasEndedByItself);
  const counted = byThemselves.length > 0 ? byThemselves : ended;
  if (counted.length > 0) return Math.max(...counted.map(({ exitCode = 0 }) => exitCode));
  const names = tasks.map(({ taskArn }) => nameInArn(taskArn)).join(', ');
  throw new EcshError('status-unknown', `No container of task ${names} has an exit status.`, {
    hint: 'A container that never started has none: see why with  ecsh doctor',
  });
}

/** Stops reading on a signal, or when the reader of stdout has gone. */
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
