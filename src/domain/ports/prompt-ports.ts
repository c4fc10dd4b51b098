import type { EndSignal } from './system-ports.ts';

/** One line of a question; a search finds the label and the detail. */
export interface Choice<T> {
  readonly value: T;
  readonly label: string;
  /** Shown beside the label. */
  readonly detail?: string | undefined;
  /** An item of little use, as its detail says: shown dimmed at the end, and still selectable. */
  readonly isDimmed?: boolean | undefined;
  /** A word of the detail, and the color that repeats its meaning. */
  readonly accent?: Accent | undefined;
}

export interface Accent {
  readonly word: string;
  readonly color: 'green' | 'yellow' | 'red';
}

/** A key that answers a question in place of a choice: `r` is Ctrl-R. */
export interface Shortcut {
  readonly key: string;
  /** The word beside the key: `region`. */
  readonly label: string;
  /** It is about the current choice: without one, nothing happens. */
  readonly takesChoice?: boolean | undefined;
}

export interface Question<T> {
  readonly message: string;
  readonly choices: readonly Choice<T>[];
  readonly canGoBack: boolean;
  readonly shortcuts?: readonly Shortcut[] | undefined;
  /**
   * Present while the list is incomplete: shows longer lists, and resolves after the last. The question
   * fails as this does.
   */
  readonly follow?: ((show: (choices: readonly Choice<T>[]) => void) => Promise<void>) | undefined;
}

/** By Ctrl-C, unless a signal says otherwise. */
export interface CancelledAnswer {
  readonly kind: 'cancelled';
  readonly by?: EndSignal | undefined;
}

export type Answer<T> =
  | { readonly kind: 'chosen'; readonly value: T }
  | { readonly kind: 'back' }
  /** `value`: the current choice, with a shortcut that takes it. */
  | { readonly kind: 'shortcut'; readonly key: string; readonly value?: T | undefined }
  | CancelledAnswer;

export type Waited<T> = { readonly kind: 'done'; readonly value: T } | CancelledAnswer;

/** Questions to a user at a terminal, asked on stderr. */
export interface Prompts {
  /** A list to search in by typing; nothing of it stays on the screen. */
  select<T>(question: Question<T>): Promise<Answer<T>>;
  confirm(message: string): Promise<boolean | CancelledAnswer>;
  /** Shows the message while the work takes time. */
  waitFor<T>(message: string, work: Promise<T>): Promise<Waited<T>>;
}
