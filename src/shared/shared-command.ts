import type { EcshError } from '#domain/errors/errors.ts';
import { brokenOutputStatus, ExitStatus, signalStatus } from '#domain/errors/exit-status.ts';
import type { Clock, EndSignal } from '#domain/ports/system-ports.ts';
import type { DispatcherEvent } from '#envelope/dispatched-command.ts';
import type { Dispatcher } from '#envelope/dispatcher.ts';
import type { Stream } from '#envelope/dispatcher-reader.ts';
import { inputUnreadable, variableReadonly } from '#exec/exec-errors.ts';
import { RemoteStop } from '#exec/remote-stop.ts';
import { OutputSink } from '#session/output-sink.ts';
import { StdinPump } from '#session/stdin-pump.ts';
import type { StopReason } from '#session/stop.ts';
import { commandUnkillable, faultError, statusLost } from './shared-errors.ts';
import type { SharedExecOptions, SharedResult } from './shared-options.ts';

/** Grace period after the command has exited while a child still holds its output open (ms). */
const MARK_AFTER_MS = 100;
const KILL_AFTER_MS = 5_000;
/** Time for a status to arrive after the end of the output, in a busy container (ms). */
const STATUS_LIMIT_MS = 10_000;
/** Time for a stalled reader to read the output of a stopped command (ms). */
const READER_LIMIT_MS = 2_000;

/** The session that a command runs in. */
export interface CommandPorts {
  readonly clock: Clock;
  readonly dispatcher: Dispatcher;
  readonly sessionId: string;
  /** Sends the queued messages of the dispatcher. */
  flush(): void;
  /** Whether the data channel accepts more input (S-11). */
  hasInputRoom(): boolean;
}

type EventOf = Exclude<DispatcherEvent, { readonly type: 'ready' }>;

/** One command of a shared session, from its request to its result. */
export class SharedCommand {
  readonly result: Promise<SharedResult>;
  readonly #ports: CommandPorts;
  readonly #options: SharedExecOptions;
  readonly #id: number;
  readonly #sinks: Readonly<Record<Stream, OutputSink>>;
  readonly #stop: RemoteStop;
  readonly #cleanups: (() => void)[] = [];
  #pump: StdinPump | undefined;
  #status: number | undefined;
  #failure: EcshError | undefined;
  #isSettled = false;
  #settle: (result: SharedResult) => void = () => undefined;

