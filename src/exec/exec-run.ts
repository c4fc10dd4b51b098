import { randomBytes } from 'node:crypto';
import { EcshError } from '#domain/errors/errors.ts';
import { brokenOutputStatus, ExitStatus, signalStatus } from '#domain/errors/exit-status.ts';
import type { EndSignal } from '#domain/ports/system-ports.ts';
import { createEnvelope, type EnvelopeEvent, type EnvelopeFeatures } from '#envelope/envelope.ts';
import { environmentLines, GO, QUIT, signalLine } from '#envelope/envelope-input.ts';
import { EnvelopeReader } from '#envelope/envelope-reader.ts';
import { NumberedLines } from '#envelope/numbered-lines.ts';
import type { ConnectionEnd, ConnectionListener } from '#session/connection-listener.ts';
import { READER_LIMIT_MS } from '#session/reader-limit.ts';
import { RemoteSession } from '#session/remote-session.ts';
import { watchSilence } from '#session/silent-session.ts';
import { UnansweredError } from '#session/start.ts';
import type { StopReason } from '#session/stop.ts';
import { Cancellation, watchEarlyEnd } from '#session/stop.ts';
import { CommandReport } from './command-report.ts';
import {
  imageLacksTools,
  inputDamaged,
  inputUnreadable,
  stdinNeedsStty,
  userSwitchMissing,
  variableReadonly,
} from './exec-errors.ts';
import { ExecOutput } from './exec-output.ts';
import {
  type ExecRunOptions,
  type ExecRunPorts,
  type ExecRunResult,
  stoppedEarly,
} from './exec-run-options.ts';
import { RemoteStdin } from './remote-stdin.ts';
import { RemoteStop } from './remote-stop.ts';

/** This terminal is not shown anywhere, but some programs divide by its size. */
const SIZE = { cols: 80, rows: 24 };
/** Grace period after the command has exited while a child still holds its output open (ms). */
const QUIT_AFTER_MS = 100;
/** Checklist 41: how long to wait for the end of the session once the command has ended. */
const CLOSE_LIMIT_MS = 10_000;

