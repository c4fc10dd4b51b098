import { ExitStatus, signalStatus } from '#domain/errors/exit-status.ts';
import { type Clock, END_SIGNALS, type Signals } from '#domain/ports/system-ports.ts';
import type { StopReason } from '#exec/remote-stop.ts';

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