  constructor(
    ports: CommandPorts,
    argv: readonly string[],
    options: SharedExecOptions,
    isLogged: boolean,
  ) {
    this.#ports = ports;
    this.#options = options;
    this.result = new Promise((resolve) => {
      this.#settle = resolve;
    });
    this.#id = ports.dispatcher.run({
      argv,
      environment: options.env ?? {},
      directory: options.cwd,
      user: options.user,
      hasStdin: options.stdin !== undefined,
      isBulk: options.isBulk ?? false,
      mergesStderr: options.mergesStderr ?? false,
      isLogged,
    });
    this.#sinks = { stdout: this.#createSink('stdout'), stderr: this.#createSink('stderr') };
    this.#stop = new RemoteStop(ports.clock, options.killAfterMs ?? KILL_AFTER_MS, {
      signal: (signal) => this.#signal(signal),
      giveUp: () => void this.#finish(commandUnkillable()),
    });
    this.#openStdin();
  }

  get id(): number {
    return this.#id;
  }

  /** Ends the command. A second call sends SIGKILL at once. */
  stop(reason: StopReason): void {
    if (this.#isSettled) return;
    this.#stop.request(reason);
    this.#ports.flush();
  }

  /** Ends the command unless it is already being ended. */
  stopOnce(reason: StopReason): void {
    if (this.#stop.reason === undefined) this.stop(reason);
  }

  signal(name: string): void {
    if (!this.#isSettled && this.#ports.dispatcher.signal(this.#id, name)) this.#ports.flush();
  }

  handle(event: EventOf): void {
    switch (event.type) {
      case 'started':
        this.#options.onStarted?.();
        this.#stop.started();
        return;
      case 'data':
        this.#write(event.stream, event.data);
        return;
      case 'room':
        this.regulate();
        return;
      case 'status':
        this.#status = event.status;
        this.#pump?.close();
        this.#after(MARK_AFTER_MS, () => this.#ports.dispatcher.markEnd(this.#id));
        return;
      case 'status-due':
        this.#after(STATUS_LIMIT_MS, () => {
          if (this.#status === undefined) void this.#finish(statusLost());
        });
        return;
      case 'ended':
        this.#finishWhenEmpty();
        return;
      case 'empty':
        void this.#finish(undefined);
        return;
      case 'variable-readonly':
        this.#failure ??= variableReadonly(event.name);
        return;
      case 'fault':
        this.#failure ??= faultError(event.fault);
        if (event.fault === 'input-damaged' || event.fault === 'output-damaged') {
          this.#endUnasked(this.#failure.exitCode);
        }
    }
  }

  /** Reads stdin only while there is room on the whole path. */
  regulate(): void {
    if (this.#isSettled || this.#status !== undefined) return;
    if (this.#ports.dispatcher.hasRoom(this.#id) && this.#ports.hasInputRoom())
      this.#pump?.resume();
    else this.#pump?.pause();
  }

  /** The session has ended, and its running command with it. */
  lose(failure: EcshError): void {
    void this.#finish(failure);
  }

  #openStdin(): void {
    const { stdin } = this.#options;
    if (stdin === undefined) return;
    const { dispatcher } = this.#ports;
    if (stdin.errored) {
      this.#failure = inputUnreadable(stdin.errored);
      this.#endUnasked(ExitStatus.failure);
      return;
    }
    this.#pump = new StdinPump(stdin, {
      onData: (data) => {
        dispatcher.write(this.#id, data);
        this.#ports.flush();
        this.regulate();
      },
      onEnd: () => {
        dispatcher.endInput(this.#id);
        this.#ports.flush();
      },
      onBroken: (cause) => {
        this.#failure ??= inputUnreadable(cause);
        this.#endUnasked(ExitStatus.failure);
      },
    });
    this.regulate();
  }

  #createSink(stream: Stream): OutputSink {
    return new OutputSink(this.#options[stream], {
      onFull: () => this.#ports.dispatcher.hold(this.#id, stream),
      onDrain: () => {
        this.#ports.dispatcher.release(this.#id, stream);
        this.#ports.flush();
      },
      onBroken: (error) => this.#endUnasked(brokenOutputStatus(error)),
    });
  }

  #write(stream: Stream, data: Uint8Array): void {
    // On one terminal, both streams appear in the order in which they arrived.
    this.#sinks[stream === 'stdout' ? 'stderr' : 'stdout'].flush();
    this.#sinks[stream].write(data);
  }

  /** After a stop, leftover processes of the command can end until SIGKILL. */
  #finishWhenEmpty(): void {
    const { dispatcher } = this.#ports;
    const isAwaited = this.#stop.reason !== undefined && dispatcher.awaitEmpty(this.#id);
    if (!isAwaited) void this.#finish(undefined);
  }

  #endUnasked(exitCode: number): void {
    if (this.#status === undefined) this.stopOnce({ signal: 'SIGTERM', exitCode });
  }

  #signal(signal: EndSignal | 'SIGKILL'): boolean {
    const isSent = this.#ports.dispatcher.signal(this.#id, signal);
    this.#ports.flush();
    return isSent;
  }

  async #finish(failure: EcshError | undefined): Promise<void> {
    if (this.#isSettled) return;
    this.#isSettled = true;
    this.#stop.cancel();
    for (const cleanUp of this.#cleanups) cleanUp();
    this.#pump?.close();
    this.#ports.dispatcher.forget(this.#id);
    this.#ports.flush();
    const giveUp = this.#stop.reason === undefined ? undefined : this.#readerLimit();
    await Promise.all([this.#sinks.stdout.close(giveUp), this.#sinks.stderr.close(giveUp)]);
    this.#settle(this.#outcome(failure));
  }

  #outcome(lost: EcshError | undefined): SharedResult {
    const stopped = this.#stop.reason;
    const failure = this.#failure ?? (stopped === undefined ? lost : undefined);
    return {
      status: this.#status,
      exitCode: failure?.exitCode ?? stopped?.exitCode ?? this.#status ?? ExitStatus.failure,
      wasStopped: stopped !== undefined,
      sessionId: this.#ports.sessionId,
      failure,
    };
  }

  #after(milliseconds: number, run: () => void): void {
    const cancel = this.#ports.clock.after(milliseconds, () => {
      run();
      this.#ports.flush();
    });
    this.#cleanups.push(cancel);
  }

  #readerLimit(): Promise<void> {
    return new Promise((resolve) => this.#ports.clock.after(READER_LIMIT_MS, resolve));
  }
}

/** How a command ends when its `AbortSignal` aborts. */
export const ABORTED: StopReason = { signal: 'SIGTERM', exitCode: signalStatus('SIGTERM') };
