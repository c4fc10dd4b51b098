import { randomBytes } from 'node:crypto';
import type { Readable, Writable } from 'node:stream';
import type { EcshError } from '#domain/errors/errors.ts';
import { ExitStatus } from '#domain/errors/exit-status.ts';
import type { Signals } from '#domain/ports/system-ports.ts';
import type { LocalTerminal } from '#domain/ports/terminal-ports.ts';
import { environmentLines, GO } from '#envelope/envelope-input.ts';
import { NumberedLines } from '#envelope/numbered-lines.ts';
import { TerminalCommandReader } from '#envelope/terminal-command.ts';
import { inputDamaged } from '#exec/exec-errors.ts';
import type { ConnectionEnd, ConnectionListener } from '#session/connection-listener.ts';
import { OutputSink } from '#session/output-sink.ts';
import { ReaderLimit } from '#session/reader-limit.ts';
import { RemoteSession } from '#session/remote-session.ts';
import type { RetryPolicy } from '#session/retry.ts';
import { sessionEndError, statusNotReported } from '#session/session-end.ts';
import type { LinkOptions, SessionPorts } from '#session/session-options.ts';
import { watchSilence } from '#session/silent-session.ts';
import { UnansweredError } from '#session/start.ts';
import { Cancellation, watchEarlyEnd } from '#session/stop.ts';
import {
  awaitsVariables,
  type InteractiveCommand,
  interactiveArgv,
  runsBare,
} from './interactive-command.ts';
import { TypedInput } from './typed-input.ts';

export interface InteractivePorts extends SessionPorts {
  readonly signals: Signals;
  readonly terminal: LocalTerminal;
}

export interface InteractiveOptions extends InteractiveCommand {
  /** Milliseconds from now on; undefined: none. */
  readonly timeoutMs: number | undefined;
  /** Undefined: ecsh does not read the keyboard, and Ctrl-C ends the session. */
  readonly stdin: Readable | undefined;
  readonly stdout: Writable;
  /** One character, the escape key; undefined: none. */
  readonly escapeKey: string | undefined;
  readonly retryPolicy: RetryPolicy;
  readonly link: LinkOptions;
  readonly onNotice: (text: string) => void;
  readonly onDebug: (text: string) => void;
}

/** How long to wait for the end of the session after the program's status (ms). */
const CLOSE_LIMIT_MS = 10_000;

/**
 * Runs a command, or a shell, on the user's terminal.
 *
 * @returns the exit status.
 * @throws EcshError if the status is unknown; the terminal has been restored by then.
 */
export async function runInteractive(
  ports: InteractivePorts,
  options: InteractiveOptions,
): Promise<number> {
  return new InteractiveRun(ports, options).complete();
}

class InteractiveRun implements ConnectionListener {
  readonly #ports: InteractivePorts;
  readonly #options: InteractiveOptions;
  readonly #nonce = randomBytes(12).toString('hex');
  readonly #reader = new TerminalCommandReader(this.#nonce);
  readonly #sink: OutputSink;
  readonly #typed: TypedInput;
  readonly #cancellation = new Cancellation();
  readonly #readerLimit: ReaderLimit;
  readonly #cleanups: (() => void)[] = [];
  #session: RemoteSession | undefined;
  #exitCode: number | undefined;
  #failure: EcshError | undefined;
  #hasBegun = false;
  #hasSentVariables = false;
  #isThrough = false;
  #isInputReady = false;

