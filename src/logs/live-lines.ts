import type { LogEvent } from '#domain/ports/log-ports.ts';
import type { Clock } from '#domain/ports/system-ports.ts';
import type { LogLine } from './log-groups.ts';
import type { LogStream } from './log-streams.ts';

/** How long to hold events of streams without a known task: a new task may be found (ms). */
const HOLD_MS = 15_000;
const MAX_HELD = 5_000;
/** How long Live Tail may repeat lines that were read before it began (ms). */
const OVERLAP_MS = 30_000;

/** Turns events of Live Tail into lines. Drops those that were read before, and those of other tasks. */
export class LiveLines {
  readonly #clock: Clock;
  readonly #beganAt: number;
  /** How often each line that was read before may still arrive. Live Tail gives events no id. */
  readonly #shown = new Map<string, number>();
  #held: readonly { readonly event: LogEvent; readonly until: number }[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#beganAt = clock.now();
  }

  /** Notes that these lines have been read; returns them. */
  shown(lines: readonly LogLine[]): readonly LogLine[] {
    for (const { event } of lines) {
      const key = keyOf(event);
      this.#shown.set(key, (this.#shown.get(key) ?? 0) + 1);
    }
    return lines;
  }

  /** The lines of an update, after held lines whose task is now known. */
  take(events: readonly LogEvent[], streams: readonly LogStream[]): readonly LogLine[] {
    const now = this.#clock.now();
    if (now - this.#beganAt > OVERLAP_MS) this.#shown.clear();
    const fresh = events.filter((event) => !this.#wasShown(event));
    const waiting = [...this.#held, ...fresh.map((event) => ({ event, until: now + HOLD_MS }))];
    const sources = new Map(streams.map((source) => [source.stream, source]));
    this.#held = waiting
      .filter(({ event, until }) => !sources.has(event.stream) && until > now)
      .slice(-MAX_HELD);
    return waiting.flatMap(({ event }) => {
      const source = sources.get(event.stream);
      return source === undefined ? [] : [{ source, event }];
    });
  }

  #wasShown(event: LogEvent): boolean {
    const key = keyOf(event);
    const left = this.#shown.get(key) ?? 0;
    if (left > 1) this.#shown.set(key, left - 1);
    else this.#shown.delete(key);
    return left > 0;
  }
}

function keyOf({ stream, timestamp, message }: LogEvent): string {
  return `${timestamp} ${stream} ${message}`;
}
