import type { EndSignal } from './system-ports.ts';

/** One line of a list. Typing searches the label and the detail. */
export interface Choice<T> {
  readonly value: T;
  readonly label: string;
  /** Shown beside the label. */
  readonly detail?: string | undefined;
  /** Dimmed and moved to the end of the list, but still selectable. `detail` says why. */
  readonly isDimmed?: boolean | undefined;
  /** A word of the detail to show in color. */
  readonly accent?: Accent | undefined;
}

export interface Accent {
  readonly word: string;
  readonly color: 'green' | 'yellow' | 'red';
}

/** A key that answers the question without choosing a line. `r` means Ctrl-R. */
export interface Shortcut {
  readonly key: string;
  /** Shown beside the key: `region`. */
  readonly label: string;
  /** The shortcut acts on the highlighted choice, and does nothing if there is none. */
  readonly takesChoice?: boolean | undefined;
}

export interface Question<T> {
  readonly message: string;
  readonly choices: readonly Choice<T>[];
  readonly canGoBack: boolean;
  readonly shortcuts?: readonly Shortcut[] | undefined;
  /**
   * For a list that is still loading: calls `show` with each longer list, and resolves after the last. If it
   * rejects, `select` rejects too.
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
  /** `value` is the highlighted choice, for a shortcut with `takesChoice`. */
  | { readonly kind: 'shortcut'; readonly key: string; readonly value?: T | undefined }
  | CancelledAnswer;

export type Waited<T> = { readonly kind: 'done'; readonly value: T } | CancelledAnswer;

/** Asks a user at a terminal. Questions are written to stderr. */
export interface Prompts {
  /** Shows a list that the user can search by typing, and clears it from the screen afterwards. */
  select<T>(question: Question<T>): Promise<Answer<T>>;
  confirm(message: string): Promise<boolean | CancelledAnswer>;
  /** Shows the message until the work is done. */
  waitFor<T>(message: string, work: Promise<T>): Promise<Waited<T>>;
}
