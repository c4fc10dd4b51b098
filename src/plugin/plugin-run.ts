import type { Readable, Writable } from 'node:stream';
import { EcshError } from '#domain/errors/errors.ts';
import { ExitStatus, signalStatus } from '#domain/errors/exit-status.ts';
import { END_SIGNALS, type EndSignal, type Signals } from '#domain/ports/system-ports.ts';
import type { LocalTerminal } from '#domain/ports/terminal-ports.ts';
import type { Listen } from '#forward/listener.ts';
import { isMultiplexed, type SessionType } from '#protocol/handshake.ts';
import type { ConnectionEnd, ConnectionListener } from '#session/connection-listener.ts';
import { OutputSink } from '#session/output-sink.ts';
import { RemoteSession } from '#session/remote-session.ts';
import { sessionEndError } from '#session/session-end.ts';
import type { AdoptingPorts } from '#session/session-options.ts';
import { Cancellation } from '#session/stop.ts';
import type { StartedSession } from './plugin-request.ts';
import type { PluginSide, SidePorts } from './plugin-side.ts';
import { exiting, notStarted, starting, timedOut } from './plugin-texts.ts';
import { localEndOf, PortsSide } from './ports-side.ts';
import { StreamSide } from './stream-side.ts';
import { TerminalSide } from './terminal-side.ts';

export interface PluginPorts extends AdoptingPorts {
  readonly signals: Signals;
  readonly listen: Listen;
  readonly stdin: Readable;
  readonly stdout: Writable & { readonly columns?: number; readonly rows?: number };
  /** Undefined if stdin is not a terminal. */
  readonly keyboard: LocalTerminal | undefined;
}

export interface PluginRunOptions {
  readonly session: StartedSession;
  /** A message for the user on stderr. */
  readonly onNotice: (text: string) => void;
  readonly onFailure: (error: EcshError) => void;
  readonly onDebug: (text: string) => void;
}

/** The size of the real plugin without a terminal. Source: P shellsession.go. */
const SIZE_WITHOUT_TERMINAL = { cols: 300, rows: 100 };
const LINK = {
  clusterKeyId: undefined,
  allowsForeignKey: true,
  resumeLimitMs: 60_000,
  // Like the real plugin: users who want one set it in Session Manager.
  keepAliveMs: undefined,
  watchesTask: false,
};

/**
 * Joins a session that another program has started, like session-manager-plugin, until it ends.
 *
 * @returns 0 if it ended, with any status of the remote command, because the protocol has none (PROTOCOL 8.8);
 *   otherwise the status for the reason why it could not continue
 */
export function runPlugin(ports: PluginPorts, options: PluginRunOptions): Promise<number> {
  return new PluginRun(ports, options).complete();
}

class PluginRun implements ConnectionListener {
  readonly #ports: PluginPorts;
  readonly #options: PluginRunOptions;
  readonly #sink: OutputSink;
  readonly #cancellation = new Cancellation();
  /** Undefined until the session shows its type. */
  #side: PluginSide | undefined;
  #remote: RemoteSession | undefined;
  /** Stdout accepts no more for now. */
  #isFull = false;
  #exitCode: number | undefined;
  #failure: EcshError | undefined;

