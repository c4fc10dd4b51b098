import { byteSize } from '#ui/byte-size.ts';
import { displayWidth } from '#ui/display-width.ts';

/** How far a copy is. */
export interface CopyState {
  readonly source: string;
  readonly files: number;
  readonly bytes: number;
  /** Total bytes; undefined if unknown before the end. */
  readonly size: number | undefined;
  /** Bytes a second; undefined at the start. */
  readonly rate: number | undefined;
}

const GAP = '  ';
const MAX_BAR = 30;
const MIN_BAR = 10;
const MIN_NAME = 12;

/**
 * One line for a terminal of any width: name, bar, share, amount, rate, time left. Where there is too little room the
 * bar goes first, then the amount; the name is cut.
 */
export function progressLine(state: CopyState, width: number): string {
  const { source, size } = state;
  const share = size === undefined || size === 0 ? undefined : shareOf(state.bytes, size);
  const amount = amountOf(state);
  const required = [share === undefined ? amount : `${share}%`, ...paceOf(state)];
  const optional = share === undefined ? [] : [amount];
  const room = (parts: readonly string[]) =>
    width - parts.reduce((sum, part) => sum + part.length + GAP.length, 0);
  const wanted = Math.min(displayWidth(source), MIN_NAME);
  const parts = room([...required, ...optional]) >= wanted ? [...optional, ...required] : required;
  if (share === undefined) return [endOf(source, room(parts)), ...parts].join(GAP);
  const bar = Math.min(MAX_BAR, room(parts) - displayWidth(source) - GAP.length - 2);
  if (bar < MIN_BAR) return [endOf(source, room(parts)), ...parts].join(GAP);
  return [source, barOf(share, bar), ...parts].join(GAP);
}

/** The end of a path says more than its start. */
function endOf(path: string, width: number): string {
  if (displayWidth(path) <= width) return path;
  const characters = [...path];
  while (characters.length > 0 && displayWidth(characters.join('')) >= width) characters.shift();
  return width > 0 ? `…${characters.join('')}` : '';
}

/** A file may grow while it is copied. */
function shareOf(bytes: number, size: number): number {
  return Math.min(100, Math.floor((100 * bytes) / size));
}

function amountOf({ files, bytes, size }: CopyState): string {
  if (size !== undefined && size > 0) return `${byteSize(bytes)} of ${byteSize(size)}`;
  return files > 1 ? `${files} files, ${byteSize(bytes)}` : byteSize(bytes);
}

function paceOf({ bytes, size, rate }: CopyState): readonly string[] {
  if (rate === undefined) return [];
  const speed = `${byteSize(rate)}/s`;
  if (size === undefined || rate === 0 || bytes >= size) return [speed];
  return [speed, `${duration((size - bytes) / rate)} left`];
}

/** `0:09`, `12:05`, `3 h`. */
function duration(seconds: number): string {
  const whole = Math.ceil(seconds);
  if (whole >= 6_000) return `${Math.round(whole / 3_600)} h`;
  return `${Math.floor(whole / 60)}:${`${whole % 60}`.padStart(2, '0')}`;
}

function barOf(share: number, width: number): string {
  const done = Math.floor((share * width) / 100);
  const head = done < width ? '>' : '';
  return `[${`${'='.repeat(done)}${head}`.padEnd(width)}]`;
}
