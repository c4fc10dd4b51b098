import type { TerminalSize } from '#domain/ports/terminal-ports.ts';

/*
 * The sh that runs a command on the remote terminal itself (`shell`, `exec -t`): TERM and size are
 * right before the command's first byte, and its status follows its last one. Ctrl-C and Ctrl-\ are
 * the command's: a trap that runs something is reset in children, so only this sh survives (C-13).
 *
 * Arguments: NONCE, `w` to wait for variables or empty, TERM or empty, ROWS, COLS, DIRECTORY or
 * empty, then the command. What it says of itself are escape sequences that no terminal shows
 * (OSC, private text), should they ever reach one. Its own variables have names that neither the
 * image nor `-e` has: one that was exported before would reach the command with our value.
 */
const PRELUDE =
  'ecsh_n=$1 ecsh_w=$2 ecsh_d=$6; say() { printf "\\033]ecsh;%s;%s\\007" "$ecsh_n" "$1"; }; ' +
  '[ -z "$3" ] || export TERM="$3"; stty rows $4 cols $5 2>/dev/null; shift 6; trap : INT QUIT; ';

/**
 * Values travel here, unechoed, and not in the command string, which CloudTrail keeps; not in
 * canonical mode, which cuts lines at 4095 bytes (PROTOCOL 8.7).
 */
const READ_VARIABLES =
  'if [ "$ecsh_w" ]; then stty -echo -icanon 2>/dev/null; say go; ' +
  'while read -r ecsh_l && [ "$ecsh_l" != V ]; do ' +
  'ecsh_l=${ecsh_l#V} ecsh_v=$(printf %b. "${ecsh_l#*=}"); ' +
  // A script, for the place of the third word (envelope-input.ts).
  'case $ecsh_l in =*) shift 3; set -- sh -c "${ecsh_v%.}" "$@";; ' +
  '*) export "${ecsh_l%%=*}=${ecsh_v%.}";; esac; done; stty echo icanon 2>/dev/null; fi; ';

/** The argument vector, or the best shell of the image, found without another round trip. */
const FIND_SHELL = 'command -v bash >/dev/null 2>&1 && set -- bash || set -- sh; ';
const RUN = '([ -z "$ecsh_d" ] || cd -- "$ecsh_d" || exit 126; exec "$@"); ';

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
  const findShell = argv === undefined ? FIND_SHELL : '';
  const script = PRELUDE + READ_VARIABLES + findShell + RUN + EPILOGUE;
  const settings = [nonce, waits ? 'w' : '', term, `${size.rows}`, `${size.cols}`, directory];
  return ['sh', '-c', script, 'ecsh', ...settings, ...(argv ?? [])];
}

const BELL = 0x07;
/** `go`, or a status of three digits. */
const MAX_WORD = 3;

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
      // Too long a word is none of ours, and must not be held back for ever.
      visible.push(data.subarray(from, end === -1 ? word : at));
      if (end !== -1) this.#note(data.toString('latin1', word, word + end));
      from = end === -1 ? word : word + end + 1;
    }
    visible.push(this.#holdPartialStart(data.subarray(from)));
    return Buffer.concat(visible);
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
