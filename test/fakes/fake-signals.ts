import type { Signals } from '#domain/ports/system-ports.ts';

type SignalName = Parameters<Signals['on']>[0];

/** Signals that the test sends to this process. */
export class FakeSignals implements Signals {
  readonly #handlers = new Set<{ readonly signal: SignalName; readonly run: () => void }>();
  /** The number of times that the process suspended itself. */
  suspensions = 0;

  on(signal: SignalName, run: () => void): () => void {
    const handler = { signal, run };
    this.#handlers.add(handler);
    return () => this.#handlers.delete(handler);
  }

  suspend(): void {
    this.suspensions += 1;
  }

  /** The signals whose default action is currently replaced. */
  get handled(): readonly SignalName[] {
    return [...new Set([...this.#handlers].map(({ signal }) => signal))].sort();
  }

  send(signal: SignalName): void {
    const handlers = [...this.#handlers].filter((handler) => handler.signal === signal);
    if (handlers.length === 0) throw new Error(`${signal} would end this process`);
    for (const { run } of handlers) run();
  }
}
