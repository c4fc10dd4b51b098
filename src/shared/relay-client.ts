import type { Duplex, Readable, Writable } from 'node:stream';
import { EcshError } from '#domain/errors/errors.ts';
import type { Clock } from '#domain/ports/system-ports.ts';
import { OutputSink } from '#session/output-sink.ts';
import { type ConnectFault, connectGone } from './connect-gone.ts';
import {
  encodeFrame,
  encodeJson,
  FRAME_TYPES,
  FrameSplitter,
  MAX_PAYLOAD,
  type RelayFrame,
} from './relay-frames.ts';
import {
  type RelayRequest,
  type RelayResult,
  type RelayStop,
  type RelayTarget,
  readResult,
  readTarget,
} from './relay-messages.ts';
import { StdinSender } from './relay-stdin.ts';
import type { SharedResult } from './shared-options.ts';

export interface RelayPorts {
  readonly stdin: Readable | undefined;
  readonly stdout: Writable;
  readonly stderr: Writable;
  readonly clock: Clock;
}

/** A command that runs in the session of an `ecsh connect`. */
export interface RelayedCommand {
  readonly target: RelayTarget;
  /** Never rejects. */
  readonly ended: Promise<SharedResult>;
  /** Ends the command. A second call sends SIGKILL at once. */
  stop(reason: RelayStop): void;
}

/** Time limit for the reply of `ecsh connect`, which is immediate unless it is suspended (ms). */
const ANSWER_LIMIT_MS = 30_000;

/**
 * Asks the `ecsh connect` at the other end of a local connection to run a command.
 *
 * @returns undefined if its session is for a different container, or has no room for a request of this size
 * @throws EcshError `connect-gone` if it ended before it replied, does not reply, or is not `ecsh connect`
 */
export async function relay(
  connection: Duplex,
  { token, ...request }: RelayRequest & { readonly token: string },
  ports: RelayPorts,
): Promise<RelayedCommand | undefined> {
  const asked = encodeJson(FRAME_TYPES.request, request);
  if (asked.length > MAX_PAYLOAD) {
    connection.destroy();
    return undefined;
  }
  const call = new RelayedCall(connection, ports);
  const opening = encodeFrame(FRAME_TYPES.token, Buffer.from(token));
  connection.write(Buffer.concat([opening, asked]));
  const cancelLimit = ports.clock.after(ANSWER_LIMIT_MS, () => call.giveUp('does not answer'));
  const answer = await call.answer;
  cancelLimit();
  if (answer === 'accepted') return call;
  if (answer === 'refused') return undefined;
  throw connectGone(answer);
}

type Answer = 'accepted' | 'refused' | ConnectFault;

class RelayedCall implements RelayedCommand {
  /** The server's answer to the request. */
  readonly answer: Promise<Answer>;
  readonly ended: Promise<SharedResult>;
  target: RelayTarget = { cluster: '', task: '', container: '' };
  readonly #connection: Duplex;
  readonly #ports: RelayPorts;
  readonly #frames = new FrameSplitter();
  readonly #sinks: readonly OutputSink[];
  #isAccepted = false;
  #stdin: StdinSender | undefined;
  #fullSinks = 0;
  #broken: RelayStop | undefined;
  #hear: (answer: Answer) => void = () => undefined;
  #settle: (result: SharedResult) => void = () => undefined;

  constructor(connection: Duplex, ports: RelayPorts) {
    this.#connection = connection;
    this.#ports = ports;
    this.answer = new Promise((resolve) => {
      this.#hear = resolve;
    });
    this.ended = new Promise((resolve) => {
      this.#settle = resolve;
    });
    this.#sinks = [this.#createSink(ports.stdout), this.#createSink(ports.stderr)];
    connection.on('data', (chunk: Buffer) => this.#receive(chunk));
    connection.on('error', () => undefined);
    connection.on('close', () => this.giveUp('has ended'));
  }

  /** Ends without a result of the command, whether it was accepted or not. */
  giveUp(why: ConnectFault): void {
    this.#hear(why);
    void this.#finish(lost(why));
  }

  stop(reason: RelayStop): void {
    this.#send(encodeJson(FRAME_TYPES.stop, reason));
  }

  #receive(chunk: Buffer): void {
    try {
      for (const frame of this.#frames.push(chunk)) {
        if (this.#connection.destroyed) return;
        this.#handle(frame);
      }
    } catch {
      this.giveUp('sent an answer that cannot be read');
    }
  }

  #handle({ type, payload }: RelayFrame): void {
    if (!this.#isAccepted && type !== FRAME_TYPES.accepted && type !== FRAME_TYPES.refused) {
      throw new TypeError('not an answer to the request');
    }
    const [stdout, stderr] = this.#sinks;
    switch (type) {
      case FRAME_TYPES.accepted:
        this.target = readTarget(JSON.parse(`${payload}`));
        this.#isAccepted = true;
        this.#stdin ??= this.#openStdin();
        this.#hear('accepted');
        return;
      case FRAME_TYPES.refused:
        this.#hear('refused');
        this.#connection.destroy();
        return;
      case FRAME_TYPES.stdout:
        stderr?.flush();
        stdout?.write(payload);
        return;
      case FRAME_TYPES.stderr:
        stdout?.flush();
        stderr?.write(payload);
        return;
      case FRAME_TYPES.credit:
        this.#stdin?.grant(payload.readUInt32BE(0));
        return;
      case FRAME_TYPES.result:
        void this.#finish(resultOf(readResult(JSON.parse(`${payload}`))));
    }
  }

  #openStdin(): StdinSender | undefined {
    const { stdin } = this.#ports;
    if (stdin === undefined) return undefined;
    return new StdinSender(stdin, {
      onData: (data) => this.#send(encodeFrame(FRAME_TYPES.stdin, data)),
      onEnd: () => this.#send(encodeFrame(FRAME_TYPES.stdinEnd)),
      onBroken: (cause) =>
        this.#send(encodeFrame(FRAME_TYPES.stdinBroken, Buffer.from(cause.message))),
    });
  }

  #createSink(stream: Writable): OutputSink {
    return new OutputSink(stream, {
      onFull: () => {
        this.#fullSinks += 1;
        this.#connection.pause();
      },
      onDrain: () => {
        this.#fullSinks -= 1;
        if (this.#fullSinks === 0) this.#connection.resume();
      },
      onBroken: () => {
        this.#broken ??= { signal: 'SIGTERM', exitCode: BROKEN_PIPE };
        this.stop(this.#broken);
      },
    });
  }

  async #finish(result: SharedResult): Promise<void> {
    this.#stdin?.close();
    this.#connection.destroy();
    await Promise.all(this.#sinks.map((sink) => sink.close()));
    this.#settle(result);
  }

  #send(frame: Buffer): void {
    if (!this.#connection.destroyed) this.#connection.write(frame);
  }
}

const BROKEN_PIPE = 141;

function resultOf({ failure, ...result }: RelayResult): SharedResult {
  if (failure === undefined) return { ...result, failure: undefined };
  const { code, message, hint, exitCode } = failure;
  const advice = hint === undefined ? {} : { hint };
  return { ...result, failure: new EcshError(code, message, { ...advice, exitCode }) };
}

function lost(why: ConnectFault): SharedResult {
  const failure = new EcshError(
    'connection-lost',
    `ecsh connect, which ran this command, ${why}.`,
    { hint: 'It is not known whether the command finished.' },
  );
  return {
    status: undefined,
    exitCode: failure.exitCode,
    wasStopped: false,
    sessionId: undefined,
    failure,
  };
}
