import type { Clock } from '#domain/ports/system-ports.ts';
import type { Faults } from './faults.ts';

export interface RelayOptions {
  readonly clock: Clock;
  /** Called for every frame, because faults can change during a session. */
  readonly faults: () => Faults;
  readonly random: () => number;
  /** Frames to a receiver that is not connected are lost; both peers resend. */
  readonly deliver: (frame: Uint8Array) => void;
}

/** One direction of a session. Keeps frames in order, except for injected faults. */
export class Relay {
  readonly #options: RelayOptions;
  readonly #timers = new Set<() => void>();
  /** Arrival time of the previous frame. */
  #busyUntil = 0;
  /** When the line becomes free. */
  #carriedAt = 0;

  constructor(options: RelayOptions) {
    this.#options = options;
  }

  push(frame: Uint8Array): void {
    const { faults, random } = this.#options;
    const { drop, dup, reorder, reorderMs } = faults();
    if (drop > 0 && random() < drop) return;
    const copies = dup > 0 && random() < dup ? 2 : 1;
    const isLate = reorder > 0 && random() < reorder;
    for (let copy = 0; copy < copies; copy++) {
      this.#deliver(frame, this.#travelTime(frame.length), isLate ? reorderMs : 0);
    }
  }

  /** Drops all frames in flight. */
  stop(): void {
    for (const cancel of this.#timers) cancel();
    this.#timers.clear();
  }

  /** The delay, plus the transfer time of this frame and those before it with limited bandwidth. */
  #travelTime(length: number): number {
    const { clock, faults } = this.#options;
    const { delayMs, bytesPerSecond } = faults();
    if (bytesPerSecond === 0) return delayMs;
    const now = clock.now();
    this.#carriedAt = Math.max(now, this.#carriedAt) + (1000 * length) / bytesPerSecond;
    return delayMs + this.#carriedAt - now;
  }

  #deliver(frame: Uint8Array, delayMs: number, lateMs: number): void {
    const { clock, deliver } = this.#options;
    const now = clock.now();
    const inOrder = Math.max(now + delayMs, this.#busyUntil);
    if (lateMs === 0) this.#busyUntil = inOrder;
    const wait = (lateMs === 0 ? inOrder : now + delayMs + lateMs) - now;
    if (wait <= 0) {
      deliver(frame);
      return;
    }
    const cancel = clock.after(wait, () => {
      this.#timers.delete(cancel);
      deliver(frame);
    });
    this.#timers.add(cancel);
  }
}

/** A reproducible sequence of numbers from 0 to 1 (xorshift). */
export function randomSequence(seed: number): () => number {
  let state = seed >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state / 2 ** 32;
  };
}
