import type { Clock, EndSignal } from '#domain/ports/system-ports.ts';
import type { StopReason } from '#session/stop.ts';

export interface RemoteStopListener {
  /** Sends a signal to the command's process group; false while it has not started. */
  signal(signal: EndSignal | 'SIGKILL'): boolean;
  /** The command does not react: end the session. */
  giveUp(): void;
}

/** The time to wait for a reaction after SIGKILL, or before the command has started; milliseconds. */
const REACTION_LIMIT_MS = 3_000;

/**
 * Ends the remote command: with the requested signal, after `killAfterMs` with SIGKILL, and if that has no
 * effect, by ending the session. A second request skips the wait.
 */
export class RemoteStop {
  readonly #clock: Clock;
  readonly #killAfterMs: number;
  readonly #listener: RemoteStopListener;
  #reason: StopReason | undefined;
  #isKilling = false;
  #cancelTimer: () => void = () => undefined;

  constructor(clock: Clock, killAfterMs: number, listener: RemoteStopListener) {
    this.#clock = clock;
    this.#killAfterMs = killAfterMs;
    this.#listener = listener;
  }

  /** The first reason, which determines the exit status. */
  get reason(): StopReason | undefined {
    return this.#reason;
  }

  request(reason: StopReason): void {
    if (this.#isKilling) {
      this.#listener.giveUp();
      return;
    }
    if (this.#reason !== undefined) {
      this.#kill();
      return;
    }
    this.#reason = reason;
    this.#begin(reason);
  }

  /** The command has started: a stop that was requested earlier takes effect now. */
  started(): void {
    if (this.#isKilling) this.#kill();
    else if (this.#reason !== undefined) this.#begin(this.#reason);
  }

  cancel(): void {
    this.#cancelTimer();
  }

  #begin(reason: StopReason): void {
    if (this.#listener.signal(reason.signal)) this.#after(this.#killAfterMs, () => this.#kill());
    else this.#after(REACTION_LIMIT_MS, () => this.#listener.giveUp());
  }

  #kill(): void {
    this.#isKilling = true;
    this.#listener.signal('SIGKILL');
    this.#after(REACTION_LIMIT_MS, () => this.#listener.giveUp());
  }

  #after(milliseconds: number, run: () => void): void {
    this.#cancelTimer();
    this.#cancelTimer = this.#clock.after(milliseconds, run);
  }
}
