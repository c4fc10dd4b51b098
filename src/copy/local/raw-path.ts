/**
 * The name of a file is bytes, which need not be text. Here it is a string with a character for
 * each byte, so that it can be put together and taken apart, and goes to the system as it came.
 */
export function rawOf(path: string): string {
  return Buffer.from(path).toString('latin1');
}

export function bytesOf(raw: string): Buffer {
  return Buffer.from(raw, 'latin1');
}

/** For people. */
export function shownPath(raw: string): string {
  return bytesOf(raw).toString();
}
