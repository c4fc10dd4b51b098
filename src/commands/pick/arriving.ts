/** Loads a list; `show` receives the loaded part each time it grows. */
export type Load<Item> = (
  show: (soFar: readonly Item[]) => void,
  abort: AbortSignal,
) => Promise<readonly Item[]>;

/** A list that can be shown before all of it is loaded. */
export class Arriving<Item> {
  /** Settles with the first part, or with the failure to load any. */
  readonly first: Promise<void>;
  #items: readonly Item[] = [];
  #isWhole = false;
  #show: (items: readonly Item[]) => void = () => undefined;
  readonly #whole: Promise<void>;
  readonly #abort = new AbortController();

  constructor(load: Load<Item>) {
    let onFirst: () => void = () => undefined;
    const part = new Promise<void>((resolve) => {
      onFirst = resolve;
    });
    const show = (soFar: readonly Item[]) => {
      if (this.#isWhole || this.#abort.signal.aborted) return;
      this.#items = soFar;
      this.#show(soFar);
      onFirst();
    };
    this.#whole = load(show, this.#abort.signal).then((items) => {
      if (this.#abort.signal.aborted) return;
      this.#items = items;
      this.#isWhole = true;
      this.#show(items);
    });
    // `follow` reports it, if the list is still needed.
    this.#whole.catch(() => undefined);
    this.first = Promise.race([part, this.#whole]);
  }

  get items(): readonly Item[] {
    return this.#items;
  }

  get isWhole(): boolean {
    return this.#isWhole;
  }

  /**
   * Shows every longer list, and resolves after the whole one.
   *
   * @throws what loading the rest failed with
   */
  async follow(show: (items: readonly Item[]) => void): Promise<void> {
    this.#show = show;
    show(this.#items);
    await this.#whole;
  }

  /** Stops loading. */
  stop(): void {
    this.#abort.abort();
  }
}
