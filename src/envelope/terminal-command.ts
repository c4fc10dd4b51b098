import type { TerminalSize } from '#domain/ports/terminal-ports.ts';
import PRELUDE from './prelude.sh';
import TERMINAL_SCRIPT from './terminal.sh';

const TERMINAL = `${PRELUDE}; ${TERMINAL_SCRIPT}`;

/** Windows containers have no sh (PROTOCOL 8.10); the agent itself relies on PowerShell. */
export const WINDOWS_SHELL: readonly string[] = ['powershell.exe'];

export interface TerminalCommandOptions {
  /** Unguessable and new for each session (C-11); hexadecimal. */
  readonly nonce: string;
  /** `TERM` of the local terminal; without it, the container has none. */
  readonly term: string | undefined;
  readonly size: TerminalSize;
  readonly directory: string | undefined;
  /** The command waits for variables and `GO` (envelope-input.ts). */
  readonly waits: boolean;
  /** The command; a shell by default. */
  readonly argv: readonly string[] | undefined;
}

/** The argument vector for ExecuteCommand. */
export function createTerminalCommand(options: TerminalCommandOptions): readonly string[] {
  const { nonce, term = '', size, directory = '', waits, argv = [] } = options;
  const settings = [nonce, waits ? 'w' : '', term, `${size.rows}`, `${size.cols}`, directory];
  return ['sh', '-c', TERMINAL, 'ecsh', ...settings, ...argv];
}

const BELL = 0x07;
/** `go`, `gap`, or a status of three digits. */
const MAX_WORD = 3;

/** Removes the script's messages from the terminal's output, wherever the chunks are split. */
export class TerminalCommandReader {
  readonly #start: Buffer;
  #held: Buffer = Buffer.alloc(0);
  #status: number | undefined;
  #isWaiting = false;
  #isDamaged = false;

  constructor(nonce: string) {
    this.#start = Buffer.from(`\u001b]ecsh;${nonce};`, 'latin1');
  }

  /** Undefined until the command has ended. */
  get status(): number | undefined {
    return this.#status;
  }

  /** A line of variables is missing; the command did not run. */
  get isDamaged(): boolean {
    return this.#isDamaged;
  }

  /** True once, when the command waits for its variables. */
  takeWaiting(): boolean {
    const isWaiting = this.#isWaiting;
    this.#isWaiting = false;
    return isWaiting;
  }

  /** The bytes for the local terminal. */
  read(chunk: Uint8Array): Uint8Array {
    const data = this.#held.length === 0 ? asBuffer(chunk) : Buffer.concat([this.#held, chunk]);
    this.#held = Buffer.alloc(0);
    const visible: Buffer[] = [];
    let from = 0;
    for (let at = data.indexOf(this.#start); at !== -1; at = data.indexOf(this.#start, from)) {
      const word = at + this.#start.length;
      const end = data.subarray(word, word + MAX_WORD + 1).indexOf(BELL);
      if (end === -1 && data.length - word <= MAX_WORD) {
        visible.push(data.subarray(from, at));
        this.#held = data.subarray(at);
        return Buffer.concat(visible);
      }
      // The script never writes such a long word, and it must not be held back forever.
      visible.push(data.subarray(from, end === -1 ? word : at));
      if (end !== -1) this.#note(data.toString('latin1', word, word + end));
      from = end === -1 ? word : word + end + 1;
    }
    visible.push(this.#holdPartialStart(data.subarray(from)));
    return Buffer.concat(visible);
  }

  /** Returns bytes that are still held back when the session ends. */
  flush(): Uint8Array {
    const held = this.#held;
    this.#held = Buffer.alloc(0);
    return held;
  }

  #note(text: string): void {
    if (text === 'go') this.#isWaiting = true;
    else if (text === 'gap') this.#isDamaged = true;
    else if (/^\d{1,3}$/.test(text)) this.#status = Number(text);
  }

  #holdPartialStart(data: Buffer): Buffer {
    const from = data.lastIndexOf(0x1b);
    if (from === -1 || data.length - from >= this.#start.length) return data;
    const tail = data.subarray(from);
    if (!tail.equals(this.#start.subarray(0, tail.length))) return data;
    this.#held = tail;
    return data.subarray(0, from);
  }
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
