import { EcshError } from '#domain/errors/errors.ts';
import { brokenOutputStatus, ExitStatus, signalStatus } from '#domain/errors/exit-status.ts';
import type { ConnectionEnd, ConnectionListener } from '#session/connection-listener.ts';
import { READER_LIMIT_MS } from '#session/reader-limit.ts';
import { RemoteSession } from '#session/remote-session.ts';
import { watchSilence } from '#session/silent-session.ts';
import { UnansweredError } from '#session/start.ts';
import type { StopReason } from '#session/stop.ts';
import { Cancellation, watchEarlyEnd } from '#session/stop.ts';
import { EnvelopeDialog } from './envelope-dialog.ts';
import { inputUnreadable } from './exec-errors.ts';
import { ExecOutput } from './exec-output.ts';
import {
  type ExecRunOptions,
  type ExecRunPorts,
  type ExecRunResult,
  stoppedEarly,
} from './exec-run-options.ts';
import { RemoteStop } from './remote-stop.ts';

/** This terminal is not shown anywhere, but some programs divide by its size. */
const SIZE = { cols: 80, rows: 24 };
/** Grace period after the command has exited while a child still holds its output open (ms). */
const QUIT_AFTER_MS = 100;
/** Checklist 41: how long to wait for the end of the session once the command has ended. */
const CLOSE_LIMIT_MS = 10_000;

/**
 * Runs one command without a terminal through the envelope, with exact streams and its own status.
 *
 * An unknown status is 255 and never 0.
 *
 * @throws EcshError if there was no session.
 */
export async function runThroughEnvelope(
  ports: ExecRunPorts,
  options: ExecRunOptions,
): Promise<ExecRunResult> {
  const run = new ExecRun(ports, options);
  return run.complete();
}

class ExecRun implements ConnectionListener {
  readonly #ports: ExecRunPorts;
  readonly #options: ExecRunOptions;
  readonly #dialog: EnvelopeDialog;
  readonly #output: ExecOutput;
  readonly #stop: RemoteStop;
  readonly #cancellation = new Cancellation();
  readonly #cleanups: (() => void)[] = [];
  #session: RemoteSession | undefined;
  #failure: EcshError | undefined;

