import { timingSafeEqual } from 'node:crypto';
import { type Duplex, Writable } from 'node:stream';
import { signalStatus } from '#domain/errors/exit-status.ts';
import type { Clock } from '#domain/ports/system-ports.ts';
import {
  encodeFrame,
  encodeJson,
  FRAME_TYPES,
  FrameSplitter,
  MAX_PAYLOAD,
  type RelayFrame,
} from './relay-frames.ts';
import {
  type RelayPlace,
  type RelayRequest,
  type RelayResult,
  type RelayTarget,
  readRequest,
  readStop,
} from './relay-messages.ts';
import { STDIN_CREDIT, StdinReceiver } from './relay-stdin.ts';
import type { RunningCommand, SharedResult } from './shared-options.ts';
import type { SharedSession } from './shared-session.ts';

export interface RelayServerOptions {
  readonly clock: Clock;
  readonly session: Pick<SharedSession, 'start'>;
  readonly token: string;
  readonly target: RelayTarget;
  /** Whether a command's arguments name the container of this session. */
  readonly isHere: (place: RelayPlace) => boolean;
  /** Values that a client with `surroundings` must match; undefined if flags of `connect` change what arguments mean. */
  readonly quick: { readonly surroundings: string; readonly place: RelayPlace } | undefined;
}

/** Time limit for a client to send its request (ms). */
const REQUEST_LIMIT_MS = 30_000;
/** Time limit for a client to read its result after `close` (ms). */
const RESULT_LIMIT_MS = 2_000;
/** Maximum size of incomplete frames and the requests of running commands, over all clients (bytes). */
const MAX_HELD = 8 * 1024 * 1024;
/** Maximum size of a client's frames other than its request and its stdin (bytes). */
const MAX_CONTROL = 4 * 1024;
/** Maximum memory for a client without the token (bytes). */
const MAX_TOKEN = 64;

/** Runs the commands that local clients request in a shared session. Each connection is one command. */
export class RelayServer {
  readonly #options: RelayServerOptions;
  readonly #calls = new Set<RelayCall>();

  constructor(options: RelayServerOptions) {
    this.#options = options;
  }

  /** Resolves when the command has ended, its result was read and its connection is closed. Never rejects. */
  async serve(connection: Duplex): Promise<void> {
    const call = new RelayCall(this.#options, connection, () => this.#hasRoom());
    this.#calls.add(call);
    await call.ended;
    this.#calls.delete(call);
  }

  /** Call it when the session has ended. Clients have a short time to read results, then all connections close. */
  async close(): Promise<void> {
    const calls = [...this.#calls];
    for (const call of calls) call.close();
    const cancel = this.#options.clock.after(RESULT_LIMIT_MS, () => {
      for (const call of calls) call.destroy();
    });
    await Promise.all(calls.map((call) => call.ended));
    cancel();
  }

  #hasRoom(): boolean {
    const held = [...this.#calls].reduce((sum, call) => sum + call.held, 0);
    return held <= MAX_HELD;
  }
}

/** One connection. */
class RelayCall {
  /** Resolves when the connection is closed, and the command has ended if there was one. */
  readonly ended: Promise<void>;
  readonly #options: RelayServerOptions;
  readonly #connection: Duplex;
  readonly #hasRoom: () => boolean;
  readonly #frames = new FrameSplitter((type) => this.#longest(type));
  readonly #cancelLimit: () => void;
  /** Whether the client has presented the token. */
  #isTrusted = false;
  #requestBytes = 0;
  #stdin: StdinReceiver | undefined;
  #command: RunningCommand | undefined;
  /** Whether the last frame was sent. */
  #hasEnded = false;

