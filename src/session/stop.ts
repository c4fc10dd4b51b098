import { ExitStatus, signalStatus } from '#domain/errors/exit-status.ts';
import {
  type Clock,
  END_SIGNALS,
  type EndSignal,
  type Signals,
} from '#domain/ports/system-ports.ts';

/** Why a command is ended early. */
export interface StopReason {
  /** Sent first. */
  readonly signal: EndSignal;
  /** The exit status of ecsh itself. */
  readonly exitCode: number;
}

/** Signals that cancel the steps of a session. */
export interface CancellationSignals {
  /** First request: end a session that may have begun, which takes a few seconds at most. */
  readonly signal: AbortSignal;
  /** Second request: exit at once; the guard ends the rest. */
  readonly forced: AbortSignal;
}

/** Cancels in two steps, like Ctrl-C twice: gracefully, then by force. */
export class Cancellation implements CancellationSignals {
  readonly #requested = new AbortController();
  readonly #forced = new AbortController();

  get signal(): AbortSignal {
    return this.#requested.signal;
  }

  get forced(): AbortSignal {
    return this.#forced.signal;
  }

  cancel(): void {
    this.#requested.abort();
  }

  /** Like `cancel`, but by force the second time. */
  cancelOrForce(): void {
    (this.#requested.signal.aborted ? this.#forced : this.#requested).abort();
  }
}

/**
 * Calls `stop` when a signal, or the time limit if there is one, ends a command early. A time limit
 * after a signal has no effect, because a second call would mean SIGKILL.
 *
 * @returns the function that stops watching
 */
export function watchEarlyEnd(
  { signals, clock }: { readonly signals: Signals; readonly clock: Clock },
  timeoutMs: number | undefined,
  stop: (reason: StopReason) => void,
): () => void {
  let isEnding = false;
  const forget = END_SIGNALS.map((signal) =>
    signals.on(signal, () => {
      isEnding = true;
      stop({ signal, exitCode: signalStatus(signal) });
    }),
  );
  if (timeoutMs !== undefined) {
    const reason: StopReason = { signal: 'SIGTERM', exitCode: ExitStatus.timeout };
    forget.push(clock.after(timeoutMs, () => !isEnding && stop(reason)));
  }
  return () => {
    for (const run of forget) run();
  };
}
