import { bytesOfText } from '#domain/exact-text.ts';
import commonScript from './common.sh';
import getScript from './get.sh';
import type { FileAttributes } from './local-copies.ts';
import putCommonScript from './put-common.sh';
import putFileScript from './put-file.sh';
import putTreeScript from './put-tree.sh';

/**
 * The scripts that run in the container for `cp`, inside the envelope. Contents arrive as its stdin or leave as its
 * stdout, after one line:
 *
 *   ready ENCODING                  send the content now, with gzip if the image has it, otherwise plain
 *   file ENCODING [MODE TIME SIZE]  the content of a file follows
 *   tree ENCODING                   a tar archive follows
 *   no WHY                          the script gave up; see `refusalError`. stderr may say more
 *
 * Incomplete data has a temporary name next to its final one, so a copy that ends early leaves no partial file.
 * Only a container that is killed leaves its `.ecsh-…` behind.
 */
const PUT_FILE = [commonScript, putCommonScript, putFileScript].join('; ');
const PUT_TREE = [commonScript, putCommonScript, putTreeScript].join('; ');
const GET = [commonScript, getScript].join('; ');

const argv = (script: string, words: readonly string[]) => [
  'sh',
  '-c',
  script,
  'ecsh-cp',
  ...words,
];

export interface PutFile {
  readonly path: string;
  readonly name: string;
  readonly mode: number | undefined;
  readonly modifiedAt: number | undefined;
  /** Also set `mode` on an existing file. */
  readonly preserves: boolean;
  /** Letters and digits that make the temporary name unique. */
  readonly id: string;
}

/** Writes a file; `trailerOf` follows its content. */
export function putFile(request: PutFile): readonly string[] {
  const { path, name, mode, modifiedAt, preserves, id } = request;
  // Without a mode, the container's umask decides.
  const permissions = mode === undefined ? '=rw' : (mode & 0o777).toString(8);
  const isExact = preserves && mode !== undefined;
  const words = [permissions, touchTime(modifiedAt), id, isExact ? 'preserve' : ''];
  return argv(PUT_FILE, [scriptWord(path), scriptWord(name), ...words]);
}

export interface PutTree {
  readonly path: string;
  readonly name: string;
  readonly isForeign: boolean;
  readonly id: string;
}

/** Unpacks a tar archive. */
export function putTree({ path, name, isForeign, id }: PutTree): readonly string[] {
  const folder = path.replace(/(?<=.)\/+$/, '');
  return argv(PUT_TREE, [scriptWord(folder), scriptWord(name), isForeign ? '' : 'own', id]);
}

export interface Get {
  readonly path: string;
  readonly isRecursive: boolean;
  /** Send an archive even for a single file. */
  readonly asArchive: boolean;
}

/** Sends a file or a directory. */
export function get({ path, isRecursive, asArchive }: Get): readonly string[] {
  return argv(GET, [scriptWord(path), isRecursive ? 'r' : '', asArchive ? 'a' : '']);
}

/**
 * A path as an argument of the scripts, unchanged, so that an auditor can read it. AWS accepts only valid text, so a
 * path that is not UTF-8, or that begins with a backslash, is written for `printf %b` after a backslash.
 */
function scriptWord(text: string): string {
  if (text.isWellFormed() && !text.startsWith('\\')) return text;
  const escaped = bytesOfText(text)
    .toString('latin1')
    .replace(/[^\w/.-]/g, (byte) => `\\0${byte.charCodeAt(0).toString(8).padStart(3, '0')}`);
  return `\\${escaped}`;
}

/** The last bytes of a transferred file: the output of `cksum` for the bytes before. */
export function trailerOf(sum: string): string {
  return `${sum.padEnd(TRAILER_BYTES - 1)}\n`;
}

const TRAILER_BYTES = 32;

/** `CCYYMMDDhhmm.SS` of POSIX touch, in UTC. */
function touchTime(seconds: number | undefined): string {
  if (seconds === undefined) return '';
  const digits = new Date(seconds * 1000).toISOString().replace(/\D/g, '');
  return `${digits.slice(0, 12)}.${digits.slice(12, 14)}`;
}

/** The reply before the content. */
export type ContentReply =
  | { readonly kind: 'tree'; readonly isCompressed: boolean }
  | (FileAttributes & {
      readonly kind: 'file';
      readonly isCompressed: boolean;
      readonly size: number | undefined;
    });

export type CopyReply =
  | ContentReply
  | { readonly kind: 'ready'; readonly isCompressed: boolean }
  | { readonly kind: 'no'; readonly why: string }
  /** The `stat` of the image printed something unexpected. */
  | { readonly kind: 'odd'; readonly text: string };

/** Undefined for a line that the scripts never write. */
export function parseReply(line: string): CopyReply | undefined {
  const text = line.trimEnd();
  const [word = '', encoding = '', ...attributes] = text.split(' ');
  const isCompressed = encoding === 'gzip';
  switch (word) {
    case 'ready':
    case 'tree':
      return { kind: word, isCompressed };
    case 'file':
      return parseFile(isCompressed, attributes.join(' '));
    case 'no':
      return { kind: 'no', why: text.slice('no '.length) };
    default:
      return undefined;
  }
}

/** Parses `MODE TIME SIZE`: octal digits, seconds and bytes; empty if the image has no suitable `stat`. */
function parseFile(isCompressed: boolean, attributes: string): CopyReply {
  const unknown = { mode: undefined, modifiedAt: undefined, size: undefined };
  if (attributes === '') return { kind: 'file', isCompressed, ...unknown };
  const match = /^([0-7]{1,6}) (-?\d{1,11}) (\d{1,15})$/.exec(attributes);
  if (match === null) return { kind: 'odd', text: attributes };
  const [, mode = '', time, size] = match;
  return {
    kind: 'file',
    isCompressed,
    mode: Number.parseInt(mode, 8) & 0o777,
    modifiedAt: Number(time),
    size: Number(size),
  };
}
