import { PassThrough, Writable } from 'node:stream';
import { Terminal } from '@xterm/headless';
import { FakeSignals } from '#test/fakes/fake-signals.ts';
import { ManualClock, settle } from '#test/fakes/manual-clock.ts';
import { createPrompts } from '#ui/prompts.ts';

/** A keyboard and a terminal for questions, in memory. */
export class DialogScreen {
  readonly signals = new FakeSignals();
  readonly clock = new ManualClock();
  readonly input = new FakeKeyboard();
  /** Another dialog is open. */
  isTaken = false;
  readonly #terminal: Terminal;
  readonly #output: TerminalStream;

  constructor(columns = 80, rows = 24) {
    this.#terminal = new Terminal({ cols: columns, rows, allowProposedApi: true });
    this.#output = new TerminalStream(this.#terminal);
  }

  prompts(hasColor = false) {
    const { input, signals, clock } = this;
    const isTaken = () => this.isTaken;
    return createPrompts({ input, output: this.#output, clock, signals, hasColor, isTaken });
  }

  get received(): string {
    return this.#output.received;
  }

  /** Types, and waits for the effect. */
  async type(text: string): Promise<void> {
    this.input.write(text);
    await settle();
  }

  resize(columns: number, rows: number): void {
    this.#terminal.resize(columns, rows);
    this.#output.emit('resize');
  }

  /** Prints text that is on the screen before the dialog. */
  print(text: string): void {
    this.#output.write(text);
  }

  /** The lines of the window, without trailing empty ones. */
  async lines(): Promise<readonly string[]> {
    await this.#shown();
    const { active } = this.#terminal.buffer;
    const lines = Array.from(
      { length: this.#terminal.rows },
      (_, row) =>
        active
          .getLine(active.baseY + row)
          ?.translateToString()
          .trimEnd() ?? '',
    );
    return lines.slice(0, lines.findLastIndex((line) => line !== '') + 1);
  }

  /** All lines so far. */
  async text(): Promise<string> {
    await this.#shown();
    const { active } = this.#terminal.buffer;
    const rows = Array.from({ length: active.length }, (_, row) => active.getLine(row));
    return rows
      .map((line) => line?.translateToString(true))
      .join('\n')
      .trimEnd();
  }

  /** Resolves when the terminal shows all output, which takes several turns for long outputs. */
  #shown(): Promise<void> {
    return new Promise((resolve) => this.#output.write('', () => resolve()));
  }

  async cursor(): Promise<readonly [number, number]> {
    await this.#shown();
    const { active } = this.#terminal.buffer;
    return [active.cursorX, active.cursorY];
  }
}

class FakeKeyboard extends PassThrough {
  isRaw = false;

  setRawMode(isRaw: boolean): void {
    this.isRaw = isRaw;
  }
}

class TerminalStream extends Writable {
  received = '';
  readonly #terminal: Terminal;

  constructor(terminal: Terminal) {
    super();
    this.#terminal = terminal;
  }

  get columns(): number {
    return this.#terminal.cols;
  }

  get rows(): number {
    return this.#terminal.rows;
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.received += chunk.toString();
    this.#terminal.write(chunk, done);
  }
}
