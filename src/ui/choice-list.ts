import type { Choice } from '#domain/ports/prompt-ports.ts';
import { displayWidth } from './display-width.ts';

interface Entry<T> {
  readonly choice: Choice<T>;
  /** The text that a search matches. */
  readonly text: string;
}

/** The choices that match a search, and the highlighted one. */
export class ChoiceList<T> {
  #entries: readonly Entry<T>[] = [];
  #labelWidth = 0;
  #search = '';
  #matches: readonly Choice<T>[] = [];
  #index = 0;
  #hasMoved = false;

  constructor(choices: readonly Choice<T>[]) {
    this.#fill(choices);
  }

  get total(): number {
    return this.#entries.length;
  }

  /** Columns of the widest label, so that the details are aligned. */
  get labelWidth(): number {
    return this.#labelWidth;
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

  /** Adds choices. The first line stays highlighted until the user moves; then the choice does. */
  replace(choices: readonly Choice<T>[]): void {
    const label = this.#hasMoved ? this.current?.label : undefined;
    this.#fill(choices);
    const at = this.#matches.findIndex((choice) => choice.label === label);
    this.#index = Math.max(0, at);
  }

  /** Keeps the choices that contain every word, in any order and case. */
  search(text: string): void {
    if (text === this.#search) return;
    this.#search = text;
    this.#matches = this.#found();
    this.#index = 0;
    this.#hasMoved = false;
  }

  /** One line down or up; the first follows the last. */
  step(by: 1 | -1): void {
    const { length } = this.#matches;
    this.#hasMoved = true;
    if (length > 0) this.#index = (this.#index + by + length) % length;
  }

  /** Many lines down or up, up to the end of the list. */
  jump(by: number): void {
    this.#hasMoved = true;
    this.#index = Math.max(0, Math.min(this.#index + by, this.#matches.length - 1));
  }

  #fill(choices: readonly Choice<T>[]): void {
    const sorted = [
      ...choices.filter(({ isDimmed }) => !isDimmed),
      ...choices.filter(({ isDimmed }) => isDimmed),
    ];
    this.#entries = sorted.map((choice) => ({ choice, text: searchText(choice) }));
    this.#labelWidth = choices.reduce((most, { label }) => Math.max(most, displayWidth(label)), 0);
    this.#matches = this.#found();
  }

  #found(): readonly Choice<T>[] {
    const words = this.#search.toLowerCase().split(/\s+/);
    return this.#entries
      .filter((entry) => words.every((word) => entry.text.includes(word)))
      .map(({ choice }) => choice);
  }
}

function searchText<T>({ label, detail = '' }: Choice<T>): string {
  return `${label} ${detail}`.toLowerCase();
}
