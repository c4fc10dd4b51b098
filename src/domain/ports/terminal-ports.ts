/** Window size in characters. */
export interface TerminalSize {
  readonly cols: number;
  readonly rows: number;
}

/** The terminal that the user sits at: stdin and stdout both are one. */
export interface LocalTerminal {
  size(): TerminalSize;
  /** Returns the function that stops listening. */
  onResize(run: (size: TerminalSize) => void): () => void;
  /** Stops ecsh and what it was started with, as Ctrl-Z would, until the shell resumes them. */
  suspend(): void;
  /** Runs `body` in raw mode; the mode is given back on return, throw, exit and stop (T-3). */
  raw<T>(body: () => Promise<T>): Promise<T>;
}
