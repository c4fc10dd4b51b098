import type { App } from '#commands/app.ts';
import { stopOnSignal } from '#commands/enable/follow-rollout.ts';
import { ExitStatus, signalStatus } from '#domain/errors/exit-status.ts';

interface WaitTime {
  /** Milliseconds; 0 and undefined are no limit. */
  readonly timeout?: number | undefined;
  readonly timeoutFrom?: number | undefined;
}

/** Ends the wait: a signal, `--timeout`, or the reader of stdout has gone. */
export class WaitEnd {
  readonly #signals: ReturnType<typeof stopOnSignal>;
  readonly #end = new AbortController();
  readonly #releases: readonly (() => void)[];
  #status: number | undefined;

  constructor(app: App, { timeout, timeoutFrom = app.startedAt }: WaitTime) {
    this.#signals = stopOnSignal(app);
    const { signal } = this.#signals;
    const onSignal = () => this.#finish(signalStatus(this.#signals.by()));
    const onClose = () => this.#finish(ExitStatus.brokenPipe);
    signal.addEventListener('abort', onSignal);
    app.stdout.once('close', onClose);
    const left = timeout ? timeoutFrom + timeout - app.clock.now() : undefined;
    const cancel =
      left === undefined
        ? () => undefined
        : app.clock.after(Math.max(0, left), () => this.#finish(ExitStatus.timeout));
    this.#releases = [cancel, () => app.stdout.off('close', onClose), () => this.#signals.forget()];
  }

  get signal(): AbortSignal {
    return this.#end.signal;
  }

  /** 124 or 128 + n, once the signal has aborted. */
  get status(): number {
    return this.#status ?? ExitStatus.failure;
  }

  release(): void {
    for (const release of this.#releases) release();
  }

  #finish(status: number): void {
    this.#status ??= status;
    this.#end.abort();
  }
}
