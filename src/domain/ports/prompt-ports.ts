import type { EndSignal } from './system-ports.ts';

/** One line of a list. A search matches the label and the detail. */
export interface Choice<T> {
  readonly value: T;
  readonly label: string;
  /** Shown beside the label. */
  readonly detail?: string | undefined;
  /** Unlikely to be useful, for the reason in `detail`: shown dimmed at the end, but selectable. */
  readonly isDimmed?: boolean | undefined;
  /** A word of the detail to show in color. */
  readonly accent?: Accent | undefined;
}

export interface Accent {
  readonly word: string;
  readonly color: 'green' | 'yellow' | 'red';
}

/** A key that answers a question instead of a choice: `r` is Ctrl-R. */
export interface Shortcut {
  readonly key: string;
  /** The word beside the key: `region`. */
  readonly label: string;
  /** Whether it acts on the current choice; if so, it does nothing without one. */
  readonly takesChoice?: boolean | undefined;
}

export interface Question<T> {
  readonly message: string;
  readonly choices: readonly Choice<T>[];
  readonly canGoBack: boolean;
  readonly shortcuts?: readonly Shortcut[] | undefined;
  /**
   * Set while the list is incomplete: shows longer lists, and resolves after the last. If it rejects, so
   * does the question.
   */
  readonly follow?: ((show: (choices: readonly Choice<T>[]) => void) => Promise<void>) | undefined;
}

/** The user pressed Ctrl-C, or the process received the signal `by`. */
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
  /** Shows a list that the user can search by typing, and clears it from the screen afterwards. */
  select<T>(question: Question<T>): Promise<Answer<T>>;
  confirm(message: string): Promise<boolean | CancelledAnswer>;
  /** Shows the message while the work takes time. */
  waitFor<T>(message: string, work: Promise<T>): Promise<Waited<T>>;
}