  constructor(options: RelayServerOptions, connection: Duplex, hasRoom: () => boolean) {
    this.#options = options;
    this.#connection = connection;
    this.#hasRoom = hasRoom;
    this.#cancelLimit = options.clock.after(REQUEST_LIMIT_MS, () => this.destroy());
    this.ended = new Promise((resolve) => {
      connection.on('close', () => {
        this.#lose();
        void Promise.resolve(this.#command?.ended).then(() => resolve());
      });
    });
    connection.on('data', (chunk: Buffer) => this.#receive(chunk));
    connection.on('drain', () => this.#stdin?.resume());
    connection.on('error', () => undefined);
  }

  /** Memory of an incomplete frame and of a request that waits to be sent (bytes). */
  get held(): number {
    return this.#frames.held + this.#requestBytes;
  }

  /** A client with a running command gets its result; the others are disconnected. */
  close(): void {
    if (this.#command === undefined) this.destroy();
  }

  destroy(): void {
    this.#connection.destroy();
  }

  #longest(type: number): number {
    if (!this.#isTrusted) return type === FRAME_TYPES.token ? MAX_TOKEN : 0;
    if (this.#command === undefined) return type === FRAME_TYPES.request ? MAX_PAYLOAD : 0;
    return type === FRAME_TYPES.stdin ? STDIN_CREDIT : MAX_CONTROL;
  }

  #receive(chunk: Buffer): void {
    const before = this.#frames.held;
    try {
      for (const frame of this.#frames.push(chunk)) {
        if (this.#connection.destroyed || this.#hasEnded) return;
        this.#handle(frame);
      }
    } catch {
      this.destroy();
    }
    if (this.#frames.held > before && !this.#hasRoom()) this.destroy();
  }

  #handle({ type, payload }: RelayFrame): void {
    if (!this.#isTrusted) {
      this.#isTrusted = type === FRAME_TYPES.token && isSame(payload, this.#options.token);
      if (!this.#isTrusted) this.#refuse();
      return;
    }
    if (this.#command === undefined) {
      if (type !== FRAME_TYPES.request) throw new TypeError('not a request');
      this.#requestBytes = payload.length;
      this.#begin(readRequest(payload));
      return;
    }
    switch (type) {
      case FRAME_TYPES.stdin:
        this.#stdin?.write(payload);
        return;
      case FRAME_TYPES.stdinEnd:
        this.#stdin?.stream.end();
        return;
      case FRAME_TYPES.stdinBroken:
        this.#stdin?.stream.destroy(new Error(`${payload}`));
        return;
      case FRAME_TYPES.stop:
        this.#command.stop(readStop(JSON.parse(`${payload}`)));
    }
  }

  #begin(request: RelayRequest): void {
    if (!this.#isHere(request) || !this.#hasRoom()) {
      this.#refuse();
      return;
    }
    this.#cancelLimit();
    this.#send(encodeJson(FRAME_TYPES.accepted, this.#options.target));
    if (request.hasStdin) this.#stdin = new StdinReceiver((bytes) => this.#grant(bytes));
    this.#command = this.#options.session.start(request.argv, {
      env: request.env,
      cwd: request.cwd,
      user: request.user,
      stdin: this.#stdin?.stream,
      isBulk: request.isBulk,
      stdout: this.#output(FRAME_TYPES.stdout),
      stderr: this.#output(FRAME_TYPES.stderr),
      mergesStderr: request.mergesStderr,
      killAfterMs: request.killAfterMs,
    });
    void this.#command.ended.then((result) => this.#tell(result));
  }

  #refuse(): void {
    this.#end(encodeJson(FRAME_TYPES.refused, {}));
  }

  #isHere({ place, surroundings }: RelayRequest): boolean {
    const { isHere, quick } = this.#options;
    if (surroundings === undefined) return isHere(place);
    if (surroundings !== quick?.surroundings) return false;
    return isHere({ ...quick.place, target: place.target });
  }

  #grant(bytes: number): boolean {
    const credit = Buffer.alloc(4);
    credit.writeUInt32BE(bytes);
    return this.#send(encodeFrame(FRAME_TYPES.credit, credit));
  }

  /** stdout and stderr share one connection, so the command waits if the client does not read it. */
  #output(type: number): Writable {
    const connection = this.#connection;
    return new Writable({
      write(chunk: Buffer, _encoding, done) {
        if (connection.destroyed) done();
        else connection.write(encodeFrame(type, chunk), () => done());
      },
    });
  }

  #tell({ failure, ...result }: SharedResult): void {
    const report: RelayResult =
      failure === undefined
        ? result
        : {
            ...result,
            failure: {
              code: failure.code,
              message: failure.message,
              hint: failure.hint,
              exitCode: failure.exitCode,
            },
          };
    this.#end(encodeJson(FRAME_TYPES.result, report));
  }

  /** Sends the last frame. */
  #end(frame: Buffer): void {
    this.#requestBytes = 0;
    this.#hasEnded = true;
    if (!this.#connection.destroyed) this.#connection.end(frame);
  }

  /** The client has exited or was killed, so nothing reads the command's output. */
  #lose(): void {
    this.#cancelLimit();
    this.#stdin?.stream.destroy(new Error('the client has ended'));
    if (this.#hasEnded) return;
    this.#command?.stop({ signal: 'SIGTERM', exitCode: signalStatus('SIGTERM') });
  }

  /** @returns false if the client must read before it is sent more */
  #send(frame: Buffer): boolean {
    return this.#connection.destroyed || this.#connection.write(frame);
  }
}

function isSame(given: Buffer, expected: string): boolean {
  const wanted = Buffer.from(expected);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}
