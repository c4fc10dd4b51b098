import type { TerminalSize } from './ports.ts';

/*
 * The sh that runs a command on the remote terminal itself (`shell`, `exec -t`): TERM and size are
 * right before the command's first byte, and its status follows its last one. Ctrl-C and Ctrl-\ are
 * the command's: a trap that runs something is reset in children, so only this sh survives (C-13).
 *
 * Arguments: NONCE, `w` to wait for variables or empty, TERM or empty, ROWS, COLS, DIRECTORY or
 * empty, then the command. What it says of itself are escape sequences that no terminal shows
 * (OSC, private text), should they ever reach one.
 */
const PRELUDE =
  'n=$1 w=$2 t=$3 r=$4 c=$5 d=$6; shift 6; say() { printf "\\033]ecsh;%s;%s\\007" "$n" "$1"; }; ' +
  '[ -z "$t" ] || export TERM="$t"; stty rows $r cols $c 2>/dev/null; trap : INT QUIT; ';

/** Values travel here, unechoed, and not in the command string, which CloudTrail keeps. */
const READ_VARIABLES =
  'if [ "$w" ]; then stty -echo 2>/dev/null; say go; while read -r l && [ "$l" != V ]; do ' +
  'l=${l#V} v=$(printf %b. "${l#*=}"); export "${l%%=*}=${v%.}"; done; stty echo 2>/dev/null; fi; ';

const RUN_ARGUMENTS = '([ -z "$d" ] || cd -- "$d" || exit 126; exec "$@"); ';

/** The best shell of the image, found without another round trip. */
const RUN_SHELL = 'if command -v bash >/dev/null 2>&1; then bash; else sh; fi; ';

const EPILOGUE = 'say $?';

/** Windows containers have no sh (PROTOCOL 8.10): PowerShell, which the agent itself relies on. */
export const WINDOWS_SHELL: readonly string[] = ['powershell.exe'];

export interface TerminalCommandOptions {
  /** Unguessable and new for each session (C-11); hexadecimal. */
  readonly nonce: string;
  /** `TERM` of the local terminal; the container's stays without one. */
  readonly term: string | undefined;
  readonly size: TerminalSize;
  readonly directory: string | undefined;
  /** The command waits for variables and `GO` (envelope-input.ts). */
  readonly waits: boolean;
  /** The command; without one, a shell. */
  readonly argv: readonly string[] | undefined;
}

/** The argument vector for ExecuteCommand. */
export function createTerminalCommand(options: TerminalCommandOptions): readonly string[] {
  const { nonce, term = '', size, directory = '', waits, argv } = options;
  const run = argv === undefined ? RUN_SHELL : RUN_ARGUMENTS;
  const script = PRELUDE + READ_VARIABLES + run + EPILOGUE;
  const settings = [nonce, waits ? 'w' : '', term, `${size.rows}`, `${size.cols}`, directory];
  return ['sh', '-c', script, 'ecsh', ...settings, ...(argv ?? [])];
}

/** Takes what the script says out of the terminal's output, wherever the chunks are cut. */
export class TerminalCommandReader {
  readonly #start: Buffer;
  #held: Buffer = Buffer.alloc(0);
  #status: number | undefined;
  #isWaiting = false;

  constructor(nonce: string) {
    this.#start = Buffer.from(`\u001b]ecsh;${nonce};`, 'latin1');
  }

  /** Undefined until the command has ended. */
  get status(): number | undefined {
    return this.#status;
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
    const at = data.indexOf(this.#start);
    if (at === -1) return this.#holdPartialStart(data);
    const end = data.indexOf(0x07, at);
    if (end === -1) {
      this.#held = data.subarray(at);
      return data.subarray(0, at);
    }
    this.#note(data.toString('latin1', at + this.#start.length, end));
    return Buffer.concat([data.subarray(0, at), this.read(data.subarray(end + 1))]);
  }

  /** What is held back when the session ends. */
  flush(): Uint8Array {
    const held = this.#held;
    this.#held = Buffer.alloc(0);
    return held;
  }

  #note(text: string): void {
    if (text === 'go') this.#isWaiting = true;
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
