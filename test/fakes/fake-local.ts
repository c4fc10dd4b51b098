import { EcshError } from '#domain/errors/errors.ts';
import type {
  Listen,
  ListenRequest,
  LocalConnection,
  LocalConnectionListener,
} from '#forward/listener.ts';

/** A connection of a local program, which the test plays. */
export class FakeConnection implements LocalConnection {
  /** The events that the program has seen: `data …`, `end`, `close`, `reset`. */
  readonly log: string[] = [];
  /** The program reads the data. */
  isReading = true;
  #listener: LocalConnectionListener | undefined;
  #unread: Uint8Array[] = [];
  #untaken: (() => void)[] = [];
  #hasEnded = false;
  #wasEndReported = false;
  #isClosed = false;

  listen(listener: LocalConnectionListener): void {
    this.#listener = listener;
    if (this.#unread.length > 0 || this.#hasEnded) listener.onReadable();
  }

  read(): Uint8Array | undefined {
    const data = Buffer.concat(this.#unread.splice(0));
    if (data.length > 0) return data;
    this.#reportEnd();
    return undefined;
  }

  write(data: Uint8Array, onTaken: () => void): void {
    this.log.push(`data ${Buffer.from(data)}`);
    if (this.isReading) onTaken();
    else this.#untaken.push(onTaken);
  }

  end(onSent: () => void): void {
    this.log.push('end');
    if (this.isReading) onSent();
    else this.#untaken.push(onSent);
  }

  close(): void {
    this.#goAway('close');
  }

  reset(): void {
    this.#goAway('reset');
  }

  /** The program sends data. */
  send(text: string): void {
    this.#unread.push(Buffer.from(text));
    this.#listener?.onReadable();
  }

  /** The program stops sending: half of a close, or all of it. */
  sendEnd(): void {
    this.#hasEnded = true;
    if (this.#unread.length === 0) this.#reportEnd();
    else this.#listener?.onReadable();
  }

  /** Runs once, and at once if everything was read, like sockets of Node.js. */
  #reportEnd(): void {
    if (!this.#hasEnded || this.#wasEndReported || this.#listener === undefined) return;
    this.#wasEndReported = true;
    this.#listener.onEnd();
  }

  /** Both sides have finished, or the program has dropped the connection. */
  disappear(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#listener?.onClose();
  }

  /** The program reads everything. */
  catchUp(): void {
    this.isReading = true;
    for (const taken of this.#untaken.splice(0)) taken();
  }

  #goAway(how: string): void {
    if (this.#isClosed) return;
    this.log.push(how);
    this.disappear();
  }
}

/** The ports of this machine. */
export class FakeMachine {
  readonly requests: ListenRequest[] = [];
  /** The handler of connections by port. */
  readonly #open = new Map<number, (connection: LocalConnection) => void>();
  readonly #taken: ReadonlySet<number>;
  #nextFree = 40_001;

  constructor(taken: readonly number[] = []) {
    this.#taken = new Set(taken);
  }

  readonly listen: Listen = async (request, onConnection) => {
    if ('socket' in request) throw new Error('this machine has no Unix sockets');
    this.requests.push(request);
    const port = request.port === 0 ? this.#nextFree++ : request.port;
    if (this.#taken.has(port)) throw new EcshError('port-in-use', `${port} is taken.`);
    this.#open.set(port, onConnection);
    return { addresses: request.addresses, port, close: () => this.#open.delete(port) };
  };

  get openPorts(): readonly number[] {
    return [...this.#open.keys()];
  }

  /** A program connects to a port. */
  connect(port: number): FakeConnection {
    const accept = this.#open.get(port);
    if (accept === undefined) throw new Error(`nothing listens on ${port}`);
    const connection = new FakeConnection();
    accept(connection);
    return connection;
  }
}
