import { nameInArn } from '../domain/arn.ts';
import type { EcshError } from '../domain/errors.ts';
import type { PortDestination } from '../domain/port-forward.ts';
import type { Clock, LocalConnection } from '../domain/ports.ts';
import type { ReadyTarget } from '../domain/readiness.ts';
import { serviceOf } from '../domain/selection.ts';
import { FlagValue } from '../protocol/payload.ts';
import { SmuxError } from '../protocol/smux-frame.ts';
import { type SmuxEvent, SmuxSession } from '../protocol/smux-session.ts';
import type { ConnectionEnd, ConnectionListener } from './connection.ts';
import { forwardEndError, notSmux, sessionSilent } from './forward-errors.ts';
import { ForwardStream } from './forward-stream.ts';
import { pause } from './pause.ts';
import { type Patience, withPatience } from './ready-target.ts';
import {
  type LinkOptions,
  RemoteSession,
  type SessionPorts,
  YOUNG_AGENT_WAIT_MS,
} from './remote-session.ts';
import { SILENCE_NOTICE, SILENCE_NOTICE_MS } from './session-end.ts';

export interface ForwardSessionOptions {
  readonly target: ReadyTarget;
  readonly destination: PortDestination;
  readonly patience: Patience;
  readonly link: LinkOptions;
  readonly signal: AbortSignal;
  readonly onNotice: (text: string) => void;
  readonly onDebug: (text: string) => void;
  /** The agent could not connect to the port; it says no more. */
  readonly onRefused: () => void;
  /** The port has answered. */
  readonly onAnswered: () => void;
}

/** A session with an agent that starts none, since others hold its places, is as silent as this. */
const SILENCE_LIMIT_MS = 60_000;
const SETTLE_LIMIT_MS = 5_000;
const SETTLE_STEP_MS = 50;

/** One session to one port, and the local connections that it carries (PROTOCOL 7). */
export class ForwardSession implements ConnectionListener {
  readonly #options: ForwardSessionOptions;
  readonly #clock: Clock;
  readonly #smux = new SmuxSession();
  readonly #streams = new Map<number, ForwardStream>();
  /** Those with something to send, the one that has waited longest first. */
  readonly #readable = new Set<ForwardStream>();
  /** The agent says that a connection failed, but not of which stream; it then closes that. */
  #refusals = 0;
  #remote: RemoteSession | undefined;
  #onInputTaken: () => void = () => undefined;
  #failure: EcshError | undefined;

  private constructor(options: ForwardSessionOptions, clock: Clock) {
    this.#options = options;
    this.#clock = clock;
  }

