import { timingSafeEqual } from 'node:crypto';
import { type Duplex, PassThrough, Writable } from 'node:stream';
import { signalStatus } from '#domain/errors/exit-status.ts';
import {
  encodeFrame,
  encodeJson,
  FRAME_TYPES,
  FrameSplitter,
  type RelayFrame,
} from './relay-frames.ts';
import {
  type RelayPlace,
  type RelayRequest,
  type RelayResult,
  type RelayStop,
  type RelayTarget,
  readRequest,
} from './relay-messages.ts';
import type { RunningCommand, SharedResult } from './shared-options.ts';
import type { SharedSession } from './shared-session.ts';

export interface RelayServerOptions {
  readonly session: Pick<SharedSession, 'start'>;
  readonly token: string;
  readonly target: RelayTarget;
  /** Whether the words of a command name the container of this session. */
  readonly isHere: (place: RelayPlace) => boolean;
  /** The values that a client which sends `surroundings` must match; undefined if flags of `connect` changed what words mean. */
  readonly quick: { readonly surroundings: string; readonly place: RelayPlace } | undefined;
}

/** Runs the commands that local clients ask for in a shared session; each connection is one command. */
export class RelayServer {
  readonly #options: RelayServerOptions;

  constructor(options: RelayServerOptions) {
    this.#options = options;
  }

  /** Settles when the command has ended and its result is sent. Never rejects. */
  async serve(connection: Duplex): Promise<void> {
    const call = new RelayCall(this.#options, connection);
    await call.ended;
  }
}

/** One connection. */
class RelayCall {
  readonly ended: Promise<void>;
  readonly #options: RelayServerOptions;
  readonly #connection: Duplex;
  readonly #frames = new FrameSplitter();
  #stdin: PassThrough | undefined;
  #command: RunningCommand | undefined;
  #hasEnded = false;
  #end: () => void = () => undefined;

  constructor(options: RelayServerOptions, connection: Duplex) {
    this.#options = options;
    this.#connection = connection;
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
    connection.on('data', (chunk: Buffer) => this.#receive(chunk));
    connection.on('error', () => undefined);
    connection.on('close', () => this.#lose());
  }

  #receive(chunk: Buffer): void {
    try {
      for (const frame of this.#frames.push(chunk)) this.#handle(frame);
    } catch {
      this.#connection.destroy();
    }
  }

  #handle({ type, payload }: RelayFrame): void {
    if (this.#command === undefined) {
      const request =
        type === FRAME_TYPES.request ? readRequest(JSON.parse(`${payload}`)) : undefined;
      if (request === undefined) this.#connection.destroy();
      else this.#begin(request);
      return;
    }
    switch (type) {
      case FRAME_TYPES.stdin:
        this.#stdin?.write(payload);
        return;
      case FRAME_TYPES.stdinEnd:
        this.#stdin?.end();
        return;
      case FRAME_TYPES.stdinBroken:
        this.#stdin?.destroy(new Error(`${payload}`));
        return;
      case FRAME_TYPES.stop:
        this.#command.stop(stopOf(JSON.parse(`${payload}`)));
    }
  }

  #begin(request: RelayRequest): void {
    if (!isSame(request.token, this.#options.token) || !this.#isHere(request)) {
      this.#connection.end(encodeJson(FRAME_TYPES.refused, {}));
      this.#finish();
      return;
    }
    this.#send(encodeJson(FRAME_TYPES.accepted, this.#options.target));
    if (request.hasStdin) this.#stdin = this.#openStdin();
    this.#command = this.#options.session.start(request.argv, {
      env: request.env,
      cwd: request.cwd,
      user: request.user,
      stdin: this.#stdin,
      isBulk: request.isBulk,
      stdout: this.#output(FRAME_TYPES.stdout),
      stderr: this.#output(FRAME_TYPES.stderr),
      mergesStderr: request.mergesStderr,
      killAfterMs: request.killAfterMs,
    });
    void this.#command.ended.then((result) => this.#tell(result));
  }

  #isHere({ place, surroundings }: RelayRequest): boolean {
    const { isHere, quick } = this.#options;
    if (surroundings === undefined) return isHere(place);
    if (surroundings !== quick?.surroundings) return false;
    return isHere({ ...quick.place, target: place.target });
  }

  /** The client may send as much more as the command has taken. */
  #openStdin(): PassThrough {
    const taken = (bytes: number) => {
      const credit = Buffer.alloc(4);
      credit.writeUInt32BE(bytes);
      this.#send(encodeFrame(FRAME_TYPES.credit, credit));
    };
    const stdin = new PassThrough({
      transform(chunk: Buffer, _encoding, done) {
        taken(chunk.length);
        done(null, chunk);
      },
    });
    // Until the session is open, nothing else listens for its errors.
    stdin.on('error', () => undefined);
    return stdin;
  }

  /** stdout and stderr share one connection: if the client does not read it, the command waits. */
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
    this.#hasEnded = true;
    if (!this.#connection.destroyed) this.#connection.end(encodeJson(FRAME_TYPES.result, report));
    this.#finish();
  }

  /** The client has ended or was killed, so nothing reads the output of its command. */
  #lose(): void {
    this.#stdin?.destroy(new Error('the client has ended'));
    if (this.#command === undefined) this.#finish();
    else if (!this.#hasEnded) {
      this.#command.stop({ signal: 'SIGTERM', exitCode: signalStatus('SIGTERM') });
    }
  }

  #send(frame: Buffer): void {
    if (!this.#connection.destroyed) this.#connection.write(frame);
  }

  #finish(): void {
    this.#end();
  }
}

function isSame(token: unknown, expected: string): boolean {
  const given = Buffer.from(String(token));
  const wanted = Buffer.from(expected);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

function stopOf({ signal, exitCode }: RelayStop): RelayStop {
  return { signal, exitCode };
}
