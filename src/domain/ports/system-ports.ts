/** Ports of the operating system. */

/** Milliseconds since the epoch and one-shot timers; tests use a manual clock. */
export interface Clock {
  now(): number;
  /** Returns the function that cancels the timer. */
  after(milliseconds: number, run: () => void): () => void;
}

/** Signals that end a session early; a port so that tests can send them. */
export const END_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
export type EndSignal = (typeof END_SIGNALS)[number];

export interface Signals {
  /** Replaces the default action of the process; returns the function that restores it. */
  on(signal: EndSignal | 'SIGTSTP' | 'SIGCONT', handler: () => void): () => void;
  /** Suspends this process like SIGTSTP, until SIGCONT. */
  suspend(): void;
}

/** Programs on this machine, and the command that starts this one. */
export interface ProgramFiles {
  /** `win32`, `linux`, … */
  readonly platform: string;
  /** The arguments that start ecsh: an executable, or Node.js with its flags and a script; absolute paths. */
  readonly ownWords: readonly string[];
  /** An absolute path. */
  resolve(path: string): string;
  /** Paths of the programs of this name on PATH; the first one is what a shell starts. */
  find(name: string): Promise<readonly string[]>;
  /** The first 64 KiB of a file as text; undefined if there is no such file. */
  readHead(path: string): Promise<string | undefined>;
  /** Whether both paths have the same bytes. */
  isSame(one: string, other: string): Promise<boolean>;
  /** Whether an ASCII text is somewhere in a file. */
  contains(path: string, text: string): Promise<boolean>;
  /** Whether a program exits with status 0, without input; its output is not shown. */
  succeeds(words: readonly string[]): Promise<boolean>;
  /** Writes a program atomically, executable for all users; creates its folder. */
  write(path: string, text: string): Promise<void>;
  /** Gives a program a second name, or copies it; creates the folder. */
  link(from: string, to: string): Promise<void>;
}

/** Small files of our own: configuration, the last target, cached completions. */
export interface Files {
  /** Undefined: there is no such file. */
  read(path: string): Promise<string | undefined>;
  /** Writes atomically, readable only by the user; creates its folder. */
  write(path: string, text: string): Promise<void>;
  /** A file of the user, whose bytes need not be UTF-8: the text of `textOfBytes`. */
  readExact(path: string): Promise<string | undefined>;
  /** Writes the bytes of such a text atomically; keeps the mode of an existing file. */
  writeExact(path: string, text: string): Promise<void>;
}
