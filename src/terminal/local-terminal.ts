import type { Clock, Signals } from '#domain/ports/system-ports.ts';
import type { LocalTerminal, TerminalSize } from '#domain/ports/terminal-ports.ts';

/** T-4: a window that is being dragged sends many sizes; one per this many milliseconds is enough. */
const RESIZE_DELAY_MS = 50;
/** The default size for a terminal that does not report its own. */
const FALLBACK_SIZE: TerminalSize = { cols: 80, rows: 24 };

/** The part of `tty.ReadStream` that we use. */
export interface TerminalInput {
  readonly isRaw: boolean;
  setRawMode(isRaw: boolean): unknown;
}

/** The part of `tty.WriteStream` that we use. */
export interface TerminalOutput {
  readonly columns: number;
  readonly rows: number;
  on(event: 'resize', run: () => void): unknown;
  off(event: 'resize', run: () => void): unknown;
  emit(event: 'resize'): unknown;
}

export interface TerminalStreams {
  readonly stdin: TerminalInput;
  readonly stdout: TerminalOutput;
  readonly clock: Clock;
  readonly signals: Signals;
  /** Sends SIGTSTP to the process group, because npx and similar programs must stop with us. */
  readonly suspendGroup: () => void;
  /** Runs at every exit of the process; returns a function that removes the handler. */
  readonly onExit: (run: () => void) => () => void;
}

/** The user's terminal. */
export function createLocalTerminal(streams: TerminalStreams): LocalTerminal {
  const { stdout, clock } = streams;
  const size = (): TerminalSize =>
    stdout.columns > 0 && stdout.rows > 0
      ? { cols: stdout.columns, rows: stdout.rows }
      : FALLBACK_SIZE;
  return {
    size,
    onResize(run) {
      let cancel: () => void = () => undefined;
      const listener = () => {
        cancel();
        cancel = clock.after(RESIZE_DELAY_MS, () => run(size()));
      };
      stdout.on('resize', listener);
      return () => {
        cancel();
        stdout.off('resize', listener);
      };
    },
    suspend: () => streams.suspendGroup(),
    raw: (body) => inRawMode(streams, body),
  };
}

async function inRawMode<T>(
  { stdin, stdout, signals, onExit }: TerminalStreams,
  body: () => Promise<T>,
): Promise<T> {
  const guard = new RawMode(stdin);
  const forget = [
    onExit(() => guard.leave()),
    // T-3: Ctrl-Z belongs to the remote side, but another process may suspend us.
    signals.on('SIGTSTP', () => {
      guard.leave();
      signals.suspend();
    }),
    signals.on('SIGCONT', () => {
      // SIGSTOP cannot be caught: after it, Node.js would assume that the mode has not changed.
      guard.leave();
      guard.enter();
      stdout.emit('resize');
    }),
  ];
  try {
    guard.enter();
    return await body();
  } finally {
    for (const run of forget) run();
    guard.leave();
  }
}

/** T-1: raw mode, in which control characters are bytes for the remote side; `leave` is idempotent. */
class RawMode {
  readonly #stdin: TerminalInput;

  constructor(stdin: TerminalInput) {
    this.#stdin = stdin;
  }

  enter(): void {
    this.#stdin.setRawMode(true);
  }

  leave(): void {
    if (this.#stdin.isRaw) this.#stdin.setRawMode(false);
  }
}
