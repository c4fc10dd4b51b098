import { Terminal } from '@xterm/headless';
import { startContainerProcess } from '#simulator/container/container-process.ts';
import { plainSpace } from '#simulator/container/container-space.ts';
import type { PtyMaster } from '#simulator/container/pty-master.ts';

export interface ScreenOptions {
  readonly env: Readonly<Record<string, string>>;
  readonly cols?: number;
  readonly rows?: number;
}

/** The time limit for expected text, in milliseconds. */
const TEXT_LIMIT_MS = 15_000;

/** A program on a real pseudo-terminal with a terminal emulator at the other end. */
export class Screen {
  /** Resolves when every program has left the terminal. */
  readonly ended: Promise<void>;
  readonly #emulator: Terminal;
  readonly #master: PtyMaster;
  readonly #received: Uint8Array[] = [];
  #writing = Promise.resolve();
  #changed: () => void = () => undefined;

  private constructor(emulator: Terminal, master: PtyMaster, exited: Promise<void>) {
    this.#emulator = emulator;
    this.#master = master;
    // Answers queries of programs to their terminal.
    emulator.onData((answer) => this.type(answer));
    this.ended = this.#read(exited);
  }

  static async open(words: readonly string[], options: ScreenOptions): Promise<Screen> {
    const { env, cols = 80, rows = 24 } = options;
    const emulator = new Terminal({ cols, rows, scrollback: 5_000, allowProposedApi: true });
    const child = await startContainerProcess({
      // Sets the size before the program reads it.
      words: [
        'sh',
        '-c',
        'stty rows "$1" cols "$2"; shift 2; exec "$@"',
        'sh',
        `${rows}`,
        `${cols}`,
        ...words,
      ],
      space: plainSpace(env),
      workdir: '/',
      hostPath: process.env.PATH ?? '',
    });
    return new Screen(emulator, child.terminal, child.exited);
  }

  type(text: string): void {
    this.#writing = this.#writing
      .then(() => this.#master.write(Buffer.from(text)))
      .catch(() => undefined);
  }

  resize(cols: number, rows: number): void {
    this.#emulator.resize(cols, rows);
    this.#master.resize(cols, rows);
  }

  /** Closes the terminal's window: the kernel hangs up. */
  close(): void {
    this.#master.close();
  }

  /** All lines so far, without trailing blanks; soft-wrapped lines are joined. */
  get text(): string {
    const { active } = this.#emulator.buffer;
    let text = '';
    for (let row = 0; row < active.length; row++) {
      const line = active.getLine(row);
      if (line === undefined) continue;
      const isContinued = active.getLine(row + 1)?.isWrapped === true;
      text += isContinued ? line.translateToString(false) : `${line.translateToString(true)}\n`;
    }
    return text.trimEnd();
  }

  /** The user's view: the lines of the window and the position of the cursor. */
  get view(): { readonly lines: readonly string[]; readonly cursor: readonly [number, number] } {
    const { active } = this.#emulator.buffer;
    const lines = Array.from(
      { length: this.#emulator.rows },
      (_, row) => active.getLine(active.baseY + row)?.translateToString(true) ?? '',
    );
    return { lines, cursor: [active.cursorX, active.cursorY] };
  }

  /** The bytes that the terminal received. */
  get received(): Buffer {
    return Buffer.concat(this.#received);
  }

  /** Resolves at the next output. */
  changed(): Promise<void> {
    return new Promise((resolve) => {
      this.#changed = resolve;
    });
  }

  /** Resolves when the pattern is in the window; text above it does not count. */
  async untilWindow(pattern: RegExp): Promise<void> {
    const deadline = Date.now() + TEXT_LIMIT_MS;
    const text = () => {
      const { lines, cursor } = this.view;
      const [column, row] = cursor;
      const padded = lines.map((line, each) => (each === row ? line.padEnd(column) : line));
      return padded.join('\n').replace(/\n+$/, '');
    };
    while (!pattern.test(text())) {
      if (Date.now() > deadline) throw new Error(`no ${pattern} in the window:\n${text()}`);
      const timer = new Promise<void>((resolve) => {
        setTimeout(resolve, 100);
      });
      await Promise.race([timer, this.changed()]);
    }
  }

  /** Resolves with the match when the pattern is on the screen. */
  async until(pattern: RegExp): Promise<RegExpExecArray> {
    const deadline = Date.now() + TEXT_LIMIT_MS;
    for (;;) {
      const match = pattern.exec(this.text);
      if (match !== null) return match;
      const left = deadline - Date.now();
      if (left <= 0) throw new Error(`no ${pattern} on the screen:\n${this.text}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        this.#changed = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  async #read(exited: Promise<void>): Promise<void> {
    for (;;) {
      const data = await this.#master.read();
      if (data === undefined) break;
      this.#received.push(data);
      await new Promise<void>((resolve) => this.#emulator.write(data, resolve));
      this.#changed();
    }
    await exited;
    this.#master.close();
  }
}
