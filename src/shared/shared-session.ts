import { EcshError } from '#domain/errors/errors.ts';
import { ExitStatus } from '#domain/errors/exit-status.ts';
import { runThroughEnvelope } from '#exec/exec-run.ts';
import { stoppedEarly } from '#exec/exec-run-options.ts';
import type { StopReason } from '#session/stop.ts';
import { Cancellation } from '#session/stop.ts';
import { SharedChannel } from './shared-channel.ts';
import { ABORTED, type SharedCommand } from './shared-command.ts';
import { sharedSessionClosed } from './shared-errors.ts';
import {
  notRun,
  type RunningCommand,
  type SharedExecOptions,
  type SharedPorts,
  type SharedResult,
  type SharedSessionOptions,
} from './shared-options.ts';

const KILL_AFTER_MS = 5_000;

/**
 * One ECS Exec session that carries any number of commands at once, each with exact streams, a true end of
 * input, its own status and signals.
 *
 * The session opens for the first command. If it is lost or terminated, its commands end with 255 and `failure`, and
 * the next command opens another session. If the image cannot share (no stty, dd, base64 or od, /proc, job control),
 * each command gets a separate session, with the same guarantees.
 *
 * Close it, or the session stays open for as long as the program runs.
 */
export class SharedSession {
  readonly #ports: SharedPorts;
  readonly #options: SharedSessionOptions;
  readonly #cancellation = new Cancellation();
  #opening: Promise<SharedChannel | undefined> | undefined;
  #channel: SharedChannel | undefined;
  #isUnable: boolean;
  #isClosed = false;
  #running = 0;
  #cancelIdle: () => void = () => undefined;

  constructor(ports: SharedPorts, options: SharedSessionOptions) {
    this.#ports = ports;
    this.#options = options;
    this.#isUnable = options.isRefused ?? false;
  }

  /** False if every command gets a separate session. */
  get isShared(): boolean {
    return !this.#isUnable;
  }

  /** Opens the session before the first command needs it. That command reports a failure. */
  prepare(): void {
    if (!this.#isUnable) this.#open().catch(() => undefined);
  }

  /**
   * Runs a command to its end. Commands may run at the same time.
   *
   * @param argv program and arguments; no shell is involved
   * @returns `status` if the command reported one; otherwise `failure` explains why. Never rejects.
   */
  exec(argv: readonly string[], options: SharedExecOptions): Promise<SharedResult> {
    return this.start(argv, options).ended;
  }

  /** Like `exec`, but can signal the command while it runs. */
  start(argv: readonly string[], options: SharedExecOptions): RunningCommand {
    const run = new CommandStart(options.signal);
    return {
      ended: this.#run(argv, options, run),
      signal: (name) => run.signal(name),
      stop: (reason) => run.insist(reason),
    };
  }

  /** Ends the session; commands that still run end with it. Never rejects. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#cancelIdle();
    if (this.#channel === undefined) this.#cancellation.cancel();
    const channel = await this.#opening?.catch(() => undefined);
    await channel?.close();
  }

  async #run(
    argv: readonly string[],
    options: SharedExecOptions,
    run: CommandStart,
  ): Promise<SharedResult> {
    this.#running += 1;
    this.#cancelIdle();
    const cancelLimit =
      options.timeoutMs === undefined
        ? undefined
        : this.#ports.clock.after(options.timeoutMs, () => run.stop(TIMED_OUT));
    try {
      return await this.#attempt(argv, options, run);
    } catch (error) {
      if (error instanceof EcshError) return notRun(error);
      throw error;
    } finally {
      cancelLimit?.();
      run.release();
      this.#running -= 1;
      this.#closeWhenIdle();
    }
  }

  async #attempt(
    argv: readonly string[],
    options: SharedExecOptions,
    run: CommandStart,
  ): Promise<SharedResult> {
    if (this.#isClosed) throw sharedSessionClosed();
    if (run.reason !== undefined) return stoppedEarly(run.reason);
    const channel = this.#isUnable ? undefined : await Promise.race([this.#open(), run.stopped]);
    // The command was stopped while the session was being opened; opening continues for the others.
    if (run.reason !== undefined) return stoppedEarly(run.reason);
    if (channel === undefined) return this.#runAlone(argv, options, run);
    const command = channel.run(argv, options);
    run.begin(command);
    return command.result;
  }

  /** @returns undefined if the image cannot share */
  #open(): Promise<SharedChannel | undefined> {
    if (this.#channel?.isOpen) return Promise.resolve(this.#channel);
    this.#opening ??= this.#openChannel().finally(() => {
      if (this.#channel === undefined) this.#opening = undefined;
    });
    return this.#opening;
  }

