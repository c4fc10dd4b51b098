import { END_SIGNALS, type EndSignal, type Signals } from '#domain/ports/system-ports.ts';

/**
 * The signals that end us, for many sessions at once. A session that begins to listen after a signal
 * came receives that signal at once.
 */
export class EndSignals implements Signals {
  readonly #signals: Signals;
  readonly #forget: readonly (() => void)[];
  readonly #heardBy = new Set<() => void>();
  /** Resolves when a signal arrives while no session listens: none has been started, or all have ended. */
  readonly unheard: Promise<void>;
  #first: EndSignal | undefined;

  constructor(signals: Signals) {
    this.#signals = signals;
    let tell: () => void = () => undefined;
    this.unheard = new Promise((resolve) => {
      tell = resolve;
    });
    this.#forget = END_SIGNALS.map((signal) =>
      signals.on(signal, () => {
        this.#first ??= signal;
        if (this.#heardBy.size === 0) tell();
      }),
    );
  }

  /** The signal that sets our exit status; undefined: none came. */
  get first(): EndSignal | undefined {
    return this.#first;
  }

  on(signal: Parameters<Signals['on']>[0], handler: () => void): () => void {
    const forget = this.#signals.on(signal, handler);
    this.#heardBy.add(forget);
    if (signal === this.#first) handler();
    return () => {
      this.#heardBy.delete(forget);
      forget();
    };
  }

  suspend(): void {
    this.#signals.suspend();
  }

  /** Restores the default action of the signals. */
  release(): void {
    for (const run of this.#forget) run();
  }
}
