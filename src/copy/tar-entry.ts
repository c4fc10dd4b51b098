/**
 * The header of one file in a tar archive that every tar can read: ustar fields (POSIX 1003.1-1988), and GNU tar's
 * entries for long names. BusyBox before 1.22 ignores pax entries, and would give all such files the same name.
 */
export interface TarEntry {
  readonly type: 'file' | 'directory' | 'symlink';
  /** Raw: one character per byte, because a file name need not be text. */
  readonly name: string;
  readonly linkName?: string;
  readonly mode: number;
  /** Seconds since the epoch. */
  readonly modifiedAt: number;
  readonly size: number;
}

const BLOCK = 512;
const TYPES = { file: '0', symlink: '2', directory: '5' } as const;
const LONG_NAME = 'L';
const LONG_LINK_NAME = 'K';
/** Length of the fields for a name and for the target of a link, in bytes. */
const NAME_FIELD = 100;

/** Two empty blocks. */
export const END_OF_ARCHIVE = new Uint8Array(2 * BLOCK);

export function encodeTarEntry(entry: TarEntry): Uint8Array {
  const { name, linkName = '', type } = entry;
  return Buffer.concat([
    ...longName(LONG_LINK_NAME, linkName),
    ...longName(LONG_NAME, name),
    header({ ...entry, linkName, typeFlag: TYPES[type] }),
  ]);
}

/** Fills the last block of the content. */
export function tarPadding(size: number): Uint8Array {
  return new Uint8Array((BLOCK - (size % BLOCK)) % BLOCK);
}

function longName(typeFlag: string, name: string): readonly Uint8Array[] {
  if (name.length <= NAME_FIELD) return [];
  const content = Buffer.from(`${name}\0`, 'latin1');
  const size = content.length;
  const entry = { name: '././@LongLink', linkName: '', mode: 0, modifiedAt: 0, size, typeFlag };
  return [header(entry), content, tarPadding(size)];
}

interface Header extends Omit<TarEntry, 'type' | 'linkName'> {
  readonly linkName: string;
  readonly typeFlag: string;
}

/** Numbers are octal. Everything belongs to root, so that no local user appears in the container. */
function header({ name, linkName, mode, modifiedAt, size, typeFlag }: Header): Uint8Array {
  const block = Buffer.alloc(BLOCK);
  const put = (text: string, at: number) => block.write(text, at, 'latin1');
  put(name.slice(0, NAME_FIELD), 0);
  put(`${octal(mode, 7)}\0${octal(0, 7)}\0${octal(0, 7)}\0`, 100);
  putNumber(block, size, 124);
  putNumber(block, Math.max(0, Math.floor(modifiedAt)), 136);
  put(`        ${typeFlag}${linkName.slice(0, NAME_FIELD)}`, 148);
  put('ustar  \0root', 257);
  put('root', 297);
  // The checksum counts its own field as spaces.
  const sum = block.reduce((total, byte) => total + byte, 0);
  put(`${octal(sum, 6)}\0 `, 148);
  return block;
}

/** Twelve bytes. From 8 GiB on, a binary number with the first bit set, as in GNU tar. */
function putNumber(block: Buffer, value: number, at: number): void {
  if (value < 8 ** 11) {
    block.write(`${octal(value, 11)}\0`, at, 'latin1');
    return;
  }
  block.writeUInt8(0x80, at);
  block.writeBigUInt64BE(BigInt(value), at + 4);
}

function octal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, '0');
}
