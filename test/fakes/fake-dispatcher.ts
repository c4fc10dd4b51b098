import type { Random } from '#test/helpers/random.ts';

interface FakeCommand {
  readonly id: number;
  readonly pid: number;
  readonly words: readonly string[];
  /** Output that still has to be sent. */
  waiting: Buffer;
  index: number;
  credit: number;
  isCredited: boolean;
  stdinIndex: number;
  hasInputEnded: boolean;
  isSignalled: boolean;
  hasExited: boolean;
  isDone: boolean;
}

/**
 * The far side of the dispatcher's lines, in the order of a random scheduler. Its commands: `cat` gives back its
 * stdin, `print TEXT BYTES` writes so many bytes, and both end with their last word as status; `wait` ends at a signal.
 */
export class FakeDispatcher {
  /** Command lines of commands that ran. */
  readonly run: string[] = [];
  readonly signals: string[] = [];
  readonly #random: Random;
  readonly #commands = new Map<number, FakeCommand>();
  #last = 0;
  #blockLeft = 0;
  #words: string[] = [];
  #out: string;

  constructor(nonce: string, random: Random) {
    this.#random = random;
    this.#out = `noise\r\n${nonce} tbbgmp\n`;
  }

  /** One input message: whole lines. */
  receive(message: string): void {
    if (!message.endsWith('\n') || message.length > 1024) throw new Error('not whole lines');
    for (const line of message.slice(0, -1).split('\n')) this.#receiveLine(line);
  }

  /** Returns the next output of the terminal; empty if nothing is left to do. */
  next(): string {
    const ready = [...this.#commands.values()].filter((command) => this.#canStep(command));
    if (ready.length > 0) this.#step(this.#random.pick(ready));
    const text = this.#out;
    this.#out = '';
    return text;
  }

  #receiveLine(line: string): void {
    const space = line.indexOf(' ');
    const [number, body] = [Number(line.slice(0, space)), line.slice(space + 1)];
    // A block goes to its command unchanged, regardless of its numbers.
    if (this.#blockLeft > 0) {
      this.#blockLeft -= 1;
      this.#takeStdin(body);
      return;
    }
    if (number <= this.#last) return;
    this.#last = number;
    this.#act(body.slice(0, 1), body.slice(1));
  }

  #act(letter: string, rest: string): void {
    const [first = '', second = ''] = rest.split(' ');
    const commands = [...this.#commands.values()];
    if (letter === 'A') this.#words.push(rest);
    else if (letter === 'R') this.#start(Number(first), second);
    else if (letter === 'B') this.#blockLeft = Number(second);
    else if (letter === 'D') this.#takeStdin(`D${rest}`);
    else if (letter === 'C') {
      const command = commands.find(({ pid }) => pid + 2 === Number(first));
      if (command !== undefined) command.credit += Number(second);
    } else if (letter === 'K') {
      this.signals.push(first);
      const command = commands.find(({ pid }) => pid === Number(second));
      if (command !== undefined) command.isSignalled = true;
    }
  }

  #start(id: number, options: string): void {
    const words = this.#words;
    this.#words = [];
    this.run.push(words.join(' '));
    const pid = 1000 + id * 10;
    const isPrint = words[0] === 'print';
    this.#commands.set(id, {
      id,
      pid,
      words,
      waiting: isPrint ? Buffer.alloc(Number(words[2]), words[1]) : Buffer.alloc(0),
      index: 0,
      credit: 65_536,
      isCredited: false,
      stdinIndex: 0,
      hasInputEnded: !options.includes('i'),
      isSignalled: false,
      hasExited: false,
      isDone: false,
    });
    this.#out += `q1${id} ${pid + 1}\nq2${id} ${pid + 3}\np${id} ${pid} ${pid}\n`;
    if (options.includes('i')) this.#out += `i${id} ${pid}\n`;
  }

  #takeStdin(body: string): void {
    const [, id, index, data = ''] = /^D\d+ (\d+):(\d+) (.*)$/.exec(body) ?? [];
    const command = this.#commands.get(Number(id));
    if (command === undefined) return;
    this.#out += `a${id} ${body.length + 6}\n`;
    if (Number(index) !== command.stdinIndex) return;
    command.stdinIndex += 1;
    if (data === '.') command.hasInputEnded = true;
    else command.waiting = Buffer.concat([command.waiting, Buffer.from(data, 'base64')]);
  }

  #canStep(command: FakeCommand): boolean {
    if (command.isDone) return false;
    if (command.waiting.length > 0) return command.credit > 0 || !command.isCredited;
    if (command.hasExited) return true;
    return command.words[0] === 'wait' ? command.isSignalled : command.hasInputEnded;
  }

  #step(command: FakeCommand): void {
    const { id } = command;
    if (command.credit <= 0 && !command.isCredited) {
      command.isCredited = true;
      this.#out += `w1${id} ${command.pid + 2}\n`;
    } else if (command.waiting.length > 0) {
      const size = 1 + this.#random.below(675);
      const text = command.waiting.subarray(0, size).toString('base64');
      command.waiting = command.waiting.subarray(size);
      command.credit -= text.length;
      this.#out += `1${id}:${command.index} ${text}\n`;
      command.index += 1;
    } else if (command.hasExited) {
      command.isDone = true;
      this.#out += `e2${id}\ne1${id}\n`;
    } else {
      command.hasExited = true;
      this.#out += `x${id} ${command.words[0] === 'wait' ? 143 : command.words.at(-1)}\n`;
    }
  }
}