  constructor(ports: InteractivePorts, options: InteractiveOptions) {
    this.#ports = ports;
    this.#options = options;
    this.#readerLimit = new ReaderLimit(ports.clock);
    this.#sink = new OutputSink(options.stdout, {
      onFull: () => this.#session?.connection.pause(),
      onDrain: () => this.#session?.connection.resume(),
      onBroken: () => this.#stop(ExitStatus.brokenPipe),
    });
    this.#typed = new TypedInput(options.escapeKey, {
      send: (data) => this.#send(data),
      stop: (exitCode) => this.#stop(exitCode),
      suspend: () => ports.terminal.suspend(),
      onNotice: options.onNotice,
    });
  }

  async complete(): Promise<number> {
    const { timeoutMs } = this.#options;
    this.#cleanups.push(
      watchEarlyEnd(this.#ports, timeoutMs, ({ exitCode }) => this.#stop(exitCode)),
    );
    try {
      const end = await this.#runOnTerminal();
      if (this.#exitCode !== undefined) return this.#exitCode;
      if (this.#failure !== undefined) throw this.#failure;
      if (this.#reader.isDamaged) throw inputDamaged();
      if (this.#reader.status !== undefined) return this.#reader.status;
      throw this.#endError(end);
    } catch (error) {
      if (this.#exitCode === undefined) throw error;
      if (error instanceof UnansweredError) this.#options.onNotice(error.message);
      return this.#exitCode;
    } finally {
      for (const run of this.#cleanups) run();
      await this.#closeOutput();
      this.#readerLimit.cancel();
    }
  }

  onOutput(data: Uint8Array): void {
    this.#hasBegun = true;
    const visible = this.#reader.read(data);
    if (visible.length > 0) this.#sink.write(visible);
    this.#endWhenThrough();
    if (!this.#reader.takeWaiting()) return;
    const lines = [...environmentLines(this.#options.environment), GO];
    for (const message of new NumberedLines().messages(lines)) {
      this.#session?.connection.send(Buffer.from(message, 'latin1'));
    }
    this.#hasSentVariables = true;
    this.#openInput();
  }

  onInputReady(): void {
    this.#isInputReady = true;
    this.#openInput();
  }

  onInputDrained(): void {
    this.#typed.resume();
  }

  onNotice(text: string): void {
    this.#options.onNotice(text);
  }

  onDebug(what: string): void {
    this.#options.onDebug(what);
  }

  async #runOnTerminal(): Promise<ConnectionEnd> {
    const { terminal } = this.#ports;
    const session = await RemoteSession.start(this.#ports, this.#remoteCommand(), this);
    this.#session = session;
    this.#options.onDebug(`session ${session.id}`);
    this.#watchSilence(session);
    this.#cleanups.push(terminal.onResize((size) => session.connection.resize(size)));
    const { stdin } = this.#options;
    const end =
      stdin === undefined
        ? await this.#untilEnd(session)
        : await terminal.raw(() => {
            this.#typed.start(stdin);
            return this.#untilEnd(session);
          });
    if (end.kind !== 'closed') await session.terminate();
    return end;
  }

  /** The program has ended: the session ends on its own, or ecsh ends it. */
  #endWhenThrough(): void {
    if (this.#isThrough || this.#reader.status === undefined) return;
    this.#isThrough = true;
    const end = () => this.#session?.connection.close();
    this.#cleanups.push(this.#ports.clock.after(CLOSE_LIMIT_MS, end));
  }

  /** Output first, then the terminal's mode, then messages (S-18). */
  async #untilEnd(session: RemoteSession): Promise<ConnectionEnd> {
    const end = await session.connection.ended;
    this.#typed.close();
    this.#sink.write(this.#reader.flush());
    await this.#closeOutput();
    return end;
  }

  #endError(end: ConnectionEnd): EcshError {
    const isOrdinary = end.kind === 'closed' && end.output === '';
    if (!isOrdinary || !runsBare(this.#options)) return sessionEndError(end, this.#hasBegun);
    return statusNotReported(this.#options.target);
  }

  #remoteCommand() {
    const { target, retryPolicy, link } = this.#options;
    const size = this.#ports.terminal.size();
    const argv = interactiveArgv(this.#options, { nonce: this.#nonce, size });
    return { target, argv, size, cancellation: this.#cancellation, retryPolicy, link };
  }

  /** The script reports at once that it runs, so silence means that nothing runs. */
  #watchSilence(session: RemoteSession): void {
    if (runsBare(this.#options)) return;
    const { target, retryPolicy, onNotice } = this.#options;
    const cancel = watchSilence({
      clock: this.#ports.clock,
      sessions: this.#ports.sessions,
      sessionId: session.id,
      targetId: target.targetId,
      waitMs: retryPolicy.waitMs,
      isSilent: () => !this.#hasBegun && this.#exitCode === undefined,
      onNotice,
      onFailure: (error) => {
        this.#failure = error;
        session.connection.close();
      },
    });
    this.#cleanups.push(cancel);
  }

  /** Typed-ahead input must not end up among the variables. */
  #openInput(): void {
    if (this.#isInputReady && (!awaitsVariables(this.#options) || this.#hasSentVariables))
      this.#typed.open();
  }

  #send(data: Uint8Array): void {
    const connection = this.#session?.connection;
    connection?.send(data);
    if (connection?.hasInputRoom === false) this.#typed.pause();
  }

  async #closeOutput(): Promise<void> {
    await this.#sink.close(this.#readerLimit.passed);
  }

  /** Ends the session locally: the agent kills the command and hangs up its terminal. */
  #stop(exitCode: number): void {
    this.#exitCode ??= exitCode;
    this.#readerLimit.start();
    this.#cancellation.cancelOrForce();
    this.#session?.connection.close();
  }
}
