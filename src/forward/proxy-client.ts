import { describeDestination, type PortDestination } from '#domain/port-forward.ts';
import type { Clock } from '#domain/ports/system-ports.ts';
import type { LocalConnection, LocalConnectionListener } from './listener.ts';
import { type HandshakeEvent, ProxyHandshake } from './proxy-handshake.ts';
import type { TunnelListener } from './route.ts';

export interface ProxyClientOptions {
  readonly clock: Clock;
  readonly connection: LocalConnection;
  readonly connect: (destination: PortDestination, listener: TunnelListener) => void;
  readonly onDebug: (text: string) => void;
  readonly onClosed: () => void;
}

/** The time limit for a client to name its destination; milliseconds. */
const HANDSHAKE_LIMIT_MS = 30_000;

/** A client of the proxy: first its handshake, then the connection that it requested. */
export class ProxyClient implements LocalConnection, LocalConnectionListener {
  readonly #options: ProxyClientOptions;
  readonly #handshake = new ProxyHandshake();
  readonly #cancelLimit: () => void;
  /** The listener of the connection that the client requested. */
  #listener: LocalConnectionListener | undefined;
  /** Bytes that the client sent after its request. */
  #early: Uint8Array | undefined;
  #isAsking = true;
  /** The client ended before it was connected, and the listener still has to be notified. */
  #hasEndedEarly = false;
  #isClosed = false;

  constructor(options: ProxyClientOptions) {
    this.#options = options;
    this.#cancelLimit = options.clock.after(HANDSHAKE_LIMIT_MS, () => options.connection.close());
    options.connection.listen(this);
    this.onReadable();
  }

  onReadable(): void {
    if (this.#isAsking) this.#readRequest();
    else this.#listener?.onReadable();
  }

  onEnd(): void {
    if (this.#isAsking) this.#options.connection.close();
    else if (this.#listener === undefined) this.#hasEndedEarly = true;
    else this.#listener.onEnd();
  }

  onClose(): void {
    this.#isClosed = true;
    this.#cancelLimit();
    this.#listener?.onClose();
    this.#options.onClosed();
  }

  listen(listener: LocalConnectionListener): void {
    this.#listener = listener;
    if (this.#isClosed) queueMicrotask(() => listener.onClose());
    else listener.onReadable();
  }

  read(): Uint8Array | undefined {
    const early = this.#early;
    this.#early = undefined;
    const data = early ?? this.#options.connection.read();
    if (data === undefined && this.#hasEndedEarly) {
      this.#hasEndedEarly = false;
      queueMicrotask(() => this.#listener?.onEnd());
    }
    return data;
  }

  write(data: Uint8Array, onTaken: () => void): void {
    this.#options.connection.write(data, onTaken);
  }

  end(onSent: () => void): void {
    this.#options.connection.end(onSent);
  }

  close(): void {
    this.#options.connection.close();
  }

  reset(): void {
    this.#options.connection.reset();
  }

  #readRequest(): void {
    while (this.#isAsking) {
      const data = this.#options.connection.read();
      if (data === undefined) return;
      for (const event of this.#handshake.receive(data)) this.#handle(event);
    }
  }

  #handle(event: HandshakeEvent): void {
    switch (event.type) {
      case 'send':
        this.#send(event.bytes);
        return;
      case 'reject':
        this.#options.onDebug(`a client of the proxy is not served: ${event.problem}`);
        this.#dismiss(event.bytes);
        return;
      case 'connect':
        this.#connect(event);
    }
  }

  #connect(request: HandshakeEvent & { readonly type: 'connect' }): void {
    this.#isAsking = false;
    this.#cancelLimit();
    if (request.rest.length > 0) this.#early = request.rest;
    this.#options.connect(request.destination, {
      onConnected: () => this.#send(request.accepted),
      onRefused: (why) => {
        this.#options.onDebug(`${describeDestination(request.destination)}: ${why}`);
        this.#dismiss(request.refused(why));
      },
    });
  }

  #dismiss(bytes: Uint8Array): void {
    this.#isAsking = false;
    this.#cancelLimit();
    this.#send(bytes);
    this.#options.connection.end(() => this.#options.connection.close());
  }

  #send(bytes: Uint8Array): void {
    if (bytes.length > 0) this.#options.connection.write(bytes, () => undefined);
  }
}
