import type { Duplex, Readable, Writable } from 'node:stream';
import { EcshError } from '#domain/errors/errors.ts';
import { OutputSink } from '#session/output-sink.ts';
import { StdinPump } from '#session/stdin-pump.ts';
import { connectGone } from './connect-gone.ts';
import {
  encodeFrame,
  encodeJson,
  FRAME_TYPES,
  FrameSplitter,
  type RelayFrame,
} from './relay-frames.ts';
import {
  type RelayRequest,
  type RelayResult,
  type RelayStop,
  type RelayTarget,
  STDIN_CREDIT,
} from './relay-messages.ts';
import type { SharedResult } from './shared-options.ts';

export interface RelayStreams {
  readonly stdin: Readable | undefined;
  readonly stdout: Writable;
  readonly stderr: Writable;
  readonly onNotice: (text: string) => void;
}

/** A command that runs in the session of an `ecsh connect`. */
export interface RelayedCommand {
  readonly target: RelayTarget;
  /** Never rejects. */
  readonly ended: Promise<SharedResult>;
  /** Ends the command. A second call sends SIGKILL at once. */
  stop(reason: RelayStop): void;
}

/**
 * Asks the `ecsh connect` at the other end of a local connection to run a command.
 *
 * @returns undefined when its session is for another container
 * @throws EcshError `connect-gone` when it ended before it answered
 */
export async function relay(
  connection: Duplex,
  request: RelayRequest,
  streams: RelayStreams,
): Promise<RelayedCommand | undefined> {
  const call = new RelayedCall(connection, streams);
  connection.write(encodeJson(FRAME_TYPES.request, request));
  const answer = await call.answer;
  if (answer === 'gone') throw connectGone();
  return answer === 'accepted' ? call : undefined;
}

type Answer = 'accepted' | 'refused' | 'gone';

class RelayedCall implements RelayedCommand {
  /** The server's answer to the request. */
  readonly answer: Promise<Answer>;
  readonly ended: Promise<SharedResult>;
  target: RelayTarget = { cluster: '', task: '', container: '' };
  readonly #connection: Duplex;
  readonly #streams: RelayStreams;
  readonly #frames = new FrameSplitter();
  readonly #sinks: readonly OutputSink[];
  #pump: StdinPump | undefined;
  #credit = STDIN_CREDIT;
  #fullSinks = 0;
  #broken: RelayStop | undefined;
  #hear: (answer: Answer) => void = () => undefined;
  #settle: (result: SharedResult) => void = () => undefined;

  constructor(connection: Duplex, streams: RelayStreams) {
    this.#connection = connection;
    this.#streams = streams;
    this.answer = new Promise((resolve) => {
      this.#hear = resolve;
    });
    this.ended = new Promise((resolve) => {
      this.#settle = resolve;
    });
    this.#sinks = [this.#createSink(streams.stdout), this.#createSink(streams.stderr)];
    connection.on('data', (chunk: Buffer) => {
      for (const frame of this.#frames.push(chunk)) this.#handle(frame);
    });
    connection.on('error', () => undefined);
    connection.on('close', () => void this.#finish(lost()));
  }

  stop(reason: RelayStop): void {
    this.#send(encodeJson(FRAME_TYPES.stop, reason));
  }

  #handle({ type, payload }: RelayFrame): void {
    const [stdout, stderr] = this.#sinks;
    switch (type) {
      case FRAME_TYPES.accepted:
        this.target = JSON.parse(`${payload}`);
        this.#openStdin();
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
        this.#credit += payload.readUInt32BE(0);
        if (this.#credit > 0) this.#pump?.resume();
        return;
      case FRAME_TYPES.notice:
        this.#streams.onNotice(`${payload}`);
        return;
      case FRAME_TYPES.result:
        void this.#finish(resultOf(JSON.parse(`${payload}`)));
    }
  }

  #openStdin(): void {
    const { stdin } = this.#streams;
    if (stdin === undefined) return;
    this.#pump = new StdinPump(stdin, {
      onData: (data) => {
        this.#send(encodeFrame(FRAME_TYPES.stdin, data));
        this.#credit -= data.length;
        if (this.#credit <= 0) this.#pump?.pause();
      },
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
    this.#hear('gone');
    this.#pump?.close();
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

function lost(): SharedResult {
  const failure = new EcshError(
    'connection-lost',
    'ecsh connect, which ran this command, has ended.',
    {
      hint: 'Whether the command ran to its end is not known.',
    },
  );
  return {
    status: undefined,
    exitCode: failure.exitCode,
    wasStopped: false,
    sessionId: undefined,
    failure,
  };
}
