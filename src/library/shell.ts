import type { Signals } from '#domain/ports/system-ports.ts';
import type { LocalTerminal } from '#domain/ports/terminal-ports.ts';
import { runInteractive } from '#shell/interactive.ts';
import { assertSize } from './checked.ts';
import type { Shell, ShellOptions, WindowSize } from './options.ts';
import { prepareSession, type World, withAbortReason } from './session-context.ts';

const TERM = 'xterm-256color';

/** Implements `openShell` of the library with the given ports. @throws EcshError `usage` if the size is invalid */
export function openShellIn(world: World, text: string, options: ShellOptions): Shell {
  assertSize(options.size);
  const terminal = new StreamTerminal(options.size);
  const hangup = new AbortController();
  const ended = run(world, text, options, terminal, hangup.signal);
  // A later `await` of `ended` still gets the error; an unhandled rejection would end the process.
  ended.catch(() => undefined);
  return {
    ended,
    kill: () => hangup.abort(),
    resize: (size) => {
      assertSize(size);
      terminal.resize(size);
    },
  };
}

async function run(
  world: World,
  text: string,
  options: ShellOptions,
  terminal: LocalTerminal,
  hangup: AbortSignal,
): Promise<number> {
  const { argv, term = TERM, stdin, stdout } = options;
  const signal = options.signal && AbortSignal.any([options.signal]);
  const { ports, ...start } = await prepareSession(world, text, { ...options, signal });
  const status = await withAbortReason(signal, () =>
    runInteractive(
      { ...ports, terminal, signals: withHangup(ports.signals, hangup) },
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

/** A terminal that the caller owns: it reports its size, and ecsh does not change its mode. */
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

  /** The caller reads the keys, and there is no escape key. */
  suspend(): void {}

  raw<T>(body: () => Promise<T>): Promise<T> {
    return body();
  }
}

/** `kill` has the effect of SIGHUP on the program. */
function withHangup(signals: Signals, hangup: AbortSignal): Signals {
  return {
    ...signals,
    on(name, handler) {
      if (name !== 'SIGHUP') return signals.on(name, handler);
      // `kill` may be called before the session is open.
      if (hangup.aborted) queueMicrotask(handler);
      hangup.addEventListener('abort', handler);
      return () => hangup.removeEventListener('abort', handler);
    },
  };
}
