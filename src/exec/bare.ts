import type { Writable } from 'node:stream';
import { brokenOutputStatus } from '#domain/errors/exit-status.ts';
import type { Signals } from '#domain/ports/system-ports.ts';
import type { ReadyTarget } from '#domain/readiness/readiness.ts';
import { NewlineRepair } from '#envelope/newline-repair.ts';
import { ReplacementRepair } from '#envelope/replacement-repair.ts';
import type { ConnectionEnd, ConnectionListener } from '#session/connection-listener.ts';
import { OutputSink } from '#session/output-sink.ts';
import { ReaderLimit } from '#session/reader-limit.ts';
import { RemoteSession } from '#session/remote-session.ts';
import type { RetryPolicy } from '#session/retry.ts';
import { sessionEndError, statusNotReported } from '#session/session-end.ts';
import type { LinkOptions, SessionPorts } from '#session/session-options.ts';
import { UnansweredError } from '#session/start.ts';
import { Cancellation, watchEarlyEnd } from '#session/stop.ts';

interface BarePorts extends SessionPorts {
  readonly signals: Signals;
}

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
 * Runs a command without the envelope, for images without sh: one stream, as on a terminal except for the
 * line endings, and no status.
 *
 * @returns the status if ecsh itself was ended.
 * @throws EcshError `status-unknown` when the command has ended, or the reason why it could not run.
 */
export async function runBare(ports: BarePorts, options: BareOptions): Promise<number> {
  return new BareRun(ports, options).complete();
}

class BareRun implements ConnectionListener {
  readonly #ports: BarePorts;
  readonly #options: BareOptions;
  readonly #newlines = new NewlineRepair();
  readonly #replacements = new ReplacementRepair();
  readonly #sink: OutputSink;
  readonly #cancellation = new Cancellation();
  readonly #readerLimit: ReaderLimit;
  #session: RemoteSession | undefined;
  #stoppedWith: number | undefined;

  constructor(ports: BarePorts, options: BareOptions) {
    this.#ports = ports;
    this.#options = options;
    this.#readerLimit = new ReaderLimit(ports.clock);
    this.#sink = new OutputSink(options.stdout, {
      onFull: () => this.#session?.connection.pause(),
      onDrain: () => this.#session?.connection.resume(),
      onBroken: (error) => this.#stop(brokenOutputStatus(error)),
    });
  }

  async complete(): Promise<number> {
    const forget = watchEarlyEnd(this.#ports, this.#options.timeoutMs, ({ exitCode }) =>
      this.#stop(exitCode),
    );
    try {
      const end = await this.#runToEnd();
      if (this.#stoppedWith !== undefined) return this.#stoppedWith;
      if (end.kind !== 'closed' || end.output !== '') throw sessionEndError(end, true);
      throw statusNotReported(this.#options.target);
    } catch (error) {
      // Stopped before there was a session: the result is the stop, not the error that it caused.
      if (this.#stoppedWith === undefined || this.#session !== undefined) throw error;
      if (error instanceof UnansweredError) this.#options.onNotice(error.message);
      return this.#stoppedWith;
    } finally {
      forget();
      this.#readerLimit.cancel();
    }
  }

  onOutput(data: Uint8Array): void {
    this.#sink.write(this.#replacements.pass(this.#newlines.pass(data)));
  }

  onInputReady(): void {
    // The command gets no input.
  }

  onInputDrained(): void {
    // The command gets no input.
  }

  onNotice(text: string): void {
    this.#options.onNotice(text);
  }

  onDebug(text: string): void {
    this.#options.onDebug(text);
  }

  async #runToEnd(): Promise<ConnectionEnd> {
    const command = { ...this.#options, size: SIZE, cancellation: this.#cancellation };
    const session = await RemoteSession.start(this.#ports, command, this);
    this.#session = session;
    const end = await session.connection.ended;
    if (end.kind !== 'closed') await session.terminate();
    await this.#sink.close(this.#readerLimit.passed);
    return end;
  }

  #stop(exitCode: number): void {
    this.#stoppedWith ??= exitCode;
    this.#readerLimit.start();
    this.#cancellation.cancelOrForce();
    this.#session?.connection.close();
  }
}
