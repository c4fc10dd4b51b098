import { END_SIGNALS, type EndSignal, type Signals } from '../../domain/system-ports.ts';

/**
 * The signals that end us, for many sessions at once: one that was being prepared, and listens only
 * after a signal came, is told of it then.
 */
export class EndSignals implements Signals {
  readonly #signals: Signals;
  readonly #forget: readonly (() => void)[];
  #first: EndSignal | undefined;

  constructor(signals: Signals) {
    this.#signals = signals;
    this.#forget = END_SIGNALS.map((signal) =>
      signals.on(signal, () => {
        this.#first ??= signal;
      }),
    );
  }

  /** The one that tells our exit status; undefined: none came. */
  get first(): EndSignal | undefined {
    return this.#first;
  }

  on(signal: Parameters<Signals['on']>[0], handler: () => void): () => void {
    const forget = this.#signals.on(signal, handler);
    if (signal === this.#first) handler();
    return forget;
  }

  suspend(): void {
    this.#signals.suspend();
  }

  /** Signals do again what they did before. */
  release(): void {
    for (const run of this.#forget) run();
  }
}
