import { EcshError } from '#domain/errors/errors.ts';
import type { LogEventsApi } from '#domain/ports/log-ports.ts';
import type { Clock } from '#domain/ports/system-ports.ts';
import type { Task } from '#domain/resolve/task.ts';
import { pause } from '#session/pause.ts';
import { KnownLogs } from './known-logs.ts';
import type { PollOptions } from './log-follower.ts';
import { LogGroups, type LogLine } from './log-groups.ts';
import type { FoundLogs } from './log-sources.ts';

export interface LogReadPorts {
  readonly clock: Clock;
  /** Log events of a region; undefined: the region that ecsh uses. */
  logEvents(region: string | undefined): Promise<LogEventsApi>;
  /** The current tasks and streams. */
  find(): Promise<FoundLogs>;
  /** Called when a temporary failure begins, during which following continues. */
  onOutage(error: EcshError): void;
}

export interface LogReadOptions {
  /** Milliseconds since the epoch; undefined: from the beginning. */
  readonly from: number | undefined;
  readonly until: number | undefined;
  readonly pattern: string | undefined;
  /** Only this many of the last events at the start. */
  readonly tail: number | undefined;
  readonly follow: boolean;
  /** Ends following. */
  readonly signal: AbortSignal;
}

/** Pause between two rounds while following (ms). FilterLogEvents allows a few calls a second. */
const ROUND_MS = 2_000;
/** The interval between searches for new tasks while following (ms). */
export const REFRESH_MS = 5_000;
/** The last lines of a task can arrive this long after it has stopped (ms). */
export const LAST_LINES_MS = 6_000;
/** Following continues through an outage of this length (ms). */
const LONGEST_OUTAGE_MS = 300_000;

/**
 * Reads the logs of the tasks that `find` returns, each event once: existing events, and with `follow` new
 * ones, until `signal` aborts or every task has stopped.
 *
 * @returns the tasks as last seen
 */
export async function* readLogs(
  ports: LogReadPorts,
  options: LogReadOptions,
): AsyncGenerator<readonly LogLine[], readonly Task[]> {
  const known = new KnownLogs(ports.clock, await ports.find());
  const groups = new LogGroups({ ...options, logEvents: (region) => ports.logEvents(region) });
  if (options.tail === undefined) yield* groups.poll(known.streams);
  else yield await groups.tail(known.streams, options.tail);
  if (options.follow) yield* follow(ports, { known, groups, signal: options.signal });
  return known.tasks;
}

interface Followed {
  readonly known: KnownLogs;
  readonly groups: LogGroups;
  readonly signal: AbortSignal;
}

async function* follow(
  ports: LogReadPorts,
  followed: Followed,
): AsyncGenerator<readonly LogLine[]> {
  const { known, signal } = followed;
  const { clock } = ports;
  const [findOutages, readOutages] = [new Outages(ports), new Outages(ports)];
  let refreshAt = clock.now() + REFRESH_MS;
  let endAt: number | undefined;
  for (;;) {
    await pause(clock, ROUND_MS, signal);
    if (signal.aborted) return;
    const now = clock.now();
    if (now >= refreshAt) {
      await findOutages.over(async () => known.add(await ports.find()));
      refreshAt = clock.now() + REFRESH_MS;
    }
    endAt = known.hasEnded ? (endAt ?? now + LAST_LINES_MS) : undefined;
    const isLast = endAt !== undefined && now >= endAt;
    const isRead = yield* pollThrough(followed, readOutages, { isLast });
    if (isLast && isRead) return;
  }
}

/** Runs one round. @returns false after a temporary failure; the next round catches up */
async function* pollThrough(
  { groups, known }: Followed,
  outages: Outages,
  options: PollOptions,
): AsyncGenerator<readonly LogLine[], boolean> {
  const pages = groups.poll(known.streams, options);
  for (;;) {
    const page = await outages.over(() => pages.next());
    if (page === undefined) return false;
    if (page.done) return true;
    yield page.value;
  }
}

/** Reports the first of several temporary failures in a row, and throws permanent ones. */
class Outages {
  readonly #ports: LogReadPorts;
  #since: number | undefined;

  constructor(ports: LogReadPorts) {
    this.#ports = ports;
  }

  /** The result of `work`; undefined after a temporary failure. */
  async over<T>(work: () => Promise<T>): Promise<T | undefined> {
    try {
      const result = await work();
      this.#since = undefined;
      return result;
    } catch (error) {
      if (!(error instanceof EcshError && mayPass(error))) throw error;
      const now = this.#ports.clock.now();
      if (this.#since === undefined) this.#ports.onOutage(error);
      this.#since ??= now;
      if (now - this.#since > LONGEST_OUTAGE_MS) throw error;
      return undefined;
    }
  }
}

/** A laptop that sleeps or changes its network cannot reach AWS for a while. */
function mayPass({ code, retryable }: EcshError): boolean {
  return retryable || code === 'endpoint-unreachable' || code === 'host-unreachable';
}
