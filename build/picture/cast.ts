import { Terminal } from '@xterm/headless';

/** When, in seconds, and what the terminal then gets. */
export type CastEvent = readonly [time: number, kind: 'o', data: string];

export interface Cast {
  readonly width: number;
  readonly height: number;
  readonly events: readonly CastEvent[];
}

/** asciicast v2: a header and a line for each event (docs.asciinema.org/manual/asciicast/v2). */
export function writeCast({ width, height, events }: Cast): string {
  const header = { version: 2, width, height, title: 'ecsh' };
  return [header, ...events].map((line) => `${JSON.stringify(line)}\n`).join('');
}

export function readCast(text: string): Cast {
  const [header = '{}', ...lines] = text.trimEnd().split('\n');
  const { width, height } = JSON.parse(header);
  return { width, height, events: lines.map((line) => JSON.parse(line)) };
}

export type Color = 'red' | 'green' | 'yellow' | 'blue' | 'magenta' | 'cyan' | 'plain';

/** Characters that look alike. */
export interface Run {
  readonly text: string;
  readonly color: Color;
  readonly isDim: boolean;
  readonly isBold: boolean;
  readonly isInverse: boolean;
}

export interface Frame {
  readonly time: number;
  /** The lines of the window, without blanks at the end. */
  readonly lines: readonly (readonly Run[])[];
}

/** The screen after each event. */
export async function framesOf({ width, height, events }: Cast): Promise<readonly Frame[]> {
  const terminal = new Terminal({ cols: width, rows: height, allowProposedApi: true });
  const frames: Frame[] = [];
  for (const [time, , data] of events) {
    await new Promise<void>((resolve) => terminal.write(data, resolve));
    const lines = Array.from({ length: height }, (_, row) => lineOf(terminal, row));
    frames.push({ time, lines });
  }
  return frames;
}

/** The text of a frame. */
export function textOf({ lines }: Frame): string {
  return lines
    .map((runs) => runs.map(({ text }) => text).join(''))
    .join('\n')
    .trimEnd();
}

const COLORS: readonly Color[] = ['plain', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan'];

function lineOf(terminal: Terminal, row: number): readonly Run[] {
  const { active } = terminal.buffer;
  const line = active.getLine(active.baseY + row);
  const runs: Run[] = [];
  for (let column = 0; column < terminal.cols; column += 1) {
    const cell = line?.getCell(column);
    if (cell === undefined || cell.getWidth() === 0) continue;
    const look = {
      color: cell.isFgPalette() ? (COLORS[cell.getFgColor() % 8] ?? 'plain') : 'plain',
      isDim: cell.isDim() !== 0,
      isBold: cell.isBold() !== 0,
      isInverse: cell.isInverse() !== 0,
    };
    const last = runs.at(-1);
    const text = cell.getChars() || ' ';
    if (last !== undefined && isAlike(last, look)) {
      runs[runs.length - 1] = { ...last, text: last.text + text };
    } else runs.push({ text, ...look });
  }
  return trimmed(runs);
}

function isAlike(a: Omit<Run, 'text'>, b: Omit<Run, 'text'>): boolean {
  return (
    a.color === b.color &&
    a.isDim === b.isDim &&
    a.isBold === b.isBold &&
    a.isInverse === b.isInverse
  );
}

function trimmed(runs: readonly Run[]): readonly Run[] {
  const last = runs.at(-1);
  if (last === undefined || last.isInverse) return runs;
  const text = last.text.trimEnd();
  if (text === '') return trimmed(runs.slice(0, -1));
  return [...runs.slice(0, -1), { ...last, text }];
}
