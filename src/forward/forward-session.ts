import type { EcshError } from '#domain/errors/errors.ts';
import type { PortDestination } from '#domain/port-forward.ts';
import type { Clock } from '#domain/ports/system-ports.ts';
import type { ReadyTarget } from '#domain/readiness/readiness.ts';
import { nameInArn } from '#domain/resolve/arn.ts';
import { serviceOf } from '#domain/resolve/selection.ts';
import { FlagValue } from '#protocol/payload.ts';
import { SmuxError } from '#protocol/smux/smux-frame.ts';
import type { ConnectionEnd, ConnectionListener } from '#session/connection-listener.ts';
import { pause } from '#session/pause.ts';
import { RemoteSession } from '#session/remote-session.ts';
import type { RetryPolicy } from '#session/retry.ts';
import { SILENCE_NOTICE, SILENCE_NOTICE_MS } from '#session/session-end.ts';
import type { LinkOptions, SessionPorts } from '#session/session-options.ts';
import { startSession } from '#session/start.ts';
import type { CancellationSignals } from '#session/stop.ts';
import { forwardEndError, notSmux, sessionSilent } from './forward-errors.ts';
import { ForwardStreams, type ForwardStreamsOptions } from './forward-streams.ts';
import type { LocalConnection } from './listener.ts';

export interface ForwardSessionOptions extends Omit<ForwardStreamsOptions, 'clock' | 'wire'> {
  readonly target: ReadyTarget;
  readonly destination: PortDestination;
  readonly retryPolicy: RetryPolicy;
  readonly link: LinkOptions;
  readonly cancellation: CancellationSignals;
  readonly onNotice: (text: string) => void;
  /** Called when the agent has been silent for some time; returns a reason if waiting is useless. */
  readonly onSilence: () => EcshError | undefined;
}

/** An agent that cannot start another session never answers. Milliseconds. */
const SILENCE_LIMIT_MS = 60_000;
const SETTLE_LIMIT_MS = 5_000;
const SETTLE_STEP_MS = 50;

/** One session to one port, and the local connections that it carries (PROTOCOL 7). */
export class ForwardSession implements ConnectionListener {
  readonly #options: ForwardSessionOptions;
  readonly #clock: Clock;
  readonly #streams: ForwardStreams;
  #remote: RemoteSession | undefined;
  #onInputTaken: () => void = () => undefined;
  #failure: EcshError | undefined;

  private constructor(options: ForwardSessionOptions, clock: Clock) {
    this.#options = options;
    this.#clock = clock;
    this.#streams = new ForwardStreams({ ...options, clock, wire: () => this.#remote?.connection });
  }

  /**
   * Opens a session. It is open when the agent accepts connections.
   *
   * @throws EcshError if StartSession or the websocket fails, or the session ends at once
   */
  static async open(ports: SessionPorts, options: ForwardSessionOptions): Promise<ForwardSession> {
    const { target, cancellation, link } = options;
    const started = await startPortSession(ports, options);
    ports.onPhase?.('StartSession answered');
    const session = new ForwardSession(options, ports.clock);
    const ready = session.#nextInputTaken();
    // KMS keys are for shells (PROTOCOL 6).
    const place = {
      target,
      size: undefined,
      cancellation,
      link: { ...link, clusterKeyId: undefined },
    };
    const remote = await RemoteSession.join(ports, started, place, session);
    session.#remote = remote;
    options.onDebug(`session ${remote.id}`);
    void remote.connection.ended.then(() => session.#streams.reset());
    await session.#untilReady(ready);
    return session;
  }

  get id(): string {
    return this.#openRemote.id;
  }

  /** Resolves with the reason of its end; `connection-lost` after `terminate`. */
  async untilEnd(): Promise<EcshError> {
    return this.#errorOf(await this.#openRemote.connection.ended);
  }

  /** Takes a local connection. */
  join(connection: LocalConnection): void {
    this.#streams.join(connection);
  }

  /** Resolves when the agent has all data that programs sent before they ended, or after 5 s. */
  async settle(): Promise<void> {
    const over = new AbortController();
    const isLate = pause(this.#clock, SETTLE_LIMIT_MS, over.signal);
    await Promise.race([this.#untilTaken(), isLate, this.#openRemote.connection.ended]);
    over.abort();
  }

  /** Ends the session (S-21). Never throws. */
  async terminate(): Promise<void> {
    this.#streams.reset();
    // For a caller without permission for TerminateSession. The plugin does only this (P muxportforwarding.go).
    this.#remote?.connection.sendFlag(FlagValue.terminateSession);
    await this.#remote?.terminate();
  }

  onOutput(data: Uint8Array): void {
    try {
      this.#streams.receive(data);
    } catch (error) {
      if (!(error instanceof SmuxError)) throw error;
      this.#fail(notSmux(error));
    }
  }

  onInputReady(): void {
    // Nothing is accepted before the agent can handle it: see `onInputTaken`.
  }

  onInputTaken(): void {
    this.#onInputTaken();
  }

  onInputDrained(): void {
    this.#streams.pump();
  }

  onFlag(flag: number): void {
    if (flag === FlagValue.connectToPortError) this.#streams.refuse();
  }

  onNotice(text: string): void {
    this.#options.onNotice(text);
  }

  onDebug(what: string): void {
    this.#options.onDebug(what);
  }

  async #untilTaken(): Promise<void> {
    do {
      // The last bytes of a program may not have reached us yet.
      await pause(this.#clock, SETTLE_STEP_MS);
      this.#streams.closeEnded();
      const taken = this.#nextInputTaken();
      this.#openRemote.connection.probe();
      await taken;
    } while (this.#streams.hasUnsent);
  }

  #nextInputTaken(): Promise<void> {
    return new Promise((resolve) => {
      this.#onInputTaken = resolve;
    });
  }

  async #untilReady(ready: Promise<void>): Promise<void> {
    const { cancellation } = this.#options;
    const { connection } = this.#openRemote;
    const giveUp = () => connection.close();
    const cancels = [
      this.#clock.after(SILENCE_NOTICE_MS, () => this.#onSilence()),
      this.#clock.after(SILENCE_LIMIT_MS, () => this.#fail(sessionSilent())),
    ];
    cancellation.signal.addEventListener('abort', giveUp);
    const end = await Promise.race([ready, connection.ended]);
    cancellation.signal.removeEventListener('abort', giveUp);
    for (const cancel of cancels) cancel();
    if (end === undefined) return;
    if (end.kind !== 'closed') await this.terminate();
    throw this.#errorOf(end);
  }

  #onSilence(): void {
    const { onSilence, onNotice } = this.#options;
    const error = onSilence();
    if (error === undefined) onNotice(SILENCE_NOTICE);
    else this.#fail(error);
  }

  get #openRemote(): RemoteSession {
    if (this.#remote === undefined) throw new Error('The session is not open.');
    return this.#remote;
  }

  #errorOf(end: ConnectionEnd): EcshError {
    return this.#failure ?? forwardEndError(end);
  }

  #fail(error: EcshError): void {
    this.#failure = error;
    this.#openRemote.connection.close();
  }
}

async function startPortSession(
  ports: SessionPorts,
  { target: { targetId, task }, destination, retryPolicy, cancellation }: ForwardSessionOptions,
) {
  const request = {
    ...destination,
    targetId,
    cluster: nameInArn(task.clusterArn),
    task: task.taskArn,
    service: serviceOf(task),
    taskStartedAt: task.startedAt,
  };
  const ssm = await ports.ssm();
  return startSession(ports, { retryPolicy, cancellation }, () => ssm.startPortSession(request));
}
