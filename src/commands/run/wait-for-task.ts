import type { App, AwsPorts } from '#commands/app.ts';
import { traceAws } from '#commands/aws-trace.ts';
import { stopOnSignal } from '#commands/enable/follow-rollout.ts';
import { writeJsonLine } from '#commands/json-output.ts';
import { LeftOutNotices } from '#commands/logs/left-out-notices.ts';
import { LogPrinter } from '#commands/logs/log-printer.ts';
import { awsFlags, type SharedOptions } from '#commands/shared-options.ts';
import { awsPorts, targetRequest } from '#commands/target-request.ts';
import { ecshCommand } from '#domain/errors/aws-command.ts';
import { EcshError } from '#domain/errors/errors.ts';
import { ExitStatus, signalStatus } from '#domain/errors/exit-status.ts';
import { nameInArn } from '#domain/resolve/arn.ts';
import { resolveTask } from '#domain/resolve/resolve.ts';
import { isTaskIdPrefix, parseTarget } from '#domain/resolve/target.ts';
import type { Task } from '#domain/resolve/task.ts';
import { type FoundLogs, LogSources } from '#logs/log-sources.ts';
import { readLogs } from '#logs/read-logs.ts';
import { type DetachedEnd, detachedCommand, endOf, isHeld } from '#run/detached-task.ts';
import { pause } from '#session/pause.ts';
import type { Reporter } from '#ui/reporter.ts';

export interface WaitOptions extends SharedOptions {
  /** The task to wait for. */
  readonly target: string;
  /** Milliseconds; 0 and undefined are no limit. */
  readonly timeout?: number | undefined;
}

/** How often to describe the task (ms). */
const LOOK_EVERY_MS = 2_000;

interface Waiting {
  readonly aws: AwsPorts;
  readonly options: WaitOptions;
  readonly task: Task;
  readonly container: string;
}

/**
 * Prints the log of a task of `ecsh run --detach` from its beginning, waits for its end, and deregisters the
 * revision of `--image`. The task goes on when the wait ends early.
 *
 * @returns the exit status of the command; 124 after `--timeout`, 128 + n for a signal
 * @throws EcshError `task-not-found`, `status-unknown`, `container-ambiguous`
 */
export async function waitForTask(
  app: App,
  reporter: Reporter,
  options: WaitOptions,
): Promise<number> {
  assertTask(options);
  const aws = awsPorts(app, options, options.target, traceAws(reporter));
  const ecs = await aws.ecs();
  const found = await resolveTask(ecs, { ...targetRequest(options, options.target), tags: true });
  const { task } = found;
  const container = containerAsked(options, task) ?? (await containerOf(aws, task));
  const waiting = { aws, options, task, container };
  const stop = new Stop(app, options);
  try {
    const last = await followed(app, reporter, waiting, stop.signal);
    if (last === undefined) return stop.report(reporter, options);
    await deregister(reporter, waiting);
    return reportEnd(app, options, endOf(last, container));
  } finally {
    stop.release();
  }
}

/** Any task of a service would do, and none of them would end. */
function assertTask(options: WaitOptions): void {
  const target = parseTarget(options.target);
  if (target.kind === 'task' || (target.kind === 'name' && isTaskIdPrefix(target.name))) return;
  throw new EcshError('task-expected', `"${options.target}" does not name one task.`, {
    hint: 'Name the task that ecsh run --detach has printed.',
  });
}

/** @throws EcshError `container-not-found` */
function containerAsked({ target, container }: WaitOptions, task: Task): string | undefined {
  const name = container ?? parseTarget(target).container;
  if (name === undefined || task.containers.some((one) => one.name === name)) return name;
  throw new EcshError('container-not-found', `The task has no container "${name}".`, {
    hint: `It has: ${task.containers.map((one) => one.name).join(', ')}.`,
  });
}

/** The container whose own program is the command. */
async function containerOf(aws: AwsPorts, task: Task): Promise<string> {
  const marked = detachedCommand(task);
  if (marked !== undefined) return marked.container;
  if (isHeld(task)) throw statusWentElsewhere(task);
  const ecs = await aws.ecs();
  const definitions = await ecs.describeContainerDefinitions(task.taskDefinitionArn);
  const essential = definitions.filter((definition) => definition.essential);
  const [only, ...others] = definitions.length === 1 ? definitions : essential;
  if (only !== undefined && others.length === 0) return only.name;
  throw new EcshError('container-ambiguous', 'The task has several containers.', {
    hint: `Name the one whose status counts, with -c: ${definitions.map(({ name }) => name).join(', ')}.`,
  });
}

/** The status of such a task is the one of the program that waits for the command. */
function statusWentElsewhere({ taskArn }: Task): EcshError {
  const message = `Task ${nameInArn(taskArn)} ran its command in a session, and only the ecsh run that started it saw the status.`;
  return new EcshError('status-unknown', message, {
    hint: 'If you want to come back to a command, start it with  ecsh run --detach',
    exitCode: ExitStatus.failure,
  });
}

/** Prints the log until the task has stopped. @returns it as it was then; undefined if `signal` comes first */
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

/** Returns when the task has stopped and its log is complete, or at once where CloudWatch does not have it. */
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

/** Ends the wait: a signal, `--timeout`, or the reader of stdout is gone. */
class Stop {
  readonly #signals: ReturnType<typeof stopOnSignal>;
  readonly #end = new AbortController();
  readonly #releases: readonly (() => void)[];
  #status: number | undefined;

  constructor(app: App, { timeout }: WaitOptions) {
    this.#signals = stopOnSignal(app);
    const { signal } = this.#signals;
    const onSignal = () => this.#finish(signalStatus(this.#signals.by()));
    const onClose = () => this.#finish(ExitStatus.brokenPipe);
    signal.addEventListener('abort', onSignal);
    app.stdout.once('close', onClose);
    const left = timeout ? app.startedAt + timeout - app.clock.now() : undefined;
    const cancel =
      left === undefined
        ? () => undefined
        : app.clock.after(Math.max(0, left), () => this.#finish(ExitStatus.timeout));
    this.#releases = [cancel, () => app.stdout.off('close', onClose), () => this.#signals.forget()];
  }

  get signal(): AbortSignal {
    return this.#end.signal;
  }

  /** Says that the task goes on, and how to come back. */
  report(reporter: Reporter, options: WaitOptions): number {
    const again = ecshCommand(['run', '--wait', options.target], awsFlags(options));
    reporter.notice(`The task continues. Wait for it again:  ${again}`);
    return this.#status ?? ExitStatus.failure;
  }

  release(): void {
    for (const release of this.#releases) release();
  }

  #finish(status: number): void {
    this.#status ??= status;
    this.#end.abort();
  }
}
