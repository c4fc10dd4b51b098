import { RoundTrip } from './round-trip.ts';
import { SendWindow, type SendWindowLimits } from './send-window.ts';

interface Outstanding {
  readonly sequenceNumber: number;
  readonly frame: Uint8Array;
  lastSentAt: number;
}

export interface ReliableSenderOptions {
  /** The maximum of unacknowledged messages; `hasRoom` is false when it is reached (S-11). */
  readonly window: SendWindowLimits;
  /** Double the timeout at each resend (S-9). The real agent does not (PROTOCOL 4.5). */
  readonly backOff: boolean;
}

/**
 * Numbers the stream messages of one direction and keeps each until it is acknowledged. Independent of the role:
 * the client and the simulator's agent both send with this class.
 */
export class ReliableSender {
  readonly #backOff: boolean;
  readonly #window: SendWindow;
  readonly #roundTrip = new RoundTrip();
  /** Insertion order is sequence order: the first entry is the oldest. */
  readonly #outstanding = new Map<number, Outstanding>();
  #next = 0;
  #paused = false;
  /** The time since which the oldest message could have been answered: pauses do not count (S-9). */
  #waitingSince = 0;

  constructor(options: ReliableSenderOptions) {
    this.#backOff = options.backOff;
    this.#window = new SendWindow(options.window);
  }

  get hasRoom(): boolean {
    return this.#outstanding.size < this.#window.size;
  }

  get isEmpty(): boolean {
    return this.#outstanding.size === 0;
  }

  get isPaused(): boolean {
    return this.#paused;
  }

  get nextSequenceNumber(): number {
    return this.#next;
  }

  /** Stores first, so that a failed write loses nothing (S-13); returns the frame to send. */
  send(encode: (sequenceNumber: number) => Uint8Array, now: number): Uint8Array {
    const sequenceNumber = this.#next;
    const frame = encode(sequenceNumber);
    this.#next += 1;
    if (this.#outstanding.size === 0) this.#waitingSince = now;
    this.#outstanding.set(sequenceNumber, {
      sequenceNumber,
      frame,
      lastSentAt: now,
    });
    return frame;
  }

  /** False for a number that is not outstanding: unknown or acknowledged before (checklist 19). */
  acknowledge(sequenceNumber: number, now: number): boolean {
    const message = this.#outstanding.get(sequenceNumber);
    if (message === undefined) return false;
    const wasOldest = message === this.#oldest();
    const elapsed = now - message.lastSentAt;
    // A late answer shows that more is in transit than the remote side accepts.
    if (elapsed <= this.#roundTrip.timeout) this.#window.grow(this.#outstanding.size);
    this.#outstanding.delete(sequenceNumber);
    this.#roundTrip.sample(elapsed);
    if (wasOldest) this.#waitingSince = now;
    return true;
  }

  /** The oldest message if its timeout has passed, marked as sent again (S-8). */
  resendDue(now: number): Uint8Array | undefined {
    const oldest = this.#oldest();
    const deadline = this.nextDeadline();
    // The same sum that was announced: `now - lastSentAt` is rounded differently and may be too small.
    if (oldest === undefined || deadline === undefined || now < deadline) return undefined;
    oldest.lastSentAt = now;
    this.#window.shrink();
    if (this.#backOff) this.#roundTrip.backOff();
    return oldest.frame;
  }

  /** Every unacknowledged frame in order, marked as sent now: for a new connection (S-14). */
  resendAll(now: number): readonly Uint8Array[] {
    const frames: Uint8Array[] = [];
    for (const message of this.#outstanding.values()) {
      message.lastSentAt = now;
      frames.push(message.frame);
    }
    return frames;
  }

  /** When to call `resendDue` again. */
  nextDeadline(): number | undefined {
    const oldest = this.#oldest();
    if (oldest === undefined || this.#paused) return undefined;
    return oldest.lastSentAt + this.#roundTrip.timeout;
  }

  /** How long the oldest message has gone unanswered while the peer could have answered (S-10). */
  unansweredFor(now: number): number {
    if (this.#outstanding.size === 0 || this.#paused) return 0;
    return now - this.#waitingSince;
  }

  /** M-5, S-9: no peer, no resends. */
  pause(): void {
    this.#paused = true;
  }

  unpause(now: number): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#waitingSince = now;
  }

  #oldest(): Outstanding | undefined {
    for (const message of this.#outstanding.values()) return message;
    return undefined;
  }
}
