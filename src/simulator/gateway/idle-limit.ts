import type { Clock } from '#domain/ports/system-ports.ts';

export interface IdleLimitOptions {
  readonly clock: Clock;
  readonly timeoutMs: () => number;
  readonly onIdle: () => void;
}

/** The service ends idle sessions; neither peer has code for it (PROTOCOL 4.10). */
export class IdleLimit {
  readonly #options: IdleLimitOptions;
  #lastActivity: number;
  #cancelTimer: () => void = () => undefined;

  constructor(options: IdleLimitOptions) {
    this.#options = options;
    this.#lastActivity = options.clock.now();
    this.#watch();
  }

  noteActivity(): void {
    this.#lastActivity = this.#options.clock.now();
  }

  cancel(): void {
    this.#cancelTimer();
  }

  #watch(): void {
    const { clock, timeoutMs, onIdle } = this.#options;
    const left = this.#lastActivity + timeoutMs() - clock.now();
    this.#cancelTimer = clock.after(Math.max(0, left), () => {
      const isIdle = clock.now() - this.#lastActivity >= timeoutMs();
      if (isIdle) onIdle();
      else this.#watch();
    });
  }
}
