import { randomBytes } from 'node:crypto';
import type { EcshError } from '#domain/errors/errors.ts';
import type { DispatcherEvent } from '#envelope/dispatched-command.ts';
import { Dispatcher } from '#envelope/dispatcher.ts';
import { createDispatcher } from '#envelope/dispatcher-lines.ts';
import type { ConnectionListener } from '#session/connection-listener.ts';
import { RemoteSession } from '#session/remote-session.ts';
import { SILENCE_NOTICE, SILENCE_NOTICE_MS, sessionEndError } from '#session/session-end.ts';
import type { Cancellation } from '#session/stop.ts';
import { SharedCommand } from './shared-command.ts';
import { sharedSessionClosed } from './shared-errors.ts';
import type { SharedExecOptions, SharedPorts, SharedSessionOptions } from './shared-options.ts';

/** This terminal is never displayed, but some programs divide by its size. */
const SIZE = { cols: 80, rows: 24 };
/** Shorter than the service's idle timeout of 20 minutes (PROTOCOL 4.10); ms. */
const KEEP_ALIVE_MS = 5 * 60_000;
/** Time for the dispatcher to exit, which saves a TerminateSession call (ms). */
const QUIT_LIMIT_MS = 1_000;
/** After this long without a command, the dispatcher reaps its children (ms). */
const TIDY_AFTER_MS = 200;

export type ChannelStart =
  | { readonly kind: 'open'; readonly channel: SharedChannel }
  /** The image lacks tools that a dispatcher needs. */
  | { readonly kind: 'unable' };

/** One ECS Exec session with a dispatcher in it, from ExecuteCommand to its end. */
export class SharedChannel implements ConnectionListener {
  /** Resolves when the session has ended. */
  readonly ended: Promise<void>;
  readonly #ports: SharedPorts;
  readonly #options: SharedSessionOptions;
  readonly #nonce = randomBytes(8).toString('hex');
  readonly #dispatcher = new Dispatcher(this.#nonce);
  readonly #commands = new Map<number, SharedCommand>();
  readonly #cancellation: Cancellation;
  #session: RemoteSession | undefined;
  #over: EcshError | undefined;
  #isClosing = false;
  #cancelTidy: () => void = () => undefined;
  #hear: (isAble: boolean) => void = () => undefined;
  #end: () => void = () => undefined;

