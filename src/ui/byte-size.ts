const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'] as const;

/** `532 B`, `1.2 kB`, `48 MB`: powers of 1000, with two significant digits. */
export function byteSize(bytes: number): string {
  let size = bytes;
  let index = 0;
  for (; size >= 999.5 && index < UNITS.length - 1; index++) size /= 1000;
  return `${index > 0 && size < 9.95 ? size.toFixed(1) : size.toFixed(0)} ${UNITS[index]}`;
}
