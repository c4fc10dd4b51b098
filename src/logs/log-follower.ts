import type { LogEvent, LogEventsApi } from '#domain/ports/log-ports.ts';

/** The maximum number of stream names in one FilterLogEvents call. */
const MAX_STREAMS = 100;
/** Most rounds look back this far (ms): the awslogs driver sends its lines every five seconds. */
const USUAL_DELAY_MS = 15_000;
/**
 * The maximum delay of an event after its timestamp (ms).
 * UNVERIFIED: AWS documents no limit. To check, compare `timestamp` and `ingestionTime` of a busy group.
 */
export const LONGEST_DELAY_MS = 60_000;
/** One of this many rounds looks back by the maximum delay. */
const ROUNDS_PER_LONG_LOOK = 6;

export interface FollowerOptions {
  readonly api: LogEventsApi;
  readonly group: string;
  /** The time to start at (ms since the epoch). */
  readonly from: number;
  readonly until?: number | undefined;
  readonly pattern?: string | undefined;
}

export interface PollOptions {
  /** True: look back by the maximum delay in this round. */
  readonly isLast?: boolean | undefined;
}

/**
 * Reads a log group from one point in time, and yields each event once. Events can arrive late, so each
 * round reads the last seconds again and drops the events whose ids it has seen. A stream that appears later
 * is read from the same point in time, even if the others are further.
 */
export class LogFollower {
  readonly #options: FollowerOptions;
  /** Ids of the events that a later round can return again, with their timestamps. */
  readonly #seen = new Map<string, number>();
  /** Streams that exist and have been read up to the last round. */
  readonly #joined = new Set<string>();
  /** The newest timestamp at the end of the last round, and of the last round with a long look back. */
  #newest: { readonly usual: number; readonly long: number };
  #latest: number;
  #round = 0;

  constructor(options: FollowerOptions) {
    this.#options = options;
    this.#latest = options.from;
    this.#newest = { usual: options.from, long: options.from };
  }

  /** New events in these streams since the last round, page by page, oldest first within a page. */
  async *poll(
    streams: readonly string[],
    { isLast = false }: PollOptions = {},
  ): AsyncGenerator<readonly LogEvent[]> {
    const isLong = isLast || this.#round % ROUNDS_PER_LONG_LOOK === 0;
    this.#round += 1;
    const { usual, long } = this.#newest;
    const lookBack = isLong ? long - LONGEST_DELAY_MS : usual - USUAL_DELAY_MS;
    // An event that arrives during this round can be older than the events already read, so the next
    // round looks back from the newest event that was known before this one.
    const before = this.#latest;
    const known = streams.filter((stream) => this.#joined.has(stream));
    const added = streams.filter((stream) => !this.#joined.has(stream));
    yield* this.#readAll(known, Math.max(this.#options.from, lookBack));
    yield* this.#readAll(added, this.#options.from);
    this.#newest = { usual: before, long: isLong ? before : long };
    this.#forget(this.#newest.long - LONGEST_DELAY_MS);
  }

  async *#readAll(streams: readonly string[], from: number): AsyncGenerator<readonly LogEvent[]> {
    for (let start = 0; start < streams.length; start += MAX_STREAMS) {
      yield* this.#read(streams.slice(start, start + MAX_STREAMS), from);
    }
  }

  async *#read(streams: readonly string[], from: number): AsyncGenerator<readonly LogEvent[]> {
    const { api, group, until, pattern } = this.#options;
    for await (const page of api.filter({ group, streams, from, until, pattern })) {
      if (page === undefined) {
        // One missing stream fails the whole call, and a container that has not started has no stream.
        if (streams.length > 1) for (const stream of streams) yield* this.#read([stream], from);
        return;
      }
      const events = this.#takeNew(page);
      if (events.length > 0) yield events;
    }
    for (const stream of streams) this.#joined.add(stream);
  }

  #takeNew(events: readonly LogEvent[]): readonly LogEvent[] {
    const fresh = events.filter(({ id }) => !this.#seen.has(id));
    for (const { id, timestamp } of fresh) {
      this.#seen.set(id, timestamp);
      this.#latest = Math.max(this.#latest, timestamp);
    }
    return inOrder(fresh);
  }

  #forget(before: number): void {
    for (const [id, timestamp] of this.#seen) if (timestamp < before) this.#seen.delete(id);
  }
}

/** Sorts by timestamp; events of the same millisecond keep the order in which AWS returned them. */
export function inOrder(events: readonly LogEvent[]): readonly LogEvent[] {
  return [...events].sort((one, other) => one.timestamp - other.timestamp);
}
