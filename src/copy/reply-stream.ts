import { Transform, type TransformCallback } from 'node:stream';
import { type CopyReply, parseReply } from './copy-script.ts';

const NEWLINE = 0x0a;
/** Longer than any reply of our script; a container can run something else instead. */
const LONGEST_LINE = 4096;

/** The stdout of a copy's script: the first line is a reply, and the rest passes unchanged. */
export class ReplyStream extends Transform {
  readonly #onReply: (reply: CopyReply) => void;
  #line: Buffer | undefined = Buffer.alloc(0);

  /** @param onReply not called for a line that the script never writes */
  constructor(onReply: (reply: CopyReply) => void) {
    super();
    this.#onReply = onReply;
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    if (this.#line === undefined) {
      done(null, chunk);
      return;
    }
    const data = Buffer.concat([this.#line, chunk]);
    const end = data.indexOf(NEWLINE);
    if (end === -1 && data.length <= LONGEST_LINE) {
      this.#line = data;
      done();
      return;
    }
    this.#line = undefined;
    const reply = end === -1 ? undefined : parseReply(data.toString('utf8', 0, end));
    if (reply !== undefined) this.#onReply(reply);
    done(null, data.subarray(end + 1));
  }
}

/** The reply in the last line that the script writes after the first one. */
export class LastReply {
  #tail = '';

  constructor(stream: ReplyStream) {
    stream.on('data', (chunk: Buffer) => {
      this.#tail = (this.#tail + chunk.toString('latin1')).slice(-LONGEST_LINE);
    });
  }

  get value(): CopyReply | undefined {
    return parseReply(this.#tail.trimEnd().split('\n').at(-1) ?? '');
  }
}
