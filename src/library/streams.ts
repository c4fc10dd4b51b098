import { Readable, Writable } from 'node:stream';
import { EcshError } from '#domain/errors/errors.ts';
import { Capture } from '#session/capture.ts';
import type { CommandInput } from './options.ts';

/** Streams of the caller with our error listener: one each, for any number of commands. */
const watched = new WeakSet<Writable>();

/**
 * Passes bytes on to a stream of the caller, which any number of commands can share: it does not add a listener
 * for each, and a destroyed stream fails the command that writes to it.
 */
export class Onward extends Writable {
  readonly #target: Writable;

  constructor(target: Writable) {
    super();
    this.#target = target;
    if (watched.has(target)) return;
    watched.add(target);
    // Without a listener an error would end the caller's process; the write below reports it.
    target.on('error', () => undefined);
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    const target = this.#target;
    if (target.destroyed || target.writableEnded) {
      done(new Error('The stream has been closed.'));
      return;
    }
    // A destroyed stream may never call back.
    const onClose = () => done(new Error('The stream has been closed.'));
    target.once('close', onClose);
    target.write(chunk, (error) => {
      target.off('close', onClose);
      if (!target.destroyed || error) done(error);
    });
  }
}

/** Keeps output up to `limit` bytes. */
export class BoundedCapture extends Capture {
  readonly #limit: number;
  #size = 0;
  isExceeded = false;

  constructor(limit: number) {
    super();
    this.#limit = limit;
  }

  override _write(chunk: Buffer, encoding: string, done: (error?: Error) => void): void {
    this.#size += chunk.length;
    if (this.#size <= this.#limit) {
      super._write(chunk, encoding, done);
      return;
    }
    this.isExceeded = true;
    done(new Error('maxBuffer is exceeded'));
  }
}

/** Returns stdin as a stream of bytes, or undefined for an empty one. Text is sent as UTF-8. */
export function readableOf(stdin: CommandInput | undefined): Readable | undefined {
  if (stdin === undefined) return undefined;
  if (typeof stdin === 'string' || stdin instanceof Uint8Array) {
    return stdin.length === 0 ? undefined : Readable.from([Buffer.from(stdin)]);
  }
  const isOfBytes =
    stdin instanceof Readable && !stdin.readableObjectMode && stdin.readableEncoding === null;
  return isOfBytes ? stdin : Readable.from(bytesOf(stdin));
}

/** @throws EcshError `file-unreadable` for a chunk that is neither text nor bytes */
async function* bytesOf(chunks: Iterable<unknown> | AsyncIterable<unknown>) {
  for await (const chunk of chunks) {
    if (typeof chunk === 'string' || chunk instanceof Uint8Array) yield Buffer.from(chunk);
    else {
      throw new EcshError('file-unreadable', `stdin yields ${typeof chunk}, not text or bytes.`);
    }
  }
}

export function maxBufferExceeded(limit: number): EcshError {
  return new EcshError('output-too-large', `The command printed more than ${limit} bytes.`, {
    hint: 'Raise maxBuffer, or give a stream as stdout.',
  });
}
