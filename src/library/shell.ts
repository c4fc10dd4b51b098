import type { LocalTerminal } from '#domain/ports/terminal-ports.ts';
import { runInteractive } from '#shell/interactive.ts';
import type { Shell, ShellOptions, WindowSize } from './options.ts';
import { startSession, unlessAborted, type World } from './session-start.ts';

const TERM = 'xterm-256color';

/** `openShell` of the library, in a given world. */
export function openShellIn(world: World, text: string, options: ShellOptions): Shell {
  const terminal = new StreamTerminal(options.size);
  const ended = run(world, text, options, terminal);
  // Whoever awaits it later still gets the error; a rejection without a handler would end the process.
  ended.catch(() => undefined);
  return {
    ended,
    resize: (size) => terminal.resize(size),
  };
}

async function run(
  world: World,
  text: string,
  options: ShellOptions,
  terminal: LocalTerminal,
): Promise<number> {
  const { signal, argv, term = TERM, stdin, stdout } = options;
  const { ports, ...start } = await startSession(world, text, options);
  const status = await unlessAborted(signal, () =>
    runInteractive(
      { ...ports, terminal },
      {
        ...start,
        argv,
        isBare: false,
        timeoutMs: undefined,
        term,
        escapeKey: undefined,
        stdin,
        stdout,
      },
    ),
  );
  signal?.throwIfAborted();
  return status;
}

/** The terminal is the caller's: its size is told, and its mode is nobody's business here. */
class StreamTerminal implements LocalTerminal {
  readonly #listeners = new Set<(size: WindowSize) => void>();
  #size: WindowSize;

  constructor(size: WindowSize) {
    this.#size = size;
  }

  size(): WindowSize {
    return this.#size;
  }

  onResize(run: (size: WindowSize) => void): () => void {
    this.#listeners.add(run);
    return () => this.#listeners.delete(run);
  }

  resize(size: WindowSize): void {
    this.#size = size;
    for (const run of this.#listeners) run(size);
  }

  /** The caller reads the keys, and no escape key is set. */
  suspend(): void {}

  raw<T>(body: () => Promise<T>): Promise<T> {
    return body();
  }
}
