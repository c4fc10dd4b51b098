import { ExitStatus, signalStatus } from '../domain/exit-status.ts';
import { type Clock, END_SIGNALS, type EndSignal, type Signals } from '../domain/system-ports.ts';

/**
 * Calls `end` when a signal, or the time limit if there is one, ends a command before its time: with
 * what ecsh then exits with, and the signal that the command gets.
 *
 * @returns the function that stops watching
 */
export function watchEarlyEnd(
  { signals, clock }: { readonly signals: Signals; readonly clock: Clock },
  timeoutMs: number | undefined,
  end: (exitCode: number, signal: EndSignal) => void,
): () => void {
  const forget = END_SIGNALS.map((signal) =>
    signals.on(signal, () => end(signalStatus(signal), signal)),
  );
  if (timeoutMs !== undefined) {
    forget.push(clock.after(timeoutMs, () => end(ExitStatus.timeout, 'SIGTERM')));
  }
  return () => {
    for (const stop of forget) stop();
  };
}
