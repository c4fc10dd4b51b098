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

/** Signals that the steps of starting and running a session watch. */
export interface CancellationSignals {
  /** First request: end what may have begun, which takes a few seconds at most. */
  readonly signal: AbortSignal;
  /** Second request: exit at once; the guard ends what is left. */
  readonly forced: AbortSignal;
}

/** Cancels in two steps, as Ctrl-C and Ctrl-C again: gracefully, then by force. */
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

  /** As `cancel`; the second time, forced. */
  cancelOrForce(): void {
    (this.#requested.signal.aborted ? this.#forced : this.#requested).abort();
  }
}

/**
 * Calls `stop` when a signal, or the time limit if there is one, ends a command before its time. A limit
 * that passes after a signal changes nothing: a second call would mean SIGKILL.
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