  constructor(ports: PluginPorts, options: PluginRunOptions) {
    this.#ports = ports;
    this.#options = options;
    this.#sink = new OutputSink(ports.stdout, {
      onFull: () => {
        this.#isFull = true;
        this.#remote?.connection.pause();
      },
      onDrain: () => {
        this.#isFull = false;
        this.#remote?.connection.resume();
      },
      onBroken: () => this.#stop(ExitStatus.brokenPipe),
    });
  }

  async complete(): Promise<number> {
    const { signals, keyboard } = this.#ports;
    const forget = END_SIGNALS.map((signal) => signals.on(signal, () => this.#heed(signal)));
    if (keyboard !== undefined) {
      forget.push(keyboard.onResize((size) => this.#remote?.connection.resize(size)));
    }
    this.#write(starting(this.#options.session.sessionId));
    try {
      const remote = await this.#adopt();
      return remote === undefined
        ? (this.#exitCode ?? ExitStatus.failure)
        : await this.#use(remote);
    } finally {
      for (const run of forget) run();
      await this.#sink.close();
    }
  }

  onOutput(data: Uint8Array): void {
    this.#shell().onOutput(data);
  }

  onSessionType(sessionType: SessionType): void {
    if (sessionType.name !== 'Port') this.#shell();
    else if (isMultiplexed(sessionType)) {
      this.#side = new PortsSide(this.#sidePorts(), localEndOf(sessionType.properties));
    } else this.#side = new StreamSide(this.#sidePorts());
  }

  onInputReady(): void {
    this.#shell().onInputReady();
  }

  onInputDrained(): void {
    this.#side?.onInputDrained();
  }

  onInputTaken(): void {
    this.#side?.onInputTaken();
  }

  onFlag(flag: number): void {
    this.#side?.onFlag(flag);
  }

  /** Printed within the output, like the real plugin, because tools look for it there. */
  onExitCode(exitCode: number): void {
    this.#write(`EXIT_CODE: ${exitCode}`);
  }

  onCustomerMessage(text: string): void {
    this.#write(`${text}\n`);
  }

  onNotice(text: string): void {
    this.#options.onNotice(text);
  }

  onDebug(what: string): void {
    this.#options.onDebug(what);
  }

  async #adopt(): Promise<RemoteSession | undefined> {
    const { session } = this.#options;
    const { columns = 0, rows = 0 } = this.#ports.stdout;
    const place = {
      targetId: session.targetId,
      size: columns > 0 && rows > 0 ? { cols: columns, rows } : SIZE_WITHOUT_TERMINAL,
      kind: 'any',
      cancellation: this.#cancellation,
      link: LINK,
    } as const;
    try {
      return await RemoteSession.adopt(this.#ports, session, place, this);
    } catch (error) {
      // Stopped before there was a session: the result is the stop, not the error that it caused.
      if (this.#exitCode === undefined) this.#reportNotStarted(error);
      return undefined;
    }
  }

  async #use(remote: RemoteSession): Promise<number> {
    this.#remote = remote;
    // Our first line may have filled it.
    if (this.#isFull) remote.connection.pause();
    const end = await remote.connection.ended;
    await this.#side?.close();
    if (end.kind !== 'closed') await remote.terminate();
    if (this.#failure !== undefined) {
      this.#reportNotStarted(this.#failure);
      return ExitStatus.ok;
    }
    return this.#exitCode ?? this.#report(end);
  }

  /** A session without a handshake is a shell's stream. */
  #shell(): PluginSide {
    this.#side ??= new TerminalSide(this.#sidePorts());
    return this.#side;
  }

  #sidePorts(): SidePorts {
    return {
      ...this.#ports,
      sessionId: this.#options.session.sessionId,
      connection: () => this.#remote?.connection,
      write: (data) => this.#write(data),
      stop: (exitCode) => this.#stop(exitCode),
      fail: (error) => this.#fail(error),
      onDebug: this.#options.onDebug,
    };
  }

  /** Until the remote side accepts input, Ctrl-C ends ecsh. */
  #heed(signal: EndSignal): void {
    if (this.#side === undefined) this.#stop(signalStatus(signal));
    else this.#side.onSignal(signal);
  }

  #stop(exitCode: number): void {
    this.#exitCode ??= exitCode;
    this.#cancellation.cancelOrForce();
    this.#remote?.connection.close();
  }

  #fail(error: EcshError): void {
    this.#failure ??= error;
    this.#remote?.connection.close();
  }

  #report(end: ConnectionEnd): number {
    const { sessionId } = this.#options.session;
    if (end.kind === 'closed') {
      this.#write(exiting(sessionId, end.output));
      return ExitStatus.ok;
    }
    const error = sessionEndError(end, true);
    if (error.code === 'session-over') {
      this.#write(timedOut(sessionId));
      return ExitStatus.ok;
    }
    this.#options.onFailure(error);
    return ExitStatus.failure;
  }

  #reportNotStarted(error: unknown): void {
    if (!(error instanceof EcshError)) throw error;
    this.#write(notStarted(error.message));
    if (error.hint !== undefined) this.#options.onNotice(error.hint);
  }

  #write(data: Uint8Array | string): void {
    this.#sink.write(typeof data === 'string' ? Buffer.from(data) : data);
  }
}