  constructor(ports: ExecRunPorts, options: ExecRunOptions) {
    this.#ports = ports;
    this.#options = options;
    this.#dialog = new EnvelopeDialog(options, {
      send: (input) => this.#session?.connection.send(input),
      hasInputRoom: () => this.#session?.connection.hasInputRoom ?? false,
      onData: (stream, data) => this.#output.write(stream, data),
      onStarted: () => this.#stop.started(),
      onComplete: () => this.#endWhenComplete(),
      onFailure: (failure) => this.#fail(failure),
      onInputBroken: (cause) => this.#loseInput(cause),
    });
    this.#output = new ExecOutput(options, {
      clock: ports.clock,
      pause: () => this.#session?.connection.pause(),
      resume: () => this.#session?.connection.resume(),
      send: (text) => this.#session?.connection.sendFirst(Buffer.from(text, 'latin1')),
      hasFlowControl: () => this.#dialog.report.features?.hasTerminalSettings ?? false,
      onBroken: (error) => this.#stopUnasked(brokenOutputStatus(error)),
    });
    this.#stop = new RemoteStop(ports.clock, options.killAfterMs, {
      signal: (signal) => this.#dialog.signal(signal),
      giveUp: () => this.#giveUp(),
    });
  }

  async complete(): Promise<ExecRunResult> {
    this.#watch();
    try {
      if (this.#stop.reason !== undefined) return stoppedEarly(this.#stop.reason);
      const session = await RemoteSession.start(this.#ports, this.#remoteCommand(), this);
      this.#session = session;
      this.#options.onDebug(`session ${session.id}`);
      this.#options.onSession?.(session.id);
      this.#watchSilence(session.id);
      const end = await session.connection.ended;
      if (end.kind !== 'closed') await session.terminate();
      return { status: this.#dialog.report.status, sessionId: session.id, ...this.#outcome(end) };
    } catch (error) {
      // Stopped before there was a session: the result is the stop, not the error that it caused.
      const stopped = this.#stop.reason;
      if (stopped === undefined || this.#session !== undefined) throw error;
      const mayHaveBegun = error instanceof UnansweredError;
      if (mayHaveBegun) this.#options.onNotice(error.message);
      return { ...stoppedEarly(stopped), mayHaveBegun };
    } finally {
      await this.#release();
    }
  }

  onOutput(data: Uint8Array): void {
    this.#output.note(data.length);
    this.#dialog.receive(data);
  }

  onInputReady(): void {
    if (this.#stop.reason === undefined) this.#dialog.onInputReady();
  }

  onInputDrained(): void {
    this.#dialog.onInputDrained();
  }

  onNotice(text: string): void {
    this.#options.onNotice(text);
  }

  onDebug(what: string): void {
    this.#options.onDebug(what);
  }

  #remoteCommand() {
    return {
      target: this.#options.target,
      argv: this.#dialog.argv,
      size: SIZE,
      cancellation: this.#cancellation,
      retryPolicy: this.#options.retryPolicy,
      link: this.#options.link,
      repeatsInput: true,
    };
  }

  /**
   * The command has ended: the session ends on its own, or ecsh ends it.
   * After a stop, remaining processes of the command have until SIGKILL to end.
   */
  #endWhenComplete(): void {
    if (this.#stop.reason !== undefined) return;
    this.#after(QUIT_AFTER_MS, () => this.#dialog.quit());
    this.#after(CLOSE_LIMIT_MS, () => this.#giveUp());
  }

  #outcome(end: ConnectionEnd): Pick<ExecRunResult, 'exitCode' | 'wasStopped' | 'failure'> {
    const stopped = this.#stop.reason;
    const statusError = this.#dialog.statusError(end);
    const failure = this.#failure ?? (stopped === undefined ? statusError : undefined);
    const exitCode = failure?.exitCode ?? stopped?.exitCode ?? this.#dialog.report.status;
    return {
      exitCode: exitCode ?? ExitStatus.failure,
      wasStopped: stopped !== undefined,
      failure,
    };
  }

  #loseInput(cause: Error): void {
    if (this.#stop.reason !== undefined) return;
    this.#failure = cause instanceof EcshError ? cause : inputUnreadable(cause);
    this.#stopUnasked(this.#failure.exitCode);
  }

  /** Ctrl-C also ends the reader of our output, which must not count as a second request. */
  #stopUnasked(exitCode: number): void {
    if (this.#stop.reason === undefined) this.#stop.request({ signal: 'SIGTERM', exitCode });
  }

  #fail(failure: EcshError): void {
    this.#failure = failure;
    this.#giveUp();
  }

  /** Closes the connection; `complete` then terminates the session. */
  #giveUp(): void {
    this.#cancellation.cancel();
    this.#session?.connection.close();
  }

  #watch(): void {
    const { timeoutMs, abort } = this.#options;
    const stop = (reason: StopReason) => this.#heed(reason);
    this.#cleanups.push(watchEarlyEnd(this.#ports, timeoutMs, stop));
    if (abort === undefined) return;
    const onAbort = () => {
      const reason = { signal: 'SIGTERM', exitCode: signalStatus('SIGTERM') } as const;
      if (this.#stop.reason === undefined) stop(reason);
    };
    if (abort.aborted) onAbort();
    abort.addEventListener('abort', onAbort);
    this.#cleanups.push(() => abort.removeEventListener('abort', onAbort));
  }

  #watchSilence(sessionId: string): void {
    const { target, retryPolicy, onNotice } = this.#options;
    const cancel = watchSilence({
      clock: this.#ports.clock,
      sessions: this.#ports.sessions,
      sessionId,
      targetId: target.targetId,
      waitMs: retryPolicy.waitMs,
      isSilent: () => this.#dialog.report.features === undefined && this.#stop.reason === undefined,
      onNotice,
      onFailure: (error) => this.#fail(error),
    });
    this.#cleanups.push(cancel);
  }

  /** Before the session is joined, the first signal cancels, and a second one stops waiting at once. */
  #heed(reason: StopReason): void {
    if (this.#cancellation.signal.aborted) {
      this.#cancellation.cancelOrForce();
      return;
    }
    this.#output.release();
    this.#stop.request(reason);
    if (this.#session === undefined) this.#giveUp();
  }

  #after(milliseconds: number, run: () => void): void {
    this.#cleanups.push(this.#ports.clock.after(milliseconds, run));
  }

  async #release(): Promise<void> {
    this.#stop.cancel();
    this.#dialog.close();
    for (const run of this.#cleanups) run();
    const giveUp = this.#stop.reason === undefined ? undefined : this.#readerLimit();
    await this.#output.close(giveUp);
  }

  /** After a signal, give a stalled reader at most two seconds. */
  #readerLimit(): Promise<void> {
    return new Promise((resolve) => this.#ports.clock.after(READER_LIMIT_MS, resolve));
  }
}
