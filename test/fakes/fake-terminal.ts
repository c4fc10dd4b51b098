import type { LocalTerminal, TerminalSize } from '#domain/ports/terminal-ports.ts';

/** The terminal that the user sits at; `log` gets `raw` and `cooked`. */
export class FakeTerminal implements LocalTerminal {
  readonly #log: (what: 'raw' | 'cooked') => void;
  readonly #listeners = new Set<(size: TerminalSize) => void>();
  #size: TerminalSize = { cols: 100, rows: 30 };
  #isRaw = false;
  suspensions = 0;

  constructor(log: (what: 'raw' | 'cooked') => void = () => undefined) {
    this.#log = log;
  }

  get isRaw(): boolean {
    return this.#isRaw;
  }

  get listenerCount(): number {
    return this.#listeners.size;
  }

  size(): TerminalSize {
    return this.#size;
  }

  onResize(run: (size: TerminalSize) => void): () => void {
    this.#listeners.add(run);
    return () => this.#listeners.delete(run);
  }

  resize(size: TerminalSize): void {
    this.#size = size;
    for (const run of this.#listeners) run(size);
  }

  suspend(): void {
    this.suspensions += 1;
  }

  async raw<T>(body: () => Promise<T>): Promise<T> {
    this.#isRaw = true;
    this.#log('raw');
    try {
      return await body();
    } finally {
      this.#isRaw = false;
      this.#log('cooked');
    }
  }
}
