import type { Readable, Writable } from 'node:stream';
import type { CommandEnd, CommandSession, TunnelCommandOptions } from '#forward/command-session.ts';

/** A command in a container, controlled by the test. */
export class FakeCommand {
  readonly argv: readonly string[];
  readonly ended: Promise<CommandEnd>;
  readonly #options: TunnelCommandOptions;
  #input = '';
  #hasInputEnded = false;
  #settle: (end: CommandEnd) => void = () => undefined;

  constructor(argv: readonly string[], options: TunnelCommandOptions) {
    this.argv = argv;
    this.#options = options;
    this.ended = new Promise((resolve) => {
      this.#settle = resolve;
    });
    options.stdin?.on('data', (chunk) => {
      this.#input += chunk;
    });
    options.stdin?.on('end', () => {
      this.#hasInputEnded = true;
    });
    options.signal?.addEventListener('abort', () => this.end({ status: 143 }));
  }

  /** The input read so far; `<end>` after its end. */
  get input(): string {
    return this.#input + (this.#hasInputEnded ? '<end>' : '');
  }

  get wasAborted(): boolean {
    return this.#options.signal?.aborted ?? false;
  }

  get stdin(): Readable | undefined {
    return this.#options.stdin;
  }

  writes(text: string): Promise<void> {
    return written(this.#options.stdout, text);
  }

  complains(text: string): Promise<void> {
    return written(this.#options.stderr, `${text}\n`);
  }

  end(end: Partial<CommandEnd>): void {
    this.#settle({ status: undefined, failure: undefined, sessionId: 'shared-1', ...end });
  }
}

function written(stream: Writable, text: string): Promise<void> {
  return new Promise((resolve) => stream.write(text, () => resolve()));
}

/** A shared session. */
export class FakeCommands implements CommandSession {
  readonly commands: FakeCommand[] = [];
  isClosed = false;

  start(argv: readonly string[], options: TunnelCommandOptions): FakeCommand {
    const command = new FakeCommand(argv, options);
    this.commands.push(command);
    return command;
  }

  async close(): Promise<void> {
    this.isClosed = true;
  }

  /** The newest. */
  get last(): FakeCommand {
    const command = this.commands.at(-1);
    if (command === undefined) throw new Error('no command has been started');
    return command;
  }
}
