import type { LogEvent, LogEventsApi } from '#domain/ports/log-ports.ts';
import { inParallel } from '#session/in-parallel.ts';
import { inOrder, LONGEST_DELAY_MS, LogFollower, type PollOptions } from './log-follower.ts';
import { groupKey, type LogStream } from './log-streams.ts';

/** One event of a container's log, with its origin. */
export interface LogLine {
  readonly source: LogStream;
  readonly event: LogEvent;
}

export interface LogGroupsOptions {
  /** Log events of a region; undefined: the region that ecsh uses. */
  readonly logEvents: (region: string | undefined) => Promise<LogEventsApi>;
  /** Milliseconds since the epoch; undefined: from the beginning. */
  readonly from: number | undefined;
  readonly until: number | undefined;
  readonly pattern: string | undefined;
}

/** GetLogEvents calls at a time; AWS allows 10 a second in most regions (CloudWatch Logs quotas). */
const CALLS_AT_ONCE = 5;

/** One follower for each log group: a region and a name. */
export class LogGroups {
  readonly #options: LogGroupsOptions;
  readonly #followers = new Map<string, LogFollower>();
  /** Where followers begin, milliseconds since the epoch. */
  #from: number;

  constructor(options: LogGroupsOptions) {
    this.#options = options;
    this.#from = options.from ?? 0;
  }

  /**
   * Returns the last `count` events of all streams together, oldest first. `poll` then returns later
   * arrivals, even with older timestamps.
   */
  async tail(streams: readonly LogStream[], count: number): Promise<readonly LogLine[]> {
    const { from: wanted = 0, pattern } = this.#options;
    // GetLogEvents supports no pattern, so everything is read then.
    const start = pattern === undefined ? await this.#startOf(streams, Math.max(1, count)) : wanted;
    this.#from = Math.max(wanted, start - LONGEST_DELAY_MS);
    const lines: LogLine[] = [];
    for await (const page of this.poll(streams)) {
      lines.push(...page);
      lines.sort(byTime);
      lines.splice(0, Math.max(0, lines.length - count));
    }
    return lines;
  }

  /** New events in these streams since the last call. */
  async *poll(
    streams: readonly LogStream[],
    options: PollOptions = {},
  ): AsyncGenerator<readonly LogLine[]> {
    for (const key of new Set(streams.map(groupKey))) {
      const group = streams.filter((stream) => groupKey(stream) === key);
      const [first] = group;
      if (first === undefined) continue;
      const sources = new Map(group.map((source) => [source.stream, source]));
      const follower = await this.#followerOf(first);
      for await (const events of follower.poll([...sources.keys()], options)) {
        yield inOrder(events).flatMap((event) => {
          const source = sources.get(event.stream);
          return source === undefined ? [] : [{ source, event }];
        });
      }
    }
  }

  /** Time of the event that is `count` from the end of all streams together. */
  async #startOf(streams: readonly LogStream[], count: number): Promise<number> {
    const { from, until } = this.#options;
    const times: number[] = [];
    await inParallel(streams, CALLS_AT_ONCE, async ({ group, stream, region }) => {
      const api = await this.#options.logEvents(region);
      const events = await api.latest({ group, stream, from, until }, count);
      times.push(...events.map(({ timestamp }) => timestamp));
    });
    times.sort((one, other) => one - other);
    return times.at(-count) ?? times[0] ?? 0;
  }

  async #followerOf(source: LogStream): Promise<LogFollower> {
    const key = groupKey(source);
    const known = this.#followers.get(key);
    if (known !== undefined) return known;
    const { group, region } = source;
    const { until, pattern } = this.#options;
    const api = await this.#options.logEvents(region);
    const follower = new LogFollower({ api, group, from: this.#from, until, pattern });
    this.#followers.set(key, follower);
    return follower;
  }
}

function byTime({ event: one }: LogLine, { event: other }: LogLine): number {
  return one.timestamp - other.timestamp;
}
