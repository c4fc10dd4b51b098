import { Writable } from 'node:stream';
import type { CommandRunner } from '#ssh/command-channel.ts';
import { escapedBytes } from '#ssh/command-words.ts';
import { failureOf, SftpError } from './sftp-error.ts';
import { Status } from './sftp-packets.ts';

/** The largest output of a script, such as the listing of a huge directory, in bytes. */
export const MAX_OUTPUT = 16 * 1024 * 1024;
const MAX_STDERR = 8 * 1024;

/**
 * The start of every script. `d WORD` decodes a path (`pathWord`) into $v. The `x` preserves a trailing newline, which
 * `$(…)` would remove.
 */
const PRELUDE = `export LC_ALL=C; set -f
d() { case $1 in *'\\'*) v=$(printf '%bx' "$1"); v=\${v%x};; *) v=$1;; esac; case $v in -*) v=./$v;; esac; }
`;

/** Runs small scripts in the container, as one user. */
export class SftpShell {
  readonly #runner: CommandRunner;
  readonly #user: string | undefined;
  readonly #closed: AbortSignal;

  constructor(runner: CommandRunner, user: string | undefined, closed: AbortSignal) {
    this.#runner = runner;
    this.#user = user;
    this.#closed = closed;
  }

  /** Runs a script like `output`. @returns the output as latin1 */
  async run(script: string, ...words: readonly string[]): Promise<string> {
    return (await this.output(script, ...words)).toString('latin1');
  }

  /**
   * Runs a script to its end.
   *
   * @param words `$1`, `$2`, …; paths are encoded by `pathWord`
   * @throws SftpError if the status is not 0; the reason is the last line of stderr
   */
  async output(script: string, ...words: readonly string[]): Promise<Buffer> {
    const stdout = new Collected(MAX_OUTPUT);
    const stderr = new Collected(MAX_STDERR);
    const { status, failure } = await this.start(script, words, { stdout, stderr }).ended;
    if (failure !== undefined) throw new SftpError(Status.failure, failure.message);
    if (status !== 0) throw failureOf(stderr.bytes.toString('latin1'));
    return stdout.bytes;
  }

  /** Starts a script with the caller's streams. */
  start(
    script: string,
    words: readonly string[],
    streams: Omit<Parameters<CommandRunner['start']>[1], 'user' | 'signal'> & {
      readonly signal?: AbortSignal;
    },
  ) {
    const { signal = this.#closed, ...others } = streams;
    return this.#runner.start(['sh', '-c', PRELUDE + script, 'sh', ...words], {
      ...others,
      user: this.#user,
      signal,
    });
  }
}

/** Encodes a path of any bytes as one word of a command line. @throws SftpError for a NUL, which no path can hold */
export function pathWord(path: string): string {
  if (path.includes('\0')) throw new SftpError(Status.badMessage, 'A path with a NUL byte');
  return escapedBytes(path === '' ? '.' : path);
}

/**
 * Collects output up to a limit. Beyond it, the stream fails, which ends the command. The bytes are copied, because a
 * chunk can be a small part of a larger buffer and would keep it in memory.
 */
class Collected extends Writable {
  readonly #limit: number;
  #data: Buffer = Buffer.alloc(0);
  #size = 0;

  constructor(limit: number) {
    super();
    this.#limit = limit;
  }

  get bytes(): Buffer {
    return this.#data.subarray(0, this.#size);
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error) => void): void {
    const size = this.#size + chunk.length;
    if (size > this.#limit) {
      done(new Error('too much output'));
      return;
    }
    if (size > this.#data.length) {
      const larger = Buffer.allocUnsafeSlow(Math.min(2 * size, this.#limit));
      larger.set(this.bytes);
      this.#data = larger;
    }
    this.#data.set(chunk, this.#size);
    this.#size = size;
    done();
  }
}
