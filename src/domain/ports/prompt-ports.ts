import type { EndSignal } from './system-ports.ts';

/** One line of a question; a search finds the label and the detail. */
export interface Choice<T> {
  readonly value: T;
  readonly label: string;
  /** Shown beside the label. */
  readonly detail?: string | undefined;
  /** An item of little use, as its detail says: shown dimmed at the end, and still selectable. */
  readonly isDimmed?: boolean | undefined;
}

export interface Question<T> {
  readonly message: string;
  readonly choices: readonly Choice<T>[];
  readonly canGoBack: boolean;
}

/** By Ctrl-C, unless a signal says otherwise. */
export interface Cancelled {
  readonly kind: 'cancelled';
  readonly by?: EndSignal | undefined;
}

export type Answer<T> =
  | { readonly kind: 'chosen'; readonly value: T }
  | { readonly kind: 'back' }
  | Cancelled;

export type Waited<T> = { readonly kind: 'done'; readonly value: T } | Cancelled;

/** Questions to a user at a terminal, asked on stderr. */
export interface Prompts {
  /** A list to search in by typing; nothing of it stays on the screen. */
  select<T>(question: Question<T>): Promise<Answer<T>>;
  confirm(message: string): Promise<boolean | Cancelled>;
  /** Shows the message while the work takes time. */
  waitFor<T>(message: string, work: Promise<T>): Promise<Waited<T>>;
}
