import type { AgentMessage } from './message.ts';

/** The handling of an incoming stream message (PROTOCOL 4.4). All except `dropped` are acknowledged. */
export type Arrival = 'next' | 'stored' | 'duplicate' | 'dropped';

/** Room for messages out of order; more are dropped without an acknowledgement (4.4, 4.6). */
export interface ReceiveCapacity {
  readonly messages: number;
  readonly bytes: number;
}

/**
 * Puts the stream messages of one direction back in order, each exactly once (S-7). Independent of the role.
 * The caller acknowledges according to the returned `Arrival` and takes messages with `take()`.
 */
export class ReliableReceiver {
  readonly #capacity: ReceiveCapacity;
  readonly #stored = new Map<number, AgentMessage>();
  /** The expected message. Not in the map, because it is usually taken at once and would cause garbage. */
  #next: AgentMessage | undefined;
  #expected = 0;
  #storedBytes = 0;

  constructor(capacity: ReceiveCapacity) {
    this.#capacity = capacity;
  }

  get expectedSequenceNumber(): number {
    return this.#expected;
  }

  /** Later messages wait for a missing one. */
  get hasGap(): boolean {
    return this.#stored.size > 0 && this.#next === undefined;
  }

  /** The first message with a given number wins (checklist 16). */
  accept(message: AgentMessage): Arrival {
    const { sequenceNumber } = message;
    if (sequenceNumber === this.#expected) {
      if (this.#next !== undefined) return 'duplicate';
      this.#next = message;
      return 'next';
    }
    if (sequenceNumber < this.#expected || this.#stored.has(sequenceNumber)) return 'duplicate';
    const cost = costOf(message);
    const { messages, bytes } = this.#capacity;
    if (this.#stored.size >= messages || this.#storedBytes + cost > bytes) return 'dropped';
    this.#storedBytes += cost;
    this.#stored.set(sequenceNumber, { ...message, payload: copyOf(message.payload) });
    return 'stored';
  }

  /** The next message in order, or undefined while it is missing. */
  take(): AgentMessage | undefined {
    const message = this.#next;
    if (message === undefined) return undefined;
    this.#expected += 1;
    this.#next = this.#stored.get(this.#expected);
    if (this.#next !== undefined) {
      this.#stored.delete(this.#expected);
      this.#storedBytes -= costOf(this.#next);
    }
    return message;
  }
}

/** Counted for each message in addition to its payload: the object, its strings, the entry in the map. */
const MESSAGE_OVERHEAD = 512;

/** The payload is part of a larger buffer, possibly Node's pool, which it would keep in memory. */
function copyOf(payload: Uint8Array): Uint8Array {
  const copy = Buffer.allocUnsafeSlow(payload.length);
  copy.set(payload);
  return copy;
}

function costOf({ payload }: AgentMessage): number {
  return payload.length + MESSAGE_OVERHEAD;
}
