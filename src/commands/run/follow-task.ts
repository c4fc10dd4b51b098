import type { App, AwsPorts } from '#commands/app.ts';
import { writeJsonLine } from '#commands/json-output.ts';
import { LeftOutNotices } from '#commands/logs/left-out-notices.ts';
import { LogPrinter } from '#commands/logs/log-printer.ts';
import { awsFlags, type SharedOptions } from '#commands/shared-options.ts';
import { targetRequest } from '#commands/target-request.ts';
import { ecshCommand } from '#domain/errors/aws-command.ts';
import { EcshError } from '#domain/errors/errors.ts';
import { ExitStatus } from '#domain/errors/exit-status.ts';
import { nameInArn } from '#domain/resolve/arn.ts';
import type { Task } from '#domain/resolve/task.ts';
import { type FoundLogs, LogSources } from '#logs/log-sources.ts';
import { readLogs } from '#logs/read-logs.ts';
import { type DetachedEnd, detachedCommand, endOf } from '#run/detached-task.ts';
import { pause } from '#session/pause.ts';
import type { Reporter } from '#ui/reporter.ts';
import { WaitEnd } from './wait-end.ts';

export interface WaitOptions extends SharedOptions {
  /** The task to wait for. */
  readonly target: string;
  /** Milliseconds; 0 and undefined are no limit. */
  readonly timeout?: number | undefined;
  /** When the time begins; undefined: at the start of ecsh. */
  readonly timeoutFrom?: number | undefined;
}

/** How often to describe the task (ms). */
const LOOK_EVERY_MS = 2_000;

export interface Waiting {
  readonly aws: AwsPorts;
  readonly options: WaitOptions;
  readonly task: Task;
  readonly container: string;
  /** Whether the caller stops the task, and removes the revision of `--image`. */
  readonly isStoppedAfter?: boolean | undefined;
}

/**
 * Prints the log of a task from its beginning, waits for its end, and deregisters the revision of `--image`.
 *
 * @returns the exit status of the container; 124 after `--timeout`, 128 + n for a signal
 * @throws EcshError `status-unknown`
 */
export async function followTask(app: App, reporter: Reporter, waiting: Waiting): Promise<number> {
  const { options, container, isStoppedAfter = false } = waiting;
  const end = new WaitEnd(app, options);
  try {
    const last = await followed(app, reporter, waiting, end.signal);
    if (last === undefined) {
      if (!isStoppedAfter) sayItContinues(reporter, options);
      return end.status;
    }
    if (!isStoppedAfter) await deregister(reporter, waiting);
    return reportEnd(app, options, endOf(last, container));
  } finally {
    end.release();
  }
}

function sayItContinues(reporter: Reporter, options: WaitOptions): void {
  const again = ecshCommand(['run', '--wait', options.target], awsFlags(options));
  reporter.notice(`The task continues. Wait for it again:  ${again}`);
}

/** Prints the log until the task has stopped. @returns its last state; undefined if `signal` aborts first */
async function followed(
  app: App,
  reporter: Reporter,
  waiting: Waiting,
  signal: AbortSignal,
): Promise<Task | undefined> {
  const { aws, options, task } = waiting;
  if (!options.json) await printLog(app, reporter, waiting, signal);
  const ecs = await aws.ecs();
  for (let seen = task; ; ) {
    [seen = seen] = await ecs.describeTasks(task.clusterArn, [task.taskArn]);
    if (seen.lastStatus === 'STOPPED') return seen;
    if (signal.aborted) return undefined;
    await pause(app.clock, LOOK_EVERY_MS, signal);
  }
}

/** Returns when the task has stopped and its log is complete, or at once if CloudWatch does not have it. */
async function printLog(
  app: App,
  reporter: Reporter,
  { aws, options, task, container }: Waiting,
  signal: AbortSignal,
): Promise<void> {
  const details = await aws.doctor.ecs();
  const { cluster, flags } = targetRequest(options, options.target);
  const sources = new LogSources(
    {
      ecs: await aws.ecs(),
      describeTaskDefinition: (arn) => details.describeTaskDefinition(arn),
    },
    { target: `${task.taskArn}@${container}`, cluster, container: undefined, strict: true, flags },
    // The task may not have started yet.
    { isFollowing: true },
  );
  const leftOut = new LeftOutNotices(reporter);
  const find = async (): Promise<FoundLogs> => leftOut.of(await sources.find());
  const onOutage = ({ message }: EcshError) => reporter.notice(`${message} Trying again.`);
  const ports = { clock: app.clock, logEvents: aws.logEvents, find, onOutage };
  const printer = new LogPrinter({
    stdout: app.stdout,
    json: false,
    timestamps: false,
    prefix: false,
    color: (label) => label,
  });
  try {
    const options = { from: 0, until: undefined, pattern: undefined, tail: undefined };
    for await (const lines of readLogs(ports, { ...options, follow: true, signal })) {
      await printer.print(lines);
    }
  } catch (error) {
    if (!(error instanceof EcshError) || signal.aborted) throw error;
    reporter.notice(`The log cannot be shown, and ecsh waits for the status. ${error.message}`);
  }
}

async function deregister(reporter: Reporter, { aws, options, task }: Waiting): Promise<void> {
  if (detachedCommand(task)?.image === undefined) return;
  try {
    await (await aws.admin()).deregisterRevision(task.taskDefinitionArn);
    reporter.notice(
      `Deregistered ${nameInArn(task.taskDefinitionArn)}, which --image had registered.`,
    );
  } catch (error) {
    if (!(error instanceof EcshError)) throw error;
    const revision = nameInArn(task.taskDefinitionArn);
    const again = ecshCommand(['run', '--wait', options.target], awsFlags(options));
    reporter.failure(
      new EcshError(
        'revision-left',
        `Revision ${revision} could not be deregistered: ${error.message}`,
        { hint: `It costs nothing. Try again:  ${again}` },
      ),
    );
  }
}

/** @throws EcshError `status-unknown` */
function reportEnd(app: App, { json }: WaitOptions, end: DetachedEnd): number {
  if (json) {
    const { task, container, status, reason, stopCode } = end;
    const exitCode = status ?? ExitStatus.failure;
    writeJsonLine(app.stdout, {
      task,
      container,
      exitCode,
      status: status ?? null,
      stopCode: stopCode ?? null,
      reason: reason ?? null,
    });
  }
  if (end.status !== undefined) return end.status;
  throw new EcshError('status-unknown', end.message, {
    hint: end.hint,
    exitCode: ExitStatus.failure,
  });
}
