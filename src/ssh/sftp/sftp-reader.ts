import { PassThrough } from 'node:stream';
import type { RunningCommand } from '#shared/shared-options.ts';
import { failureOf } from './sftp-error.ts';
import { pathWord, type SftpShell } from './sftp-shell.ts';

/** Bytes to read ahead, so that the next request needs no round trip. */
const READ_AHEAD = 256 * 1024;

const SCRIPT = `d "$1"; [ ! -d "$v" ] || { echo "x: Is a directory" >&2; exit 1; }
[ -r "$v" ] && [ "$2" = 0 ] && exec cat "$v"
exec tail -c +"$(($2 + 1))" "$v"`;

/** Reads a file with one command as long as reads are sequential. A read elsewhere starts a new command there. */
export class SftpReader {
  readonly #shell: SftpShell;
  readonly #path: string;
  #stream: Source | undefined;
  #position = 0;

  constructor(shell: SftpShell, path: string) {
    this.#shell = shell;
    this.#path = path;
  }

  /**
   * @returns `length` bytes, fewer at the end of the file, none after it
   * @throws SftpError
   */
  async read(offset: number, length: number): Promise<Buffer> {
    if (this.#stream === undefined || offset !== this.#position) {
      this.close();
      this.#stream = new Source(this.#shell, this.#path, offset);
      this.#position = offset;
    }
    const data = await this.#stream.take(length);
    this.#position += data.length;
    // The file may grow: the next read starts a new command.
    if (data.length < length) this.close();
    return data;
  }

  close(): void {
    this.#stream?.close();
    this.#stream = undefined;
  }
}

/** The bytes of one command. */
class Source {
  readonly #output = new PassThrough({ highWaterMark: READ_AHEAD });
  readonly #abort = new AbortController();
  readonly #complaint = new PassThrough();
  readonly #running: RunningCommand;
  readonly #iterator: AsyncIterator<Buffer>;
  #rest: Buffer = Buffer.alloc(0);
  #failure: Error | undefined;

  constructor(shell: SftpShell, path: string, offset: number) {
    this.#running = shell.start(SCRIPT, [pathWord(path), String(offset)], {
      stdout: this.#output,
      stderr: this.#complaint,
      signal: this.#abort.signal,
    });
    this.#iterator = this.#output[Symbol.asyncIterator]();
    void this.#finish();
  }

  async take(length: number): Promise<Buffer> {
    const parts: Buffer[] = [this.#rest];
    let size = this.#rest.length;
    while (size < length) {
      const { done, value } = await this.#iterator.next();
      if (done) break;
      parts.push(value);
      size += value.length;
    }
    if (size === 0 && this.#failure !== undefined) throw this.#failure;
    const all = Buffer.concat(parts);
    this.#rest = all.subarray(length);
    return all.subarray(0, length);
  }

  close(): void {
    this.#abort.abort();
    this.#output.destroy();
  }

  async #finish(): Promise<void> {
    const { status, failure } = await this.#running.ended;
    if (this.#abort.signal.aborted) return;
    if (failure !== undefined) this.#failure = failure;
    else if (status !== 0) this.#failure = failureOf(String(this.#complaint.read() ?? ''));
    this.#output.end();
  }
}