  async #openChannel(): Promise<SharedChannel | undefined> {
    const start = await SharedChannel.open(this.#ports, this.#options, this.#cancellation);
    if (start.kind === 'unable') {
      this.#isUnable = true;
      this.#options.onDebug('the image cannot share a session: one session for each command');
      return undefined;
    }
    const { channel } = start;
    this.#channel = channel;
    void channel.ended.then(() => {
      this.#channel = undefined;
      this.#opening = undefined;
    });
    return channel;
  }

  #runAlone(
    argv: readonly string[],
    options: SharedExecOptions,
    run: CommandStart,
  ): Promise<SharedResult> {
    const { stdin, stdout, stderr, env = {}, cwd, user, killAfterMs = KILL_AFTER_MS } = options;
    return runThroughEnvelope(this.#ports, {
      ...this.#options,
      argv,
      stdin,
      stdout,
      stderr,
      environment: env,
      directory: cwd,
      user,
      mergesStderr: options.mergesStderr ?? false,
      prefersRaw: this.#options.isLogged,
      // `#run` counts the time from the call on.
      timeoutMs: undefined,
      killAfterMs,
      abort: run.aborted,
    }).then((result) => run.explain(result));
  }

  #closeWhenIdle(): void {
    const { idleMs } = this.#options;
    if (idleMs === undefined || this.#running > 0 || this.#channel === undefined) return;
    this.#cancelIdle = this.#ports.clock.after(idleMs, () => void this.#channel?.close());
  }
}

const TIMED_OUT: StopReason = { signal: 'SIGTERM', exitCode: ExitStatus.timeout };

/** A command from the call on. It can be stopped before there is a session. */
class CommandStart {
  /** Resolves when the command is stopped. */
  readonly stopped: Promise<undefined>;
  readonly #abort: AbortSignal | undefined;
  readonly #onAbort = () => this.stop(ABORTED);
  readonly #alone = new AbortController();
  #command: SharedCommand | undefined;
  #reason: StopReason | undefined;
  #tell: (nothing: undefined) => void = () => undefined;

  constructor(abort: AbortSignal | undefined) {
    this.#abort = abort;
    this.stopped = new Promise((resolve) => {
      this.#tell = resolve;
    });
    if (abort?.aborted) this.#onAbort();
    abort?.addEventListener('abort', this.#onAbort);
  }

  get reason(): StopReason | undefined {
    return this.#reason;
  }

  /** Aborts a separate session of the command. */
  get aborted(): AbortSignal {
    return this.#alone.signal;
  }

  begin(command: SharedCommand): void {
    this.#command = command;
  }

  stop(reason: StopReason): void {
    this.#reason ??= reason;
    this.#tell(undefined);
    this.#alone.abort();
    this.#command?.stopOnce(reason);
  }

  /** Like `stop`, but a second call sends SIGKILL at once. */
  insist(reason: StopReason): void {
    if (this.#reason === undefined) this.stop(reason);
    else this.#command?.stop(reason);
  }

  signal(name: string): void {
    this.#command?.signal(name);
  }

  /** A command in a separate session is stopped by an abort, which has no exit code: insert the real reason. */
  explain(result: SharedResult): SharedResult {
    if (!result.wasStopped || this.#reason === undefined) return result;
    return { ...result, exitCode: this.#reason.exitCode };
  }

  release(): void {
    this.#abort?.removeEventListener('abort', this.#onAbort);
  }
}
