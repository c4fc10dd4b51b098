import { Writable } from 'node:stream';

const NEWLINE = 0x0a;
/** A longer line is passed on in pieces, to limit the memory. */
const MAX_LINE = 64 * 1024;

/** Writes whole lines to a shared stream, each after a label. */
export class LinePrefixer extends Writable {
  readonly #target: Writable;
  readonly #label: Buffer;
  #rest: Buffer = Buffer.alloc(0);

  constructor(target: Writable, label: string) {
    super();
    this.#target = target;
    this.#label = Buffer.from(label);
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    const data = Buffer.concat([this.#rest, chunk]);
    const parts: Buffer[] = [];
    let start = 0;
    for (let end = data.indexOf(NEWLINE); end !== -1; end = data.indexOf(NEWLINE, start)) {
      parts.push(this.#label, data.subarray(start, end + 1));
      start = end + 1;
    }
    this.#rest = data.subarray(start);
    if (this.#rest.length > MAX_LINE) parts.push(...this.#takeRest());
    if (parts.length === 0 || this.#target.write(Buffer.concat(parts))) done();
    else this.#target.once('drain', done);
  }

  /** The last line, if it has no newline. */
  flush(): void {
    if (this.#rest.length > 0) this.#target.write(Buffer.concat(this.#takeRest()));
  }

  #takeRest(): readonly Buffer[] {
    const parts = [this.#label, this.#rest, Buffer.from('\n')];
    this.#rest = Buffer.alloc(0);
    return parts;
  }
}
