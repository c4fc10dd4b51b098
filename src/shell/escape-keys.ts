const NEWLINES = [0x0a, 0x0d];
const DOT = 0x2e;
const QUESTION = 0x3f;
const CTRL_Z = 0x1a;

export type EscapeAction = 'end' | 'help' | 'suspend';

const ACTIONS: ReadonlyMap<number, EscapeAction> = new Map([
  [DOT, 'end'],
  [CTRL_Z, 'suspend'],
  [QUESTION, 'help'],
]);

export interface EscapeResult {
  /** The bytes for the remote side. */
  readonly data: Uint8Array;
  readonly action: EscapeAction | undefined;
}

/** The text for the help key. */
export const ESCAPE_HELP = (key: string): string =>
  [
    'Keys after Enter:',
    `  ${key}.   ends the session`,
    `  ${key}^Z  suspends ecsh`,
    `  ${key}?   shows this`,
    `  ${key}${key}   sends ${key}`,
  ].join('\n');

/**
 * Ends a session that hangs (T-9), as in ssh: the escape key after a newline, then a key for the action.
 * Works across chunks; the escape key is held back until the next key decides.
 */
export class EscapeKeys {
  readonly #key: number;
  #isLineStart = true;
  #isEscaped = false;

  /** @param key one ASCII character */
  constructor(key: string) {
    this.#key = key.charCodeAt(0);
  }

  pass(chunk: Uint8Array): EscapeResult {
    const data: number[] = [];
    let action: EscapeAction | undefined;
    for (const byte of chunk) {
      const step = this.#step(byte);
      data.push(...step.data);
      action ??= step.action;
    }
    return { data: Uint8Array.from(data), action };
  }

  #step(byte: number): { readonly data: readonly number[]; readonly action?: EscapeAction } {
    if (this.#isEscaped) {
      this.#isEscaped = false;
      this.#isLineStart = ACTIONS.has(byte) || NEWLINES.includes(byte);
      const action = ACTIONS.get(byte);
      if (action !== undefined) return { data: [], action };
      return { data: byte === this.#key ? [byte] : [this.#key, byte] };
    }
    if (this.#isLineStart && byte === this.#key) {
      this.#isEscaped = true;
      return { data: [] };
    }
    this.#isLineStart = NEWLINES.includes(byte);
    return { data: [byte] };
  }
}
