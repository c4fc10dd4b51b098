import { bytesOfText } from '#domain/exact-text.ts';

/**
 * A raw path has one character for each byte, so that it can be joined and split like text, and reaches the
 * system as the bytes that it was: a file name need not be UTF-8.
 *
 * @param path may hold escaped bytes (`exact-text.ts`)
 */
export function rawOf(path: string): string {
  return bytesOfText(path).toString('latin1');
}

/** For the system. */
export function bytesOf(raw: string): Buffer {
  return Buffer.from(raw, 'latin1');
}

/** For messages. */
export function shownPath(raw: string): string {
  return bytesOf(raw).toString();
}

/** The directory that a raw path is in: `.` for a plain name. */
export function folderOf(raw: string): string {
  const at = raw.lastIndexOf('/');
  if (at === -1) return '.';
  return at === 0 ? '/' : raw.slice(0, at);
}