/**
 * Runs one command without a terminal, through the envelope: exact streams, true status.
 *
 * A status that cannot be known is 255 and never 0.
 *
 * @throws EcshError when there was no session.
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
  readonly #nonce = randomBytes(8).toString('hex');
  readonly #reader = new EnvelopeReader(this.#nonce);
  readonly #report = new CommandReport();
  readonly #lines = new NumberedLines();
  readonly #output: ExecOutput;
  readonly #stop: RemoteStop;
  readonly #cancellation = new Cancellation();
  readonly #cleanups: (() => void)[] = [];
  #session: RemoteSession | undefined;
  #failure: EcshError | undefined;
  #goMessages: readonly string[] = [];
  #stdin: RemoteStdin | undefined;

  constructor(ports: ExecRunPorts, options: ExecRunOptions) {
    this.#ports = ports;
    this.#options = options;
    this.#output = new ExecOutput(options, {
      clock: ports.clock,
      pause: () => this.#session?.connection.pause(),
      resume: () => this.#session?.connection.resume(),
      send: (text) => this.#session?.connection.sendFirst(Buffer.from(text, 'latin1')),
      hasFlowControl: () => this.#report.features?.hasTerminalSettings ?? false,
      onBroken: (error) => this.#stopUnasked(brokenOutputStatus(error)),
    });
    this.#stop = new RemoteStop(ports.clock, options.killAfterMs, {
      signal: (signal) => this.#signal(signal),
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
      return { status: this.#report.status, sessionId: session.id, ...this.#outcome(end) };
    } catch (error) {
      // Stopped before there was a session: the stop, and not the error it caused, is the outcome.
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
    const wasEarly = this.#goMessages.length > 0 && this.#report.features === undefined;
    for (const event of this.#reader.read(data)) this.#handle(event);
    if (wasEarly) this.#goAgain();
  }

  onInputReady(): void {
    if (this.#mayGoEarly && this.#stop.reason === undefined) this.#go();
  }

  onInputDrained(): void {
    this.#stdin?.regulate();
  }

  onNotice(text: string): void {
    this.#options.onNotice(text);
  }

  onDebug(what: string): void {
    this.#options.onDebug(what);
  }

  #remoteCommand() {
    const { target, stdin, environment } = this.#options;
    const hasStdin = stdin !== undefined;
    const waits = hasStdin || Object.keys(environment).length > 0;
    return {
      target,
      argv: createEnvelope({ ...this.#options, nonce: this.#nonce, hasStdin, waits }),
      size: SIZE,
      cancellation: this.#cancellation,
      retryPolicy: this.#options.retryPolicy,
      link: this.#options.link,
      repeatsInput: true,
    };
  }

  #handle(event: EnvelopeEvent): void {
    this.#report.note(event);
    switch (event.type) {
      case 'begin':
        this.#begin(event.features);
        return;
      case 'started':
        this.#stop.started();
        return;
      case 'data':
        this.#output.write(event.stream, event.data);
        return;
      case 'end':
        this.#endWhenThrough();
        return;
      case 'taken':
        this.#stdin?.acknowledge(event.characters);
        return;
      case 'no-user-switch':
        this.#fail(userSwitchMissing());
        return;
      case 'variable-readonly':
        this.#fail(variableReadonly(event.name));
        return;
      case 'input-damaged':
        this.#fail(inputDamaged());
        return;
      case 'status':
        this.#stdin?.abandon();
        this.#endWhenThrough();
    }
  }

  #begin(features: EnvelopeFeatures): void {
    const { stdin, environment } = this.#options;
    if (features.output === 'none') {
      this.#fail(imageLacksTools());
      return;
    }
    if (stdin !== undefined && !features.hasTerminalSettings) {
      this.#fail(stdinNeedsStty());
      return;
    }
    const lines = environmentLines(environment);
    const waits = features.hasTerminalSettings || lines.length > 0 || stdin !== undefined;
    if (!waits) return;
    this.#go(lines);
    if (stdin === undefined) return;
    const how = { encoding: features.input, readsStdin: this.#options.readsStdin ?? false };
    this.#stdin = new RemoteStdin(stdin, how, {
      send: (input) => this.#send(input),
      hasRoom: () => this.#session?.connection.hasInputRoom ?? false,
      onBroken: (cause) => this.#loseInput(cause),
    });
  }

  /**
   * Values of variables and stdin wait for the first frame, since the terminal may echo an earlier line into the
   * session's log. What is not known of the cluster's key keeps all input back until then (S-2).
   */
  get #mayGoEarly(): boolean {
    const { stdin, environment, link } = this.#options;
    const needsMore = stdin !== undefined || Object.keys(environment).length > 0;
    return !needsMore && (link.isWithoutKey === true || link.clusterKeyId !== undefined);
  }

  /**
   * The command may begin: its session can be ended by now. Sent early, the line meets the envelope while the agent
   * still holds back all output (PROTOCOL 8.6), so the command runs in that second.
   */
  #go(environment: readonly string[] = []): void {
    if (this.#goMessages.length > 0) return;
    this.#goMessages = this.#lines.messages([...environment, GO]);
    for (const message of this.#goMessages) this.#sendMessage(message);
  }

  /** An agent may discard what comes early (S-2). The envelope drops what it has seen, by its number. */
  #goAgain(): void {
    const { features, pid } = this.#report;
    if (features?.hasTerminalSettings !== true || pid !== undefined) return;
    for (const message of this.#goMessages) this.#sendMessage(message);
  }

  /**
   * The command has ended: the session ends by itself, or we end it.
   * After a stop, processes that the command left behind have until SIGKILL to end.
   */
  #endWhenThrough(): void {
    if (!this.#report.isThrough || this.#stop.reason !== undefined) return;
    this.#after(QUIT_AFTER_MS, () => this.#send([QUIT]));
    this.#after(CLOSE_LIMIT_MS, () => this.#giveUp());
  }

  #outcome(end: ConnectionEnd): Pick<ExecRunResult, 'exitCode' | 'wasStopped' | 'failure'> {
    const stopped = this.#stop.reason;
    const { status } = this.#report;
    const whyUnknown = this.#report.whyUnknown(end, this.#reader.damaged());
    const failure = this.#failure ?? (stopped === undefined ? whyUnknown : undefined);
    const exitCode = failure?.exitCode ?? stopped?.exitCode ?? status;
    return {
      exitCode: exitCode ?? ExitStatus.failure,
      wasStopped: stopped !== undefined,
      failure,
    };
  }

  #signal(signal: EndSignal | 'SIGKILL'): boolean {
    const { pid } = this.#report;
    if (pid === undefined) return false;
    this.#send([signalLine(signal, pid)]);
    return true;
  }

  #loseInput(cause: Error): void {
    if (this.#stop.reason !== undefined) return;
    this.#failure = cause instanceof EcshError ? cause : inputUnreadable(cause);
    this.#stopUnasked(this.#failure.exitCode);
  }

  /** Ctrl-C ends the reader of our output as well, which must not count as a second request. */
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

  #send(lines: readonly string[]): void {
    for (const message of this.#lines.messages(lines)) this.#sendMessage(message);
  }

  #sendMessage(text: string): void {
    this.#session?.connection.send(Buffer.from(text, 'latin1'));
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
      isSilent: () => this.#report.features === undefined && this.#stop.reason === undefined,
      onNotice,
      onFailure: (error) => this.#fail(error),
    });
    this.#cleanups.push(cancel);
  }

  /** Before the session is joined, the first signal gives up, and a second one stops waiting at once. */
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
    this.#stdin?.close();
    for (const run of this.#cleanups) run();
    const giveUp = this.#stop.reason === undefined ? undefined : this.#readerLimit();
    await this.#output.close(giveUp);
  }

  /** After a signal, give a stalled reader at most two seconds. */
  #readerLimit(): Promise<void> {
    return new Promise((resolve) => this.#ports.clock.after(READER_LIMIT_MS, resolve));
  }
}
