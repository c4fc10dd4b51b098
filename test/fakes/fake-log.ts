import type {
  LiveTailQuery,
  LiveTailUpdate,
  LogEvent,
  LogEventsApi,
  LogQuery,
} from '#domain/ports/log-ports.ts';

/** A log group in memory, whose streams exist once they have an event. */
export class FakeLog implements LogEventsApi {
  readonly events: LogEvent[] = [];
  readonly queries: LogQuery[] = [];
  pageSize = 3;
  /** Thrown by `filter`. */
  failure: Error | undefined;

  write(stream: string, timestamp: number, message: string): void {
    this.events.push({ id: `${this.events.length}`, stream, timestamp, message });
  }

  async *filter(query: LogQuery) {
    this.queries.push(query);
    if (this.failure !== undefined) throw this.failure;
    const exists = (stream: string) => this.events.some((event) => event.stream === stream);
    if (!query.streams.every(exists)) {
      yield undefined;
      return;
    }
    const { from = 0, streams } = query;
    const found = this.events.filter(
      ({ stream, timestamp, message }) =>
        streams.includes(stream) && timestamp >= from && message.includes(query.pattern ?? ''),
    );
    for (let start = 0; start < found.length; start += this.pageSize) {
      yield found.slice(start, start + this.pageSize);
    }
  }

  readonly liveQueries: LiveTailQuery[] = [];
  #send: ((update: LiveTailUpdate | undefined) => void) | undefined;
  #onWaiting: (() => void) | undefined;

  /** Resolves when the reader of `live` has read all updates, and waits for the next. */
  untilRead(): Promise<void> {
    if (this.#send !== undefined) return Promise.resolve();
    return new Promise((resolve) => {
      this.#onWaiting = resolve;
    });
  }

  /** Sends an update to the reader of `live`, which must be waiting for one. */
  update(update: LiveTailUpdate): void {
    const send = this.#send;
    if (send === undefined) throw new Error('no one reads');
    this.#send = undefined;
    send(update);
  }

  async *live(query: LiveTailQuery, signal: AbortSignal) {
    this.liveQueries.push(query);
    yield { events: [], isSampled: false };
    while (!signal.aborted) {
      const update = await new Promise<LiveTailUpdate | undefined>((resolve) => {
        this.#send = resolve;
        signal.onabort = () => resolve(undefined);
        this.#onWaiting?.();
      });
      if (update === undefined) return;
      yield update;
    }
  }

  async latest({ stream, from = 0 }: { stream: string; from?: number | undefined }, limit: number) {
    return this.events
      .filter((event) => event.stream === stream && event.timestamp >= from)
      .slice(-limit)
      .map((event) => ({ ...event, id: '' }));
  }
}
