import { RoundTrip } from '#protocol/round-trip.ts';

/** PROTOCOL 4.6. When the outbox is full, further messages are sent but not kept. */
const CAPACITY = 100_000;

interface Kept {
  readonly sequenceNumber: number;
  readonly frame: Uint8Array;
  lastSentAt: number;
}

/** Unacknowledged stream messages of the agent, including those held back while it was paused. */
export class AgentOutbox {
  readonly #roundTrip = new RoundTrip();
  readonly #capacity: number;
  readonly #kept = new Map<number, Kept>();
  #next = 0;

  constructor(capacity = CAPACITY) {
    this.#capacity = capacity;
  }

  get isEmpty(): boolean {
    return this.#kept.size === 0;
  }

  get nextSequenceNumber(): number {
    return this.#next;
  }

  add(frame: Uint8Array, now: number): void {
    const sequenceNumber = this.#next;
    this.#next += 1;
    if (this.#kept.size >= this.#capacity) return;
    this.#kept.set(sequenceNumber, { sequenceNumber, frame, lastSentAt: now });
  }

  acknowledge(sequenceNumber: number, now: number): void {
    const kept = this.#kept.get(sequenceNumber);
    if (kept === undefined) return;
    this.#roundTrip.sample(now - kept.lastSentAt);
    this.#kept.delete(sequenceNumber);
  }

  /** At most one message per tick: the oldest, after its timeout, without backoff (PROTOCOL 4.5). */
  due(now: number): Uint8Array | undefined {
    for (const oldest of this.#kept.values()) {
      if (now - oldest.lastSentAt <= this.#roundTrip.timeout) return undefined;
      oldest.lastSentAt = now;
      return oldest.frame;
    }
    return undefined;
  }
}
