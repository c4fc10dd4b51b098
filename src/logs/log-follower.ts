import type { LogEvent, LogEventsApi } from '#domain/ports/log-ports.ts';

/** The most stream names in one FilterLogEvents call. */
const MOST_STREAMS = 100;
/** CloudWatch may deliver an event this long after its own timestamp (ms). */
const LATE_MS = 60_000;

export interface FollowerOptions {
  readonly api: LogEventsApi;
  readonly group: string;
  /** Where to begin, milliseconds since the epoch. */
  readonly from: number;
  readonly until?: number | undefined;
  readonly pattern?: string | undefined;
}

/**
 * Reads a log group from one point in time on, every event once. Each round looks back a minute, since
 * events can arrive late, and drops those that it has had by their id.
 */
export class LogFollower {
  readonly #options: FollowerOptions;
  /** Ids of the events of the last minute, with their timestamps. */
  readonly #seen = new Map<string, number>();
  /** How often an event that was printed before may still come, by its place, time and text. */
  readonly #printed = new Map<string, number>();
  #newest: number;

  constructor(options: FollowerOptions) {
    this.#options = options;
    this.#newest = options.from;
  }

  /** Marks events of GetLogEvents as printed: it gives them no id, so their text has to do. */
  skip(events: readonly LogEvent[]): void {
    for (const event of events) {
      const key = keyOf(event);
      this.#printed.set(key, (this.#printed.get(key) ?? 0) + 1);
    }
  }

  /** New events in these streams since the last round, page by page, oldest first within a page. */
  async *poll(streams: readonly string[]): AsyncGenerator<readonly LogEvent[]> {
    const from = Math.max(this.#options.from, this.#newest - LATE_MS);
    for (let start = 0; start < streams.length; start += MOST_STREAMS) {
      yield* this.#read(streams.slice(start, start + MOST_STREAMS), from);
    }
    this.#forget(this.#newest - LATE_MS);
  }

  async *#read(streams: readonly string[], from: number): AsyncGenerator<readonly LogEvent[]> {
    const { api, group, until, pattern } = this.#options;
    for await (const page of api.filter({ group, streams, from, until, pattern })) {
      if (page === undefined) {
        // One missing stream fails the call for all of them: a task that has not printed yet has none.
        if (streams.length > 1) for (const stream of streams) yield* this.#read([stream], from);
        return;
      }
      const events = this.#takeNew(page);
      if (events.length > 0) yield events;
    }
  }

  #takeNew(events: readonly LogEvent[]): readonly LogEvent[] {
    const fresh = events.filter(({ id }) => !this.#seen.has(id));
    for (const { id, timestamp } of fresh) {
      this.#seen.set(id, timestamp);
      this.#newest = Math.max(this.#newest, timestamp);
    }
    return inOrder(fresh.filter((event) => !this.#wasPrinted(event)));
  }

  #wasPrinted(event: LogEvent): boolean {
    const key = keyOf(event);
    const left = this.#printed.get(key) ?? 0;
    if (left > 1) this.#printed.set(key, left - 1);
    else this.#printed.delete(key);
    return left > 0;
  }

  #forget(before: number): void {
    for (const [id, timestamp] of this.#seen) if (timestamp < before) this.#seen.delete(id);
  }
}

function keyOf({ stream, timestamp, message }: LogEvent): string {
  return `${timestamp} ${stream} ${message}`;
}

/** By timestamp; events of the same millisecond keep the order in which AWS returned them. */
export function inOrder(events: readonly LogEvent[]): readonly LogEvent[] {
  return [...events].sort((one, other) => one.timestamp - other.timestamp);
}
