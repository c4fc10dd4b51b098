import { PassThrough } from 'node:stream';
import type { RunningCommand } from '#shared/shared-options.ts';
import { failureOf, SftpError } from './sftp-error.ts';
import { type Attributes, OpenFlag, Status } from './sftp-packets.ts';
import { octalText, setScript, UMASK } from './sftp-paths.ts';
import { pathWord, type SftpShell } from './sftp-shell.ts';

/**
 * Prints the path to write to, and the final path. A file that is written from its start gets a temporary name in the same
 * folder, so that a lost connection leaves no half-written file. Devices, and files in a folder that is not writable, are
 * written in place. $2 contains letters for flags: create, truncate, exclusive, and read for a file that is not written.
 */
const OPEN = `d "$1"; f=$2
[ ! -d "$v" ] || { echo "x: Is a directory" >&2; exit 1; }
if [ -e "$v" ] || [ -L "$v" ]; then
case $f in *c*x*) echo "x: File exists" >&2; exit 1;; esac
[ ! -L "$v" ] || v=$(readlink -f "$v" 2>/dev/null || echo "$v")
else case $f in *c*) ;; *) echo "x: No such file or directory" >&2; exit 1;; esac; fi
t=$v
case $f in *t*) case $v in */*) h=\${v%/*}/;; *) h=;; esac
[ -L "$v" ] || { [ -e "$v" ] && [ ! -f "$v" ]; } || { t=$h.ecsh-sftp-$3; ( umask 077; : >"$t" ) 2>/dev/null || t=$v; };; esac
[ "$t" != "$v" ] || case $f in *t*) : >"$t" || exit;; *r*) [ -e "$t" ] || : >>"$t" || exit;; *) : >>"$t" || exit;; esac
printf '%s\\0%s\\0' "$t" "$v"`;

/** Writes stdin to the file at an offset, and keeps the rest. If the seek fails, it writes nothing. */
const WRITE = `d "$1"; if [ "$2" = end ]; then exec cat >>"$v"; fi
{ [ "$2" = 0 ] || dd bs=1 count=0 seek="$2" conv=notrunc </dev/null 2>/dev/null || exit; cat; } 1<>"$v"`;

/** Copies $4 bytes (0: to the end) at offset $3 of the file $1 to offset $5 of the file $2. */
const COPY = `d "$1"; a=$v; d "$2"
{ [ "$5" = 0 ] || dd bs=1 count=0 seek="$5" conv=notrunc </dev/null 2>/dev/null || exit
if [ "$4" = 0 ]; then tail -c +"$(($3 + 1))" "$a"; else tail -c +"$(($3 + 1))" "$a" | head -c "$4"; fi; } 1<>"$v"`;

/** Moves the finished file to its final path. It keeps the mode and owner of the file that it replaces. */
const COMMIT = `d "$1"; t=$v; d "$2"
if [ -f "$v" ]; then o=$(stat -c %u:%g "$v") && chown "$o" "$t" 2>/dev/null; chmod "$(stat -c %a "$v")" "$t" || exit
else chmod "$3" "$t" || exit; fi
mv -f "$t" "$v"`;

/** Permissions of a new file, before the umask, if the request has none. */
const NEW_FILE = 0o666;

export interface WriterOptions {
  readonly path: string;
  /** Bits of `OpenFlag`. */
  readonly flags: number;
  readonly mode: number | undefined;
  /** Unique among the files that are written at the same time. */
  readonly id: string;
}

/** Bytes of one file, and where they go in another. */
export interface CopiedPart {
  readonly from: number;
  /** 0: to the end of the file. */
  readonly length: number;
  readonly to: number;
}

/** A file that is open for writing. */
export class SftpWriter {
  readonly #shell: SftpShell;
  readonly #options: WriterOptions;
  readonly #written: string;
  readonly #final: string;
  #sink: Sink | undefined;
  #position = 0;
  /** The first failed write. It is kept because OpenSSH ignores it if a later write succeeds, which would leave a hole. */
  #failure: unknown;
  /** Attributes to set on `close`, because a later write would change the time again. */
  #attributes: Attributes = {};

  private constructor(shell: SftpShell, options: WriterOptions, written: string, final: string) {
    this.#shell = shell;
    this.#options = options;
    this.#written = written;
    this.#final = final;
  }

  /** Creates an empty file, unless it exists, for a client that only reads it. @throws SftpError */
  static async create(shell: SftpShell, path: string, isExclusive: boolean): Promise<void> {
    await shell.run(OPEN, pathWord(path), isExclusive ? 'cxr' : 'cr', '');
  }

