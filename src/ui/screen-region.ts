import type { Writable } from 'node:stream';
import type { TerminalSize } from '#domain/ports/terminal-ports.ts';
import type { Frame } from './list-frame.ts';

/** A stream that may be a terminal; sizes in characters. */
export type RegionOutput = Writable & { readonly columns?: number; readonly rows?: number };

const FALLBACK_SIZE: TerminalSize = { cols: 80, rows: 24 };
const ESC = '\x1b[';
const ERASE_REST_OF_LINE = `${ESC}K`;
const ERASE_BELOW = `${ESC}J`;

/**
 * The lines from the cursor on. The cursor always stays in the first of them, so that erasing needs no
 * record of the shown text, and only these lines have to be restored.
 */
export class ScreenRegion {
  readonly #output: RegionOutput;
  #cursor = 0;

  constructor(output: RegionOutput) {
    this.#output = output;
  }

  get size(): TerminalSize {
    const { columns = 0, rows = 0 } = this.#output;
    return columns > 0 && rows > 0 ? { cols: columns, rows } : FALLBACK_SIZE;
  }

  show({ lines, cursor }: Frame): void {
    const text = lines.map((line) => line + ERASE_REST_OF_LINE).join('\r\n');
    this.#output.write(
      `${this.#home()}${text}${ERASE_BELOW}${up(lines.length - 1)}\r${right(cursor)}`,
    );
    this.#cursor = cursor;
  }

  erase(): void {
    this.#output.write(this.#home() + ERASE_BELOW);
    this.#cursor = 0;
  }

  /** In a window that became narrower, terminals wrap the line and move the cursor down with it. */
  #home(): string {
    return `${up(Math.floor(this.#cursor / this.size.cols))}\r`;
  }
}

function up(lines: number): string {
  return lines > 0 ? `${ESC}${lines}A` : '';
}

function right(columns: number): string {
  return columns > 0 ? `${ESC}${columns}C` : '';
}
