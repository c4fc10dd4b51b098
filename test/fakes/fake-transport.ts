import { EcshError } from '#domain/errors/errors.ts';
import type {
  FrameListener,
  FrameTransport,
  OpenTransport,
} from '#domain/ports/transport-ports.ts';
import type { AgentMessage } from '#protocol/message.ts';
import { decodeMessage } from '#protocol/message-codec.ts';

/** A websocket whose remote end is the test. */
export class FakeTransport implements FrameTransport {
  readonly url: string;
  readonly signal: AbortSignal;
  /** All events, in order: `text`, message types, `pause`, `resume`, `close`. */
  readonly log: string[] = [];
  readonly texts: string[] = [];
  readonly frames: Uint8Array[] = [];
  /** Called with each frame that is sent; the test may answer. */
  onSend: (message: AgentMessage) => void = () => undefined;
  readonly #listener: FrameListener;
  /** Frames that wait for `start`. */
  #waiting: Uint8Array[] | undefined = [];
  #isClosed = false;

  constructor(url: string, listener: FrameListener, signal: AbortSignal) {
    this.url = url;
    this.#listener = listener;
    this.signal = signal;
  }

  get messages(): readonly AgentMessage[] {
    return this.frames.map((frame) => decodeMessage(frame));
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  start(): void {
    const waiting = this.#waiting ?? [];
    this.#waiting = undefined;
    for (const frame of waiting) this.#listener.onFrame(frame);
  }

  sendText(text: string): void {
    this.log.push('text');
    this.texts.push(text);
  }

  sendBinary(frame: Uint8Array): void {
    const message = decodeMessage(frame);
    this.log.push(message.messageType);
    this.frames.push(frame);
    this.onSend(message);
  }

  pause(): void {
    this.log.push('pause');
  }

  resume(): void {
    this.log.push('resume');
  }

  close(): void {
    this.log.push('close');
    this.lose('closed by us');
  }

  /** A frame from the remote end. */
  deliver(frame: Uint8Array): void {
    if (this.#waiting === undefined) this.#listener.onFrame(frame);
    else this.#waiting.push(frame);
  }

  /** The socket disappears. */
  lose(reason: string): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#listener.onClose(reason);
  }
}

export interface FakeTransports {
  readonly open: OpenTransport;
  /** The transports opened so far; the last one is the current one. */
  readonly opened: readonly FakeTransport[];
  /** From now on, opening fails with this error. */
  failWith(error: Error): void;
}

/** `onOpen` gets each transport before the first frame is sent. */
export function fakeTransports(
  onOpen: (transport: FakeTransport) => void = () => undefined,
): FakeTransports {
  const opened: FakeTransport[] = [];
  let failure: Error | undefined;
  return {
    opened,
    failWith(error) {
      failure = error;
    },
    async open(url, listener, signal) {
      if (failure !== undefined) throw failure;
      if (signal.aborted) throw new EcshError('channel-unreachable', 'Given up.');
      const transport = new FakeTransport(url, listener, signal);
      opened.push(transport);
      onOpen(transport);
      return transport;
    },
  };
}