  /** @throws SftpError */
  static async open(shell: SftpShell, options: WriterOptions): Promise<SftpWriter> {
    const { path, flags, id } = options;
    const letters = [
      flags & OpenFlag.create ? 'c' : '',
      flags & OpenFlag.truncate ? 't' : '',
      flags & OpenFlag.exclusive ? 'x' : '',
    ].join('');
    const text = await shell.run(OPEN, pathWord(path), letters, id);
    const [written = path, final = path] = text.split('\0');
    return new SftpWriter(shell, options, written, final);
  }

  /** The path that holds the bytes now, for reads and fstat. */
  get path(): string {
    return this.#written;
  }

  /** Resolves when there is room for more. @throws SftpError; every later call, `close` included, then throws it too */
  async write(offset: number, data: Buffer): Promise<void> {
    await this.#keepFailure(() => this.#write(offset, data));
  }

  /** Resolves when the file has all bytes. @throws SftpError */
  async flush(): Promise<void> {
    await this.#keepFailure(() => this.#flush());
  }

  async #keepFailure(work: () => Promise<unknown>): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    try {
      await work();
    } catch (error) {
      this.#failure ??= error;
      throw error;
    }
  }

  async #write(offset: number, data: Buffer): Promise<void> {
    const isAppending = (this.#options.flags & OpenFlag.append) !== 0;
    if (this.#sink === undefined || (offset !== this.#position && !isAppending)) {
      await this.#flush();
      this.#position = offset;
      this.#sink = new Sink(this.#shell, this.#written, isAppending ? 'end' : String(offset));
    }
    await this.#sink.write(data);
    this.#position += data.length;
  }

  async #flush(): Promise<void> {
    const sink = this.#sink;
    this.#sink = undefined;
    await sink?.end();
  }

  /** Copies a part of another file inside the container. @throws SftpError */
  async copyFrom(path: string, part: CopiedPart): Promise<void> {
    await this.flush();
    const numbers = [part.from, part.length, part.to].map(String);
    await this.#shell.run(COPY, pathWord(path), pathWord(this.#written), ...numbers);
  }

  /** Sets the size at once, because later writes depend on it, and the rest at `close`. @throws SftpError */
  async setAttributes({ size, ...others }: Attributes): Promise<void> {
    const given = Object.entries(others).filter(([, value]) => value !== undefined);
    this.#attributes = { ...this.#attributes, ...Object.fromEntries(given) };
    if (size === undefined) return;
    await this.flush();
    await this.#keepFailure(() =>
      this.#shell.run(`d "$1"; ${setScript({ size })}`, pathWord(this.#written)),
    );
  }

  /** Moves the file to its final path, and sets its attributes. @throws SftpError */
  async close(): Promise<void> {
    await this.flush().catch(async (error: unknown) => {
      await this.discard();
      throw error;
    });
    const set = setScript(this.#attributes);
    const isStaged = this.#written !== this.#final;
    if (isStaged) {
      const mode = (this.#options.mode ?? NEW_FILE) & ~UMASK;
      const script = set === '' ? COMMIT : `${COMMIT} || exit; ${set}`;
      await this.#shell.run(
        script,
        pathWord(this.#written),
        pathWord(this.#final),
        octalText(mode),
      );
    } else if (set !== '') await this.#shell.run(`d "$1"; ${set}`, pathWord(this.#final));
  }

  /** Removes a half-written file after the connection was lost. */
  async discard(): Promise<void> {
    this.#sink?.abort();
    if (this.#written === this.#final) return;
    await this.#shell.run('d "$1"; rm -f "$v"', pathWord(this.#written)).catch(() => undefined);
  }
}

/** A command that writes bytes to the file. */
class Sink {
  readonly #input = new PassThrough();
  readonly #stderr = new PassThrough();
  readonly #abort = new AbortController();
  readonly #running: RunningCommand;
  #failure: Error | undefined;

  constructor(shell: SftpShell, path: string, offset: string) {
    this.#running = shell.start(WRITE, [pathWord(path), offset], {
      stdin: this.#input,
      stdout: new PassThrough().resume(),
      stderr: this.#stderr,
      signal: this.#abort.signal,
    });
    void this.#running.ended.then(({ status, failure }) => {
      if (failure !== undefined) this.#failure = new SftpError(Status.failure, failure.message);
      else if (status !== 0) this.#failure = failureOf(String(this.#stderr.read() ?? ''));
      // Otherwise `write` would wait forever for room.
      this.#input.resume();
    });
  }

  async write(data: Buffer): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#input.write(data)) return;
    await new Promise((resolve) => this.#input.once('drain', resolve));
    if (this.#failure !== undefined) throw this.#failure;
  }

  async end(): Promise<void> {
    this.#input.end();
    await this.#running.ended;
    if (this.#failure !== undefined) throw this.#failure;
  }

  abort(): void {
    this.#abort.abort();
  }
}
