/** Window size in characters. */
export interface TerminalSize {
  readonly cols: number;
  readonly rows: number;
}

/** The user's terminal: both stdin and stdout. */
export interface LocalTerminal {
  size(): TerminalSize;
  /** Returns the function that stops listening. */
  onResize(run: (size: TerminalSize) => void): () => void;
  /** Suspends ecsh and its parent programs, like Ctrl-Z, until the shell resumes them. */
  suspend(): void;
  /** Runs `body` in raw mode; restores the mode on return, throw, exit and stop (T-3). */
  raw<T>(body: () => Promise<T>): Promise<T>;
}
