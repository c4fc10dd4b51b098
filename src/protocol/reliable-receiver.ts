import type { AgentMessage } from './message.ts';

/** What became of an incoming stream message (PROTOCOL 4.4). All but `dropped` are acknowledged. */
export type Arrival = 'next' | 'stored' | 'duplicate' | 'dropped';

/**
 * Puts the stream messages of one direction back in order, each exactly once (S-7). Neutral as to
 * role. The caller acknowledges according to the returned `Arrival` and drains with `take()`.
 */
export class ReliableReceiver {
  /** Most messages held out of order; beyond it they are dropped unacknowledged (4.4, 4.6). */
  readonly #capacity: number;
  readonly #stored = new Map<number, AgentMessage>();
  /** The expected message, which as a rule is taken at once: a long-lived Map turns each into garbage. */
  #next: AgentMessage | undefined;
  #expected = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get expectedSequenceNumber(): number {
    return this.#expected;
  }

  /** Later messages wait for a missing one. */
  get hasGap(): boolean {
    return this.#stored.size > 0 && this.#next === undefined;
  }

  /** Of two messages with one number the first wins (checklist 16). */
  accept(message: AgentMessage): Arrival {
    const { sequenceNumber } = message;
    if (sequenceNumber === this.#expected) {
      if (this.#next !== undefined) return 'duplicate';
      this.#next = message;
      return 'next';
    }
    if (sequenceNumber < this.#expected || this.#stored.has(sequenceNumber)) return 'duplicate';
    if (this.#stored.size >= this.#capacity) return 'dropped';
    this.#stored.set(sequenceNumber, message);
    return 'stored';
  }

  /** The next message in order, or undefined while it is missing. */
  take(): AgentMessage | undefined {
    const message = this.#next;
    if (message === undefined) return undefined;
    this.#expected += 1;
    this.#next = this.#stored.get(this.#expected);
    if (this.#next !== undefined) this.#stored.delete(this.#expected);
    return message;
  }
}
