import { SftpError } from './sftp-error.ts';
import { type Attributes, type NamedFile, Status } from './sftp-packets.ts';

const NEWLINE = 0x0a;

/**
 * The entries of a directory, as the container printed them. There are two forms: all lines of `stat`, an empty line,
 * and then all names in the same order; or an empty line, and then each line of `stat` together with its name. Each
 * name ends with a NUL. Entries are parsed when they are read, because 100,000 parsed ones take more than 100 MB.
 */
export class DirectoryListing {
  #data: Buffer;
  /** Offset of the next line of `stat`; undefined in the second form. */
  #line: number | undefined;
  #name: number;

  /** @throws SftpError if the bytes are not the output of the script */
  constructor(data: Buffer) {
    this.#data = data;
    if (data[0] === NEWLINE) {
      this.#name = 1;
      return;
    }
    const end = data.indexOf('\n\n');
    if (end === -1) throw unknownOutput();
    this.#line = 0;
    this.#name = end + 2;
  }

  /** Memory of the listing, in bytes; 0 after it was read to the end. */
  get size(): number {
    return this.#data.length;
  }

  /** Returns the next entries, at most `count`; none at the end. @throws SftpError if the output is not that of `stat` */
  next(count: number): readonly NamedFile[] {
    const files: NamedFile[] = [];
    while (files.length < count && this.#name < this.#data.length) {
      const file = this.#take();
      if (hasSafeName(file)) files.push(file);
    }
    if (this.#name >= this.#data.length) this.#data = Buffer.alloc(0);
    return files;
  }

  #take(): NamedFile {
    const name = this.#textUntil('\0', this.#name);
    this.#name += name.length + 1;
    if (this.#line === undefined) return entryWithLine(name);
    const line = this.#textUntil('\n', this.#line);
    this.#line += line.length + 1;
    return entry(name, attributesIn(line));
  }

  #textUntil(mark: string, start: number): string {
    const end = this.#data.indexOf(mark, start);
    return this.#data.toString('latin1', start, end === -1 ? this.#data.length : end);
  }
}

/** @throws SftpError if it is not the output of `stat` */
export function attributesIn(line: string): Attributes {
  const [mode = '', ...rest] = line.trim().split(' ');
  const [size, uid, gid, accessedAt, modifiedAt] = rest.map(Number);
  if (
    !/^[0-9a-f]+$/i.test(mode) ||
    rest.length < 5 ||
    rest.slice(0, 5).some((text) => !/^-?\d+$/.test(text))
  ) {
    throw unknownOutput();
  }
  return { mode: Number.parseInt(mode, 16), size, uid, gid, accessedAt, modifiedAt };
}

function unknownOutput(): SftpError {
  return new SftpError(Status.failure, 'unexpected output of stat');
}

/** A name with a slash could make a client that copies the directory write outside its destination. */
function hasSafeName({ name }: NamedFile): boolean {
  return !name.includes('/');
}

function entryWithLine(text: string): NamedFile {
  const [, line = '', name = ''] = /^((?:\S+ ){5}\S+) ([\s\S]*)$/.exec(text) ?? [];
  return entry(name, attributesIn(line));
}

function entry(printedName: string, attributes: Attributes): NamedFile {
  const name = printedName.startsWith('./') ? printedName.slice(2) : printedName;
  const { mode = 0, uid = 0, gid = 0, size = 0, modifiedAt = 0 } = attributes;
  const time = timeText(modifiedAt);
  const owner = `${String(uid).padEnd(8)} ${String(gid).padEnd(8)}`;
  const longName = `${modeText(mode)}    1 ${owner} ${String(size).padStart(8)} ${time} ${name}`;
  return { name, longName, attributes };
}

/** `2025-01-31 12:00`. The time of a file can exceed the range of Date (8.64e15 ms). */
function timeText(seconds: number): string {
  const time = new Date(seconds * 1_000);
  const isKnown = !Number.isNaN(time.getTime());
  return isKnown ? time.toISOString().slice(0, 16).replace('T', ' ') : '?'.padEnd(16);
}

/** The letters that `ls` prints for the type bits of a mode (inode(7), S_IFMT). */
const TYPES: Readonly<Record<number, string>> = {
  12: 's',
  10: 'l',
  8: '-',
  6: 'b',
  4: 'd',
  2: 'c',
  1: 'p',
};

/** `drwxr-xr-x`. */
function modeText(mode: number): string {
  const bits = [...'rwxrwxrwx'].map((letter, index) => ((mode >> (8 - index)) & 1 ? letter : '-'));
  return `${TYPES[mode >> 12] ?? '?'}${bits.join('')}`;
}
