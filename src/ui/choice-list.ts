import type { Choice } from '#domain/ports/prompt-ports.ts';
import { displayWidth } from './display-width.ts';

interface Entry<T> {
  readonly choice: Choice<T>;
  /** The text that a search matches. */
  readonly text: string;
}

/** The choices that match a search, and the highlighted one. */
export class ChoiceList<T> {
  readonly total: number;
  /** Columns of the widest label, so that the details stand below each other. */
  readonly labelWidth: number;
  readonly #entries: readonly Entry<T>[];
  #search = '';
  #matches: readonly Choice<T>[];
  #index = 0;

  constructor(choices: readonly Choice<T>[]) {
    this.#matches = [
      ...choices.filter(({ isDimmed }) => !isDimmed),
      ...choices.filter(({ isDimmed }) => isDimmed),
    ];
    this.#entries = this.#matches.map((choice) => ({ choice, text: searchText(choice) }));
    this.total = choices.length;
    this.labelWidth = choices.reduce((width, { label }) => Math.max(width, displayWidth(label)), 0);
  }

  get matches(): readonly Choice<T>[] {
    return this.#matches;
  }

  get index(): number {
    return this.#index;
  }

  get current(): Choice<T> | undefined {
    return this.#matches[this.#index];
  }

  /** Leaves the choices that contain every word, in any order and case. */
  search(text: string): void {
    if (text === this.#search) return;
    this.#search = text;
    const words = text.toLowerCase().split(/\s+/);
    this.#matches = this.#entries
      .filter((entry) => words.every((word) => entry.text.includes(word)))
      .map(({ choice }) => choice);
    this.#index = 0;
  }

  /** One line on or back; after the last comes the first. */
  step(by: 1 | -1): void {
    const { length } = this.#matches;
    if (length > 0) this.#index = (this.#index + by + length) % length;
  }

  /** Many lines on or back, as far as there are any. */
  jump(by: number): void {
    this.#index = Math.max(0, Math.min(this.#index + by, this.#matches.length - 1));
  }
}

function searchText<T>({ label, detail = '' }: Choice<T>): string {
  return `${label} ${detail}`.toLowerCase();
}
