import { createHash } from 'node:crypto';

/** One event of a log. */
export interface StoredLogEvent {
  readonly group: string;
  readonly stream: string;
  /** Milliseconds since the epoch. */
  readonly timestamp: number;
  readonly ingestionTime: number;
  readonly message: string;
  /** 56 digits, in the order of arrival. */
  readonly id: string;
}

export interface StoredLogStream {
  readonly name: string;
  readonly createdAt: number;
  readonly events: StoredLogEvent[];
}

/** The longest message of CloudWatch Logs, in bytes (CloudWatch Logs quotas). */
const MAX_MESSAGE = 1024 * 1024;

/** A container that writes without end must not exhaust the memory of the simulator. */
const KEPT = { events: 500_000, characters: 64 * 1024 * 1024 };
const FULL = 'ecsh simulate: the logs are full, and later lines are not kept.';

/** The events of all log groups of a region, by group and stream. */
export class LogStore {
  readonly #groups = new Map<string, Map<string, StoredLogStream>>();
  readonly #events = new Map<string, StoredLogEvent[]>();
  readonly #listeners = new Set<(event: StoredLogEvent) => void>();
  readonly #kept: typeof KEPT;
  #count = 0;
  #characters = 0;

  /** `kept` limits all groups together. */
  constructor(kept = KEPT) {
    this.#kept = kept;
  }

  /** Keeps the message. A full store keeps one more, which says that it is full, and nothing after that. */
  append(group: string, stream: string, message: string, now: number): void {
    const { events, characters } = this.#kept;
    if (this.#count > events) return;
    this.#characters += message.length;
    const isFull = this.#count === events || this.#characters > characters;
    this.#add(group, stream, isFull ? FULL : message, now);
    if (isFull) this.#count = Number.POSITIVE_INFINITY;
  }

  #add(group: string, stream: string, message: string, now: number): void {
    const event = {
      group,
      stream,
      timestamp: Math.floor(now),
      ingestionTime: Math.floor(now),
      message: message.slice(0, MAX_MESSAGE),
      id: this.#newId(now),
    };
    this.create(group, stream, now).events.push(event);
    const events = this.#events.get(group) ?? [];
    this.#events.set(group, events);
    events.push(event);
    for (const listener of this.#listeners) listener(event);
  }

  /** Returns the stream, and creates it if necessary. */
  create(group: string, name: string, now: number): StoredLogStream {
    const streams = this.#groups.get(group) ?? new Map<string, StoredLogStream>();
    this.#groups.set(group, streams);
    const stream = streams.get(name) ?? { name, createdAt: Math.floor(now), events: [] };
    streams.set(name, stream);
    return stream;
  }

  /** All events of a group, in the order of arrival. */
  events(group: string): readonly StoredLogEvent[] {
    return this.#events.get(group) ?? [];
  }

  /** Sorted by name. */
  streams(group: string): readonly StoredLogStream[] {
    const streams = [...(this.#groups.get(group)?.values() ?? [])];
    return streams.sort((one, other) => (one.name < other.name ? -1 : 1));
  }

  /** Calls the listener for each new event; returns a function that stops this. */
  listen(listener: (event: StoredLogEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #newId(now: number): string {
    this.#count += 1;
    const time = String(Math.floor(now)).padStart(17, '3');
    const number = String(this.#count).padStart(12, '0');
    const rest = createHash('sha256').update(`${this.#count}`).digest('hex');
    return time + number + rest.replaceAll(/\D/g, '7').slice(0, 27);
  }
}
