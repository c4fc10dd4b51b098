import { Transform, type TransformCallback } from 'node:stream';
import { type CopyReply, parseReply } from './copy-script.ts';

const NEWLINE = 0x0a;
/** More than the script says in one; a container may have something else in its place. */
const LONGEST_LINE = 4096;

/** What the script for a copy writes: one line is for us, and the rest passes as it is. */
export class ReplyStream extends Transform {
  readonly #onReply: (reply: CopyReply) => void;
  #line: Buffer | undefined = Buffer.alloc(0);

  /** @param onReply is not called for a line that the script would not say */
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