  private constructor(
    ports: SharedPorts,
    options: SharedSessionOptions,
    cancellation: Cancellation,
  ) {
    this.#ports = ports;
    this.#options = options;
    this.#cancellation = cancellation;
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  /**
   * Starts a session and waits for its dispatcher.
   *
   * @param cancellation ends a session that may have started
   * @throws EcshError from ExecuteCommand, from the websocket, or for a session that ended at once
   */
  static async open(
    ports: SharedPorts,
    options: SharedSessionOptions,
    cancellation: Cancellation,
  ): Promise<ChannelStart> {
    const channel = new SharedChannel(ports, options, cancellation);
    const isAble = await channel.#open();
    if (isAble) return { kind: 'open', channel };
    await channel.close();
    return { kind: 'unable' };
  }

  /** False once the session has ended, or is being closed. */
  get isOpen(): boolean {
    return this.#over === undefined && !this.#isClosing;
  }

  /** Commands that have not ended. */
  get size(): number {
    return this.#commands.size;
  }

  run(argv: readonly string[], options: SharedExecOptions): SharedCommand {
    this.#cancelTidy();
    const ports = {
      clock: this.#ports.clock,
      dispatcher: this.#dispatcher,
      sessionId: this.#session?.id ?? '',
      flush: () => this.#flush(),
      hasInputRoom: () => this.#session?.connection.hasInputRoom ?? false,
    };
    const command = new SharedCommand(ports, argv, options, this.#options.isLogged);
    this.#commands.set(command.id, command);
    void command.result.then(() => {
      this.#commands.delete(command.id);
      if (this.#commands.size === 0) this.#tidyLater();
    });
    this.#flush();
    return command;
  }

  /** Ends the session, and every command in it. Never throws. */
  async close(): Promise<void> {
    this.#isClosing = true;
    const session = this.#session;
    if (session === undefined) return;
    this.#dispatcher.quit();
    this.#flush();
    const cancel = this.#ports.clock.after(QUIT_LIMIT_MS, () => session.connection.close());
    await session.connection.ended;
    cancel();
    await this.ended;
  }

  onOutput(data: Uint8Array): void {
    for (const event of this.#dispatcher.receive(data)) this.#handle(event);
    this.#flush();
  }

  onInputReady(): void {
    // We send only after the first line of the dispatcher, and output means that input is accepted (S-2).
  }

  onInputDrained(): void {
    for (const command of this.#commands.values()) command.regulate();
  }

  onNotice(text: string): void {
    this.#options.onNotice(text);
  }

  onDebug(what: string): void {
    this.#options.onDebug(what);
  }

  /** @returns false if the image lacks tools that the dispatcher needs */
  async #open(): Promise<boolean> {
    const isAble = new Promise<boolean>((resolve) => {
      this.#hear = resolve;
    });
    const { target, retryPolicy, link } = this.#options;
    const session = await RemoteSession.start(
      this.#ports,
      {
        target,
        retryPolicy,
        argv: createDispatcher(this.#nonce),
        size: SIZE,
        cancellation: this.#cancellation,
        link: { ...link, keepAliveMs: link.keepAliveMs ?? KEEP_ALIVE_MS },
      },
      this,
    );
    this.#session = session;
    this.#options.onDebug(`shared session ${session.id}`);
    const cancelNotice = this.#ports.clock.after(SILENCE_NOTICE_MS, () =>
      this.#options.onNotice(SILENCE_NOTICE),
    );
    const giveUp = () => session.connection.close();
    this.#cancellation.signal.addEventListener('abort', giveUp);
    const over = this.#watchEnd(session);
    const answer = await Promise.race([isAble, over]);
    cancelNotice();
    this.#cancellation.signal.removeEventListener('abort', giveUp);
    if (typeof answer === 'boolean') return answer;
    throw answer;
  }

  /** @returns why the session has ended */
  async #watchEnd(session: RemoteSession): Promise<EcshError> {
    const end = await session.connection.ended;
    this.#cancelTidy();
    const wasAsked = this.#isClosing || this.#cancellation.signal.aborted;
    if (end.kind !== 'closed') await session.terminate();
    const hasBegun = this.#dispatcher.features !== undefined;
    // A shell that cannot parse the dispatcher exits without output.
    if (end.kind === 'closed' && end.output === '' && !hasBegun && !wasAsked) this.#hear(false);
    this.#over = wasAsked ? sharedSessionClosed() : sessionEndError(end, hasBegun);
    for (const command of this.#commands.values()) command.lose(this.#over);
    this.#end();
    return this.#over;
  }

  #handle(event: DispatcherEvent): void {
    if (event.type === 'ready') this.#hear(event.features !== undefined);
    else this.#commands.get(event.id)?.handle(event);
  }

  /** Sends each message as one input message (PROTOCOL S-8a). When there is no room, no command reads its stdin. */
  #flush(): void {
    const connection = this.#session?.connection;
    const hadRoom = connection?.hasInputRoom;
    for (const message of this.#dispatcher.takeMessages()) {
      connection?.send(Buffer.from(message, 'latin1'));
    }
    if (hadRoom && !connection?.hasInputRoom) this.onInputDrained();
  }

  #tidyLater(): void {
    this.#cancelTidy();
    this.#cancelTidy = this.#ports.clock.after(TIDY_AFTER_MS, () => {
      this.#dispatcher.tidy();
      this.#flush();
    });
  }
}
