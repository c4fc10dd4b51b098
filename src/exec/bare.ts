import type { Writable } from 'node:stream';
import { brokenOutputStatus } from '#domain/errors/exit-status.ts';
import type { Signals } from '#domain/ports/system-ports.ts';
import type { ReadyTarget } from '#domain/readiness/readiness.ts';
import { NewlineRepair } from '#envelope/newline-repair.ts';
import { ReplacementRepair } from '#envelope/replacement-repair.ts';
import { OutputSink } from '#session/output-sink.ts';
import { ReaderLimit } from '#session/reader-limit.ts';
import { RemoteSession } from '#session/remote-session.ts';
import type { RetryPolicy } from '#session/retry.ts';
import { sessionEndError, statusNotReported } from '#session/session-end.ts';
import type { LinkOptions, SessionPorts } from '#session/session-options.ts';
import { UnansweredError } from '#session/start.ts';
import { Cancellation, watchEarlyEnd } from '#session/stop.ts';

export interface BareOptions {
  readonly target: ReadyTarget;
  readonly argv: readonly string[];
  readonly stdout: Writable;
  readonly timeoutMs: number | undefined;
  readonly retryPolicy: RetryPolicy;
  readonly link: LinkOptions;
  readonly onNotice: (text: string) => void;
  readonly onDebug: (text: string) => void;
}

const SIZE = { cols: 80, rows: 24 };

/**
 * Runs a command as it is, for images without sh: one stream, as a terminal shows it but for the
 * ends of lines, and no status.
 *
 * @returns the status when ecsh itself was ended.
 * @throws EcshError `status-unknown` when the command has ended, or why it could not run.
 */
export async function runBare(
  ports: SessionPorts & { readonly signals: Signals },
  options: BareOptions,
): Promise<number> {
  const newlines = new NewlineRepair();
  const replacements = new ReplacementRepair();
  let session: RemoteSession | undefined;
  let stopped: number | undefined;
  const cancellation = new Cancellation();
  const readerLimit = new ReaderLimit(ports.clock);
  const stop = (exitCode: number) => {
    stopped ??= exitCode;
    readerLimit.start();
    cancellation.cancelOrForce();
    session?.connection.close();
  };
  const sink = new OutputSink(options.stdout, {
    onFull: () => session?.connection.pause(),
    onDrain: () => session?.connection.resume(),
    onBroken: (error) => stop(brokenOutputStatus(error)),
  });
  const forget = watchEarlyEnd(ports, options.timeoutMs, ({ exitCode }) => stop(exitCode));
  try {
    const { onNotice, onDebug } = options;
    const command = { ...options, size: SIZE, cancellation };
    session = await RemoteSession.start(ports, command, {
      onOutput: (data) => sink.write(replacements.pass(newlines.pass(data))),
      onInputReady: () => undefined,
      onInputDrained: () => undefined,
      onNotice,
      onDebug,
    });
    const end = await session.connection.ended;
    if (end.kind !== 'closed') await session.terminate();
    await sink.close(readerLimit.passed);
    if (stopped !== undefined) return stopped;
    if (end.kind !== 'closed' || end.output !== '') throw sessionEndError(end, true);
    throw statusNotReported(options.target);
  } catch (error) {
    // Stopped before there was a session: the stop, and not the error it caused, is the outcome.
    if (stopped === undefined || session !== undefined) throw error;
    if (error instanceof UnansweredError) options.onNotice(error.message);
    return stopped;
  } finally {
    forget();
    readerLimit.cancel();
  }
}
