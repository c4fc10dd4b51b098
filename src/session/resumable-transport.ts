import { EcshError } from '#domain/errors/errors.ts';
import type { FrameListener, FrameTransport } from '#domain/ports/transport-ports.ts';
import { Outage, type OutageListener, type OutageOptions } from './recovery.ts';
import { checkedStreamUrl } from './stream-url.ts';

export interface ResumableTransportOptions extends OutageOptions {
  /** The URL of the first websocket. */
  readonly url: string;
}

export interface ResumableTransportListener extends OutageListener {
  onFrame(frame: Uint8Array): void;
  /** Nothing can be sent until `onReopened`. */
  onLost(reason: string): void;
  /** There is another websocket, on which to open the data channel with this token. */
  onReopened(token: string): void;
  /** The service has been heard on it; its frame follows. */
  onRecovered(): void;
}

/** The websocket of a session, and after each loss another one into the same session (S-14). */
export class ResumableTransport {
  readonly #options: ResumableTransportOptions;
  readonly #listener: ResumableTransportListener;
  /** Undefined while there is none. */
  #transport: FrameTransport | undefined;
  #outage: Outage | undefined;
  #generation = 0;

  constructor(options: ResumableTransportOptions, listener: ResumableTransportListener) {
    this.#options = options;
    this.#listener = listener;
  }

  /** Nothing is heard before `start`. @throws EcshError when the websocket cannot be opened. */
  async open(): Promise<void> {
    const { openTransport, url, signal } = this.#options;
    this.#transport = await openTransport(checkedStreamUrl(url), this.#listenTo(), signal);
  }

  /** Begins to listen, when what answers can be sent. */
  start(): void {
    this.#transport?.start();
  }

  get isOpen(): boolean {
    return this.#transport !== undefined;
  }

  sendText(text: string): void {
    this.#transport?.sendText(text);
  }

  sendBinary(frame: Uint8Array): void {
    this.#transport?.sendBinary(frame);
  }

  pause(): void {
    this.#transport?.pause();
  }

  resume(): void {
    this.#transport?.resume();
  }

  /** For good: nothing is heard from it any more. */
  close(): void {
    this.#generation += 1;
    this.#outage?.cancel();
    this.#transport?.close();
  }

  /** One socket's listener: it speaks only while no other has followed. */
  #listenTo(): FrameListener {
    this.#generation += 1;
    const generation = this.#generation;
    return {
      onFrame: (frame) => {
        if (generation !== this.#generation) return;
        this.#endOutage();
        this.#listener.onFrame(frame);
      },
      onClose: (reason) => {
        if (generation === this.#generation) void this.#reopen(reason);
      },
    };
  }

  async #reopen(reason: string): Promise<void> {
    this.#transport = undefined;
    // What the old socket may still hold back would pass for a word of the next one.
    this.#generation += 1;
    this.#listener.onLost(reason);
    // The one that is there has not been heard of since the loss before.
    this.#outage ??= new Outage(reason, this.#options, this.#listener);
    const outage = this.#outage;
    try {
      const recovered = await outage.reconnect(() => this.#listenTo());
      if (recovered === undefined) return;
      this.#transport = recovered.transport;
      this.#listener.onReopened(recovered.token);
      recovered.transport.start();
    } catch (cause) {
      // A bug in ecsh ends this session, not the whole process.
      outage.cancel();
      const why = cause instanceof Error ? cause.message : String(cause);
      const error = new EcshError('session-failed', `ecsh could not resume the session: ${why}`, {
        hint: 'Please report it, with the output of --debug.',
        cause,
      });
      this.#listener.onOver(reason, error);
    }
  }

  /** Only what is heard proves the way (S-15), also while we do not read. */
  #endOutage(): void {
    if (this.#outage === undefined) return;
    this.#outage.end();
    this.#outage = undefined;
    this.#listener.onRecovered();
  }
}
