/** Bytes of an input message (PROTOCOL F-6), and so of a line with its number and newline. */
const MAX_MESSAGE = 1024;
/** Digits, and a colon, so that an echo never looks like a frame. */
const MAX_NUMBER = 11;
/** Characters of a line without its number and newline. */
export const MAX_LINE = MAX_MESSAGE - MAX_NUMBER - 1;
/** The maximum number of lines for one process. HALF has two digits for that many. */
const MAX_BLOCK = 192;
/** Escapes are an argument of printf, which Linux limits to 128 KiB if printf is not a builtin. */
const MAX_ESCAPED_BLOCK = 64;
/** From this number of lines, announcing them costs less than reading them one by one. */
const MIN_BLOCK = 3;
/** The unit of HALF: bytes of stdin. */
const HALF_UNIT = 2 * 1024;
/** Two digits, so that an announcement in the stream of stdin is one unit of four characters. */
const MIN_HALF = 10;

/**
 * Numbers the lines for a reader in the container. The agent writes an input message a second time if its
 * connection breaks after the write and before the acknowledgement (PROTOCOL S-8a). Because each message is one
 * complete numbered line, the reader can drop the repetition.
 */
export class NumberedLines {
  #next = 1;

  /**
   * @param lines of at most `MAX_LINE` characters, without newlines; the first is a capital letter
   * @returns input messages, to be sent one by one
   */
  messages(lines: readonly string[]): readonly string[] {
    const messages: string[] = [];
    // Not part of a block: if a line of the block is missing, the end arrives in its place and reveals it.
    const body = lines.at(-1)?.startsWith('E') ? lines.slice(0, -1) : lines;
    const most = lines[0]?.startsWith('D\\') ? MAX_ESCAPED_BLOCK : MAX_BLOCK;
    for (let start = 0; start < body.length; start += most) {
      const block = body.slice(start, start + most);
      if (block.length >= MIN_BLOCK) messages.push(this.#number(announcement(block)));
      messages.push(...block.map((line) => this.#number(line)));
    }
    messages.push(...lines.slice(body.length).map((line) => this.#number(line)));
    return messages;
  }

  #number(line: string): string {
    const message = `:${this.#next}${line}\n`;
    this.#next += 1;
    return message;
  }
}

/** Announces the number of lines and, for a large part of stdin, the amount that the decoder can wait for. */
function announcement(block: readonly string[]): string {
  const stdin = block.filter((line) => line.startsWith('D'));
  const characters = stdin.reduce((sum, line) => sum + line.length - 1, 0);
  const half = Math.floor(characters / HALF_UNIT);
  return half < MIN_HALF ? `B${block.length}` : `B${block.length}~${half}~`;
}
