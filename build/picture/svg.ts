import { type Cast, type Color, type Frame, framesOf, type Run } from './cast.ts';

const FONT_SIZE = 14;
const CHARACTER = 8.4;
const LINE = 19;
const MARGIN = 16;
const BAR = 28;
/** How long the last frame stays before the animation starts over, in seconds. */
const LAST_PAUSE = 4;

const COLORS: Readonly<Record<Color, string>> = {
  plain: '#d6dbe0',
  red: '#ff7b72',
  green: '#56d364',
  yellow: '#e3b341',
  blue: '#79c0ff',
  magenta: '#d2a8ff',
  cyan: '#56d4dd',
};

/** A line of the screen, as long as it stays the same. */
interface Strip {
  readonly row: number;
  readonly runs: readonly Run[];
  readonly from: number;
  readonly to: number;
}

/** The recording as an animated SVG, which needs neither scripts nor fonts of its own. */
export async function animatedSvg(cast: Cast): Promise<string> {
  const frames = await framesOf(cast);
  const end = (frames.at(-1)?.time ?? 0) + LAST_PAUSE;
  const clock =
    '<rect width="0" height="0"><animate id="c" attributeName="x" from="0" to="0" ' +
    `begin="0s;c.end" dur="${seconds(end)}"/></rect>`;
  const lines = stripsOf(frames, end).map(
    ({ row, runs, from, to }) =>
      `<g visibility="hidden">${textLine(row, runs)}` +
      `<set attributeName="visibility" to="visible" begin="c.begin+${seconds(from)}" dur="${seconds(to - from)}"/></g>`,
  );
  return page(cast, [clock, ...lines]);
}

/** One frame, for places that show no animation. */
export function stillSvg(cast: Cast, frame: Frame): string {
  const lines = frame.lines.flatMap((runs, row) => (runs.length > 0 ? [textLine(row, runs)] : []));
  return page(cast, lines);
}

function stripsOf(frames: readonly Frame[], end: number): readonly Strip[] {
  const rows = frames[0]?.lines.length ?? 0;
  return Array.from({ length: rows }, (_, row) => row).flatMap((row) => {
    const strips: Strip[] = [];
    for (const { time, lines } of frames) {
      const runs = lines[row] ?? [];
      const last = strips.at(-1);
      if (last !== undefined && isSame(last.runs, runs)) continue;
      if (last !== undefined) strips[strips.length - 1] = { ...last, to: time };
      strips.push({ row, runs, from: time, to: end });
    }
    return strips.filter(({ runs, from, to }) => runs.length > 0 && to > from);
  });
}

function isSame(a: readonly Run[], b: readonly Run[]): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function textLine(row: number, runs: readonly Run[]): string {
  const y = BAR + MARGIN + row * LINE;
  let column = 0;
  const parts: string[] = [];
  const backgrounds: string[] = [];
  for (const { text, color, isDim, isBold, isInverse } of runs) {
    const x = (MARGIN + column * CHARACTER).toFixed(1);
    const width = (text.length * CHARACTER).toFixed(1);
    if (isInverse) {
      backgrounds.push(
        `<rect x="${x}" y="${y}" width="${width}" height="${LINE}" fill="${COLORS[color]}"/>`,
      );
    }
    const fill = isInverse ? '#0d1117' : COLORS[color];
    const look = `${fill === COLORS.plain ? '' : ` fill="${fill}"`}${isDim ? ' opacity=".6"' : ''}${isBold ? ' font-weight="bold"' : ''}`;
    if (text.trim() !== '') {
      parts.push(`<tspan x="${x}" textLength="${width}"${look}>${escaped(text)}</tspan>`);
    }
    column += text.length;
  }
  const base = y + FONT_SIZE;
  return `${backgrounds.join('')}<text y="${base}" xml:space="preserve">${parts.join('')}</text>`;
}

function page({ width, height }: Cast, content: readonly string[]): string {
  const w = Math.ceil(width * CHARACTER + 2 * MARGIN);
  const h = BAR + height * LINE + 2 * MARGIN;
  const dots = ['#ff5f56', '#ffbd2e', '#27c93f'].map(
    (fill, index) => `<circle cx="${20 + index * 20}" cy="${BAR - 8}" r="6" fill="${fill}"/>`,
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${w} ${h}" width="${w}" height="${h}" role="img">`,
    '<title>ecsh lists tasks, opens a shell, runs a command and explains a failure</title>',
    `<rect width="${w}" height="${h}" rx="8" fill="#0d1117"/>`,
    ...dots,
    `<g font-family="ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace" font-size="${FONT_SIZE}" fill="${COLORS.plain}">`,
    ...content,
    '</g>',
    '</svg>',
    '',
  ].join('\n');
}

function seconds(value: number): string {
  return `${Number(value.toFixed(2))}s`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
