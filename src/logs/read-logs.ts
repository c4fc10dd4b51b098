import type { LogEvent, LogEventsApi } from '#domain/ports/log-ports.ts';
import type { Clock } from '#domain/ports/system-ports.ts';
import { nameInArn } from '#domain/resolve/arn.ts';
import type { Task } from '#domain/resolve/task.ts';
import { pause } from '#session/pause.ts';
import { inOrder, LogFollower } from './log-follower.ts';
import type { FoundLogs } from './log-sources.ts';
import type { LogStream } from './log-streams.ts';

export interface LogReadPorts {
  readonly clock: Clock;
  /** Log events of a region; undefined: the region that ecsh uses. */
  logEvents(region: string | undefined): Promise<LogEventsApi>;
  /** The tasks and streams as they are now. */
  find(): Promise<FoundLogs>;
}

export interface LogReadOptions {
  /** Milliseconds since the epoch; undefined: from the beginning. */
  readonly from: number | undefined;
  readonly until: number | undefined;
  readonly pattern: string | undefined;
  /** Only the last so many lines of what is there at the start. */
  readonly tail: number | undefined;
  readonly follow: boolean;
  /** Ends following. */
  readonly signal: AbortSignal;
}

/** One line of a container's log, with where it comes from. */
export interface LogLine {
  readonly source: LogStream;
  readonly event: LogEvent;
}

/** Pause between two rounds while following (ms). FilterLogEvents allows a few calls a second. */
const ROUND_MS = 2_000;
/** How often new tasks are looked for while following (ms). */
const REFRESH_MS = 10_000;
/** The last lines of a task can arrive this long after it has stopped (ms). */
const LAST_LINES_MS = 6_000;
/** A task that a service no longer lists is read for this long (ms). */
const GONE_MS = 60_000;

/**
 * Reads the logs of what `find` returns, each line once: what is there, and with `follow` what comes,
 * until `signal` aborts or every task has stopped.
 *
 * @returns the tasks as they were seen last
 */
export async function* readLogs(
  ports: LogReadPorts,
  options: LogReadOptions,
): AsyncGenerator<readonly LogLine[], readonly Task[]> {
  const { clock } = ports;
  const { signal } = options;
  const known = new KnownLogs(clock, await ports.find());
  const groups = new LogGroups(ports, options);
  if (options.tail !== undefined) yield await groups.tail(known.streams, options.tail);
  yield* groups.poll(known.streams);
  if (!options.follow) return known.tasks;
  let refreshAt = clock.now() + REFRESH_MS;
  let endAt: number | undefined;
  while (!signal.aborted) {
    await pause(clock, ROUND_MS, signal);
    if (signal.aborted) break;
    const now = clock.now();
    if (now >= refreshAt) {
      known.add(await ports.find());
      refreshAt = now + REFRESH_MS;
    }
    yield* groups.poll(known.streams);
    endAt = known.areStopped ? (endAt ?? now + LAST_LINES_MS) : undefined;
    if (endAt !== undefined && now >= endAt) break;
  }
  return known.tasks;
}

/** The tasks and streams found so far. A task that is gone stays for a while: its last lines may still come. */
class KnownLogs {
  readonly #clock: Clock;
  readonly #lastSeen = new Map<string, number>();
  readonly #tasks = new Map<string, Task>();
  readonly #streams = new Map<string, LogStream>();

  constructor(clock: Clock, found: FoundLogs) {
    this.#clock = clock;
    this.add(found);
  }

  add({ tasks, streams }: FoundLogs): void {
    const now = this.#clock.now();
    for (const task of tasks) {
      this.#tasks.set(task.taskArn, task);
      this.#lastSeen.set(nameInArn(task.taskArn), now);
    }
    for (const stream of streams) this.#streams.set(`${groupKey(stream)} ${stream.stream}`, stream);
    for (const [key, { task }] of this.#streams) {
      if (now - (this.#lastSeen.get(task) ?? now) > GONE_MS) this.#streams.delete(key);
    }
  }

  get tasks(): readonly Task[] {
    return [...this.#tasks.values()];
  }

  get streams(): readonly LogStream[] {
    return [...this.#streams.values()];
  }

  get areStopped(): boolean {
    return this.tasks.every(({ lastStatus }) => lastStatus === 'STOPPED');
  }
}

/** One follower for each log group: a region and a name. */
class LogGroups {
  readonly #ports: LogReadPorts;
  readonly #options: LogReadOptions;
  readonly #followers = new Map<string, LogFollower>();
  /** Where to begin with groups that are found later. */
  #from: number;

  constructor(ports: LogReadPorts, options: LogReadOptions) {
    this.#ports = ports;
    this.#options = options;
    this.#from = options.from ?? 0;
  }

  /** The last `count` lines of all streams together, oldest first. */
  async tail(streams: readonly LogStream[], count: number): Promise<readonly LogLine[]> {
    const { from, until, pattern } = this.#options;
    if (pattern !== undefined) return this.#matchingTail(streams, count);
    const lists = await Promise.all(
      streams.map(async (source) => {
        const { group, stream, region } = source;
        const api = await this.#ports.logEvents(region);
        const events = count === 0 ? [] : await api.latest({ group, stream, from, until }, count);
        return events.map((event) => ({ source, event }));
      }),
    );
    const lines = lists.flat().sort((one, other) => one.event.timestamp - other.event.timestamp);
    const last = lines.slice(Math.max(0, lines.length - count));
    // What comes after the newest line is new. Without one, what comes from now on.
    this.#from = last.at(-1)?.event.timestamp ?? this.#ports.clock.now();
    for (const { source, event } of lines) {
      if (event.timestamp === this.#from) (await this.#followerOf(source)).skip([event]);
    }
    return last;
  }

  /** GetLogEvents takes no pattern: all that matches is read, and the last lines kept. */
  async #matchingTail(streams: readonly LogStream[], count: number): Promise<readonly LogLine[]> {
    const lines: LogLine[] = [];
    for await (const page of this.poll(streams)) {
      lines.push(...page);
      lines.splice(0, Math.max(0, lines.length - count));
    }
    return lines;
  }

  async *poll(streams: readonly LogStream[]): AsyncGenerator<readonly LogLine[]> {
    const groups = new Map<string, LogStream[]>();
    for (const source of streams) {
      groups.set(groupKey(source), [...(groups.get(groupKey(source)) ?? []), source]);
    }
    for (const group of groups.values()) {
      const [first] = group;
      if (first === undefined) continue;
      const sources = new Map(group.map((source) => [source.stream, source]));
      const follower = await this.#followerOf(first);
      for await (const events of follower.poll([...sources.keys()])) {
        yield inOrder(events).flatMap((event) => {
          const source = sources.get(event.stream);
          return source === undefined ? [] : [{ source, event }];
        });
      }
    }
  }

  async #followerOf(source: LogStream): Promise<LogFollower> {
    const key = groupKey(source);
    const known = this.#followers.get(key);
    if (known !== undefined) return known;
    const { until, pattern } = this.#options;
    const api = await this.#ports.logEvents(source.region);
    const follower = new LogFollower({
      api,
      group: source.group,
      from: this.#from,
      until,
      pattern,
    });
    this.#followers.set(key, follower);
    return follower;
  }
}

function groupKey({ group, region = '' }: LogStream): string {
  return `${region} ${group}`;
}
