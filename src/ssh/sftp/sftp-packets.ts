/** SFTP version 3 (draft-ietf-secsh-filexfer-02) with OpenSSH's changes. Names are bytes, kept as latin1. */

export const Type = {
  init: 1,
  version: 2,
  open: 3,
  close: 4,
  read: 5,
  write: 6,
  lstat: 7,
  fstat: 8,
  setstat: 9,
  fsetstat: 10,
  opendir: 11,
  readdir: 12,
  remove: 13,
  mkdir: 14,
  rmdir: 15,
  realpath: 16,
  stat: 17,
  rename: 18,
  readlink: 19,
  symlink: 20,
  status: 101,
  handle: 102,
  data: 103,
  name: 104,
  attrs: 105,
  extended: 200,
  extendedReply: 201,
} as const;

export const Status = {
  ok: 0,
  eof: 1,
  noSuchFile: 2,
  permissionDenied: 3,
  failure: 4,
  badMessage: 5,
  unsupported: 8,
} as const;

export const OpenFlag = {
  read: 1,
  write: 2,
  append: 4,
  create: 8,
  truncate: 16,
  exclusive: 32,
} as const;

const AttributeFlag = { size: 1, owner: 2, mode: 4, times: 8, extended: 0x80000000 } as const;

export interface Attributes {
  readonly size?: number | undefined;
  readonly uid?: number | undefined;
  readonly gid?: number | undefined;
  /** Includes the bits of the file type. */
  readonly mode?: number | undefined;
  /** Seconds since the epoch. */
  readonly accessedAt?: number | undefined;
  readonly modifiedAt?: number | undefined;
}

export interface NamedFile {
  readonly name: string;
  readonly longName: string;
  readonly attributes: Attributes;
}

/** The largest packet of OpenSSH (sftp-common.h, SFTP_MAX_MSG_LENGTH). */
export const MAX_BYTES = 256 * 1024;

/** Splits a stream into packets. @throws RangeError if a packet is too large or empty */
export class PacketSplitter {
  #rest: Buffer = Buffer.alloc(0);

  push(chunk: Uint8Array): readonly PacketReader[] {
    let data = this.#rest.length === 0 ? Buffer.from(chunk) : Buffer.concat([this.#rest, chunk]);
    const packets: PacketReader[] = [];
    while (data.length >= 4) {
      const length = data.readUInt32BE(0);
      if (length === 0 || length > MAX_BYTES) throw new RangeError(`a packet of ${length} bytes`);
      if (data.length < 4 + length) break;
      packets.push(new PacketReader(data.subarray(4, 4 + length)));
      data = data.subarray(4 + length);
    }
    this.#rest = data;
    return packets;
  }
}

/**
 * Reads the fields of a packet in order. @throws RangeError if the packet ends early, or for a number too large for
 * any file
 */
export class PacketReader {
  readonly type: number;
  readonly #data: Buffer;
  #at = 1;

  constructor(data: Buffer) {
    this.#data = data;
    this.type = data.readUInt8(0);
  }

  uint32(): number {
    this.#at += 4;
    return this.#data.readUInt32BE(this.#at - 4);
  }

  uint64(): number {
    this.#at += 8;
    const value = Number(this.#data.readBigUInt64BE(this.#at - 8));
    // A rounded offset would write to a different place.
    if (!Number.isSafeInteger(value)) throw new RangeError('a number beyond every file');
    return value;
  }

  bytes(): Buffer {
    const length = this.uint32();
    if (this.#at + length > this.#data.length) throw new RangeError('a string past the end');
    this.#at += length;
    return this.#data.subarray(this.#at - length, this.#at);
  }

  text(): string {
    return this.bytes().toString('latin1');
  }

  attributes(): Attributes {
    const flags = this.uint32();
    const has = (flag: number) => (flags & flag) !== 0;
    const size = has(AttributeFlag.size) ? this.uint64() : undefined;
    const [uid, gid] = has(AttributeFlag.owner) ? [this.uint32(), this.uint32()] : [];
    const mode = has(AttributeFlag.mode) ? this.uint32() : undefined;
    const [accessedAt, modifiedAt] = has(AttributeFlag.times) ? [this.uint32(), this.uint32()] : [];
    return { size, uid, gid, mode, accessedAt, modifiedAt };
  }
}

/** A field of a packet. */
export type Field =
  | { readonly byte: number }
  | { readonly uint32: number }
  | { readonly uint64: number | bigint }
  | { readonly bytes: Uint8Array }
  | { readonly text: string };

export function packet(type: number, ...fields: readonly Field[]): Buffer {
  const body = Buffer.concat([Buffer.from([type]), ...fields.map(encode)]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length);
  return Buffer.concat([length, body]);
}

function encode(field: Field): Buffer {
  if ('byte' in field) return Buffer.from([field.byte]);
  if ('uint32' in field) {
    const data = Buffer.alloc(4);
    data.writeUInt32BE(field.uint32 >>> 0);
    return data;
  }
  if ('uint64' in field) {
    const data = Buffer.alloc(8);
    data.writeBigUInt64BE(BigInt.asUintN(64, BigInt(field.uint64)));
    return data;
  }
  const content = 'bytes' in field ? Buffer.from(field.bytes) : Buffer.from(field.text, 'latin1');
  return Buffer.concat([encode({ uint32: content.length }), content]);
}

export function attributeFields(attributes: Attributes): readonly Field[] {
  const { size, uid, gid, mode, accessedAt, modifiedAt } = attributes;
  const fields: Field[] = [];
  let flags = 0;
  if (size !== undefined) {
    flags |= AttributeFlag.size;
    fields.push({ uint64: size });
  }
  if (uid !== undefined && gid !== undefined) {
    flags |= AttributeFlag.owner;
    fields.push({ uint32: uid }, { uint32: gid });
  }
  if (mode !== undefined) {
    flags |= AttributeFlag.mode;
    fields.push({ uint32: mode });
  }
  if (accessedAt !== undefined && modifiedAt !== undefined) {
    flags |= AttributeFlag.times;
    fields.push({ uint32: accessedAt }, { uint32: modifiedAt });
  }
  return [{ uint32: flags }, ...fields];
}
