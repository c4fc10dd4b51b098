import { Writable } from 'node:stream';
import type { EcshError } from '#domain/errors/errors.ts';
import { describeDestination, type PortDestination } from '#domain/port-forward.ts';
import type { Clock } from '#domain/ports/system-ports.ts';
import type { CommandEnd, CommandSession } from './command-session.ts';
import { ConnectionStreams } from './connection-streams.ts';
import { type Dialer, dialCommands, refusalIn, saysConnected } from './dialers.ts';
import { mayReopen } from './forward-errors.ts';
import type { LocalConnection } from './listener.ts';
import type { TunnelListener } from './route.ts';

export interface ExecConnectionOptions {
  readonly clock: Clock;
  readonly session: CommandSession;
  readonly dialer: Dialer;
  readonly destination: PortDestination;
  readonly local: LocalConnection;
  readonly listener: TunnelListener & {
    /** With the reason if no other connection is possible either. */
    onEnded(error: EcshError | undefined): void;
  };
  readonly onDebug: (text: string) => void;
}

/** The time limit for a host to answer; milliseconds. */
const CONNECT_LIMIT_MS = 30_000;
/** A far side that cannot be half-closed may stay silent this long after our end, as in `ForwardStream`; milliseconds. */
const ANSWER_LIMIT_MS = 30_000;
const KILL_AFTER_MS = 500;
/** A dialer writes one line; longer text is cut. */
const MAX_COMPLAINTS = 4_096;

/** One connection, and the program in the container for it. */
export class ExecConnection {
  /** Resolves when both sides have ended. */
  readonly ended: Promise<void>;
  readonly #options: ExecConnectionOptions;
  readonly #streams: ConnectionStreams;
  readonly #abort = new AbortController();
  #complaints = '';
  #isConnected = false;
  #isTimedOut = false;
  /** The program has ended its input. */
  #isAwaiting = false;
  #cancelTimer: () => void;

  constructor(options: ExecConnectionOptions) {
    const { clock, dialer, destination, local } = options;
    this.#options = options;
    this.#streams = new ConnectionStreams(local, {
      clock,
      onEnd: () => this.#awaitAnswer(),
      onClose: () => this.#abort.abort(),
      onOutput: () => this.#onOutput(),
    });
    this.#cancelTimer = clock.after(CONNECT_LIMIT_MS, () => {
      this.#isTimedOut = true;
      this.#abort.abort();
    });
    this.ended = this.#dial(dialCommands(dialer, destination)).then((end) => this.#finish(end));
  }

  /** ecsh is exiting. */
  reset(): void {
    this.#streams.reset();
    this.#abort.abort();
  }

  /** @returns the end of the connection, or of the last attempt */
  async #dial(commands: readonly (readonly string[])[]): Promise<CommandEnd> {
    const { session } = this.#options;
    const { stdin, stdout } = this.#streams;
    let end: CommandEnd = { status: undefined, failure: undefined, sessionId: undefined };
    for (const argv of commands) {
      end = await session.start(argv, {
        stdin,
        stdout,
        stderr: new Writable({ write: (chunk: Buffer, _e, done) => this.#note(chunk, done) }),
        signal: this.#abort.signal,
        killAfterMs: KILL_AFTER_MS,
      }).ended;
      const mayTryNext = !this.#isConnected && end.status !== 0 && end.failure === undefined;
      if (!mayTryNext || this.#abort.signal.aborted) break;
    }
    return end;
  }

  #note(chunk: Buffer, done: () => void): void {
    this.#complaints = (this.#complaints + chunk).slice(0, MAX_COMPLAINTS);
    if (this.#complaints.split('\n').some(saysConnected)) this.#connected();
    done();
  }

  #onOutput(): void {
    this.#connected();
    if (this.#isAwaiting) this.#awaitAnswer();
  }

  #connected(): void {
    if (this.#isConnected) return;
    this.#isConnected = true;
    this.#cancelTimer();
    this.#options.listener.onConnected();
    this.#streams.start();
  }

  /** The program has ended its input. If the dialer cannot report this, the remote side may wait forever. */
  #awaitAnswer(): void {
    this.#isAwaiting = true;
    if (this.#options.dialer.closesHalf) return;
    this.#cancelTimer();
    this.#cancelTimer = this.#options.clock.after(ANSWER_LIMIT_MS, () => this.#abort.abort());
  }

  #finish({ status, failure }: CommandEnd): void {
    this.#cancelTimer();
    const { listener, destination, onDebug } = this.#options;
    // A remote side that closes at once may have gone before the dialer reports the connection.
    if (status === 0) this.#connected();
    if (this.#isConnected) {
      if (status === 0 || this.#isAwaiting) this.#streams.finish();
      else this.#streams.reset();
    } else {
      const why = this.#isTimedOut ? 'timed-out' : refusalIn(this.#complaints);
      onDebug(`${describeDestination(destination)}: ${why} ${this.#complaints.trim()}`);
      listener.onRefused(why);
    }
    const isFatal = failure !== undefined && !this.#isConnected && !mayReopen(failure);
    listener.onEnded(isFatal ? failure : undefined);
  }
}
