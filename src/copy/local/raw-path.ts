import { bytesOfText } from '#domain/exact-text.ts';

/**
 * A raw path has one character per byte, so it can be joined and split like text and still reaches the system as the
 * original bytes: a file name need not be UTF-8.
 *
 * @param path may contain escaped bytes (`exact-text.ts`)
 */
export function rawOf(path: string): string {
  return bytesOfText(path).toString('latin1');
}

/** The path as bytes, for the system. */
export function bytesOf(raw: string): Buffer {
  return Buffer.from(raw, 'latin1');
}

/** The path as text, for messages. */
export function shownPath(raw: string): string {
  return bytesOf(raw).toString();
}

/** The directory of a raw path: `.` for a plain name. */
export function folderOf(raw: string): string {
  const at = raw.lastIndexOf('/');
  if (at === -1) return '.';
  return at === 0 ? '/' : raw.slice(0, at);
}