  /**
   * Opens a session; it is there when the agent takes connections.
   *
   * @throws EcshError of StartSession, of the websocket, or why the session ended at once
   */
  static async open(ports: SessionPorts, options: ForwardSessionOptions): Promise<ForwardSession> {
    const { target, signal, link } = options;
    const started = await startSession(ports, options);
    ports.onPhase?.('StartSession answered');
    const session = new ForwardSession(options, ports.clock);
    const ready = session.#nextInputTaken();
    // KMS keys are for shells (PROTOCOL 6).
    const place = { target, size: undefined, signal, link: { ...link, requiresEncryption: false } };
    const remote = await RemoteSession.join(ports, started, place, session);
    session.#remote = remote;
    options.onDebug(`session ${remote.id}`);
    void remote.connection.ended.then(() => session.#resetAll());
    await session.#untilReady(ready);
    return session;
  }

  get id(): string {
    return this.#openRemote.id;
  }

  /** Why it ended; an error of kind `connection-lost` when `terminate` did it. */
  async untilEnd(): Promise<EcshError> {
    return this.#errorOf(await this.#openRemote.connection.ended);
  }

  /** Gives a local connection a stream of its own. */
  join(connection: LocalConnection): void {
    const streamId = this.#smux.open();
    const stream: ForwardStream = new ForwardStream(connection, {
      clock: this.#clock,
      onReadable: () => {
        this.#readable.add(stream);
        this.#pump();
      },
      send: (data) => this.#smux.send(streamId, data),
      onTaken: (bytes) => this.#consume(streamId, bytes),
      onEnded: () => this.#leave(streamId, stream),
    });
    this.#streams.set(streamId, stream);
    connection.listen(stream);
    this.#flush();
  }

  /** When this settles the agent has what programs sent before they ended, or it takes too long. */
  async settle(): Promise<void> {
    const over = new AbortController();
    const isLate = pause(this.#clock, SETTLE_LIMIT_MS, over.signal);
    await Promise.race([this.#untilTaken(), isLate, this.#openRemote.connection.ended]);
    over.abort();
  }

  /** Ends the session (S-21). Never throws. */
  async terminate(): Promise<void> {
    this.#resetAll();
    // For a caller who may not call the API; the plugin does no more (P muxportforwarding.go).
    this.#remote?.connection.sendFlag(FlagValue.terminateSession);
    await this.#remote?.terminate();
  }

  onOutput(data: Uint8Array): void {
    try {
      for (const event of this.#smux.receive(data)) this.#handle(event);
    } catch (error) {
      if (!(error instanceof SmuxError)) throw error;
      this.#fail(notSmux(error));
      return;
    }
    if (this.#smux.isFull) this.#openRemote.connection.pause();
    this.#flush();
  }

  onInputReady(): void {
    // Not before the agent can act on it is anything taken.
  }

  onInputTaken(): void {
    this.#onInputTaken();
  }

  onInputDrained(): void {
    this.#pump();
  }

  onFlag(flag: number): void {
    if (flag !== FlagValue.connectToPortError) return;
    this.#refusals += 1;
    this.#options.onRefused();
  }

  onNotice(text: string): void {
    this.#options.onNotice(text);
  }

  onDebug(what: string): void {
    this.#options.onDebug(what);
  }

  async #untilTaken(): Promise<void> {
    do {
      // What was written last may not have come to us yet.
      await pause(this.#clock, SETTLE_STEP_MS);
      for (const stream of this.#streams.values()) stream.close();
      const taken = this.#nextInputTaken();
      this.#openRemote.connection.probe();
      await taken;
    } while (this.#readable.size > 0);
  }

  #nextInputTaken(): Promise<void> {
    return new Promise((resolve) => {
      this.#onInputTaken = resolve;
    });
  }

  async #untilReady(ready: Promise<void>): Promise<void> {
    const { signal, onNotice } = this.#options;
    const { connection } = this.#openRemote;
    const giveUp = () => connection.close();
    const cancels = [
      this.#clock.after(SILENCE_NOTICE_MS, () => onNotice(SILENCE_NOTICE)),
      this.#clock.after(SILENCE_LIMIT_MS, () => this.#fail(sessionSilent())),
    ];
    signal.addEventListener('abort', giveUp);
    const end = await Promise.race([ready, connection.ended]);
    signal.removeEventListener('abort', giveUp);
    for (const cancel of cancels) cancel();
    if (end === undefined) return;
    if (end.kind !== 'closed') await this.terminate();
    throw this.#errorOf(end);
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

  #handle(event: SmuxEvent): void {
    switch (event.type) {
      case 'data':
        this.#options.onAnswered();
        this.#streams.get(event.streamId)?.receive(event.data);
        return;
      case 'closed':
        this.#finish(event.streamId, event.hadData);
        return;
      case 'ignored':
        this.#options.onDebug(`ignored: ${event.what}`);
        return;
    }
  }

  /** A port that closes at once without a word passes for one that refused while another one did. */
  #finish(streamId: number, hadData: boolean): void {
    const isRefused = !hadData && this.#refusals > 0;
    if (isRefused) this.#refusals -= 1;
    const stream = this.#streams.get(streamId);
    if (isRefused) stream?.reset();
    else stream?.finish();
  }

  /** Reads what programs send only while there is room for it on the way (S-11). */
  #pump(): void {
    for (const stream of this.#readable) {
      if (!this.#openRemote.connection.hasInputRoom) return;
      this.#readable.delete(stream);
      stream.pull();
      this.#flush();
    }
  }

  #flush(): void {
    const bytes = this.#smux.takeOutgoing();
    if (bytes.length > 0) this.#remote?.connection.send(bytes);
  }

  #consume(streamId: number, bytes: number): void {
    const wasFull = this.#smux.isFull;
    this.#smux.consume(streamId, bytes);
    this.#resumeAfter(wasFull);
  }

  #leave(streamId: number, stream: ForwardStream): void {
    const wasFull = this.#smux.isFull;
    this.#streams.delete(streamId);
    this.#readable.delete(stream);
    this.#smux.close(streamId);
    this.#resumeAfter(wasFull);
    this.#flush();
  }

  #resumeAfter(wasFull: boolean): void {
    if (wasFull && !this.#smux.isFull) this.#remote?.connection.resume();
  }

  #resetAll(): void {
    for (const stream of this.#streams.values()) stream.reset();
  }
}

function startSession(
  ports: SessionPorts,
  { target: { targetId, task }, destination, patience, signal }: ForwardSessionOptions,
) {
  const request = {
    ...destination,
    targetId,
    cluster: nameInArn(task.clusterArn),
    task: task.taskArn,
    service: serviceOf(task),
    taskStartedAt: task.startedAt,
  };
  // O-2, as with ExecuteCommand.
  const waitMs = Math.max(patience.waitMs, YOUNG_AGENT_WAIT_MS);
  const start = async () => (await ports.ssm()).startPortSession(request);
  return withPatience({ ...patience, waitMs }, start, signal);
}
