/** Bytes of an input message (PROTOCOL F-6). */
const MAX_MESSAGE = 1_024;

/**
 * Numbers the lines to the dispatcher and packs them into input messages of whole lines. The agent may write
 * a message twice (PROTOCOL S-8a); the dispatcher drops numbers that it has seen.
 */
export class NumberedMessages {
  #next = 1;
  #messages: string[] = [];
  #open = '';

  /** @returns the characters of the line with its number and end */
  push(line: string): number {
    const numbered = `${this.#next} ${line}\n`;
    this.#next += 1;
    if (this.#open.length + numbered.length > MAX_MESSAGE) this.#close();
    this.#open += numbered;
    return numbered.length;
  }

  /** Messages to be sent one by one, in order. */
  take(): readonly string[] {
    this.#close();
    const messages = this.#messages;
    this.#messages = [];
    return messages;
  }

  #close(): void {
    if (this.#open !== '') this.#messages.push(this.#open);
    this.#open = '';
  }
}
