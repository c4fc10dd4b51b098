import type { AcceptConnection, PseudoTtyInfo, ServerChannel, Session } from 'ssh2';
import type { TerminalSize } from '#domain/ports/terminal-ports.ts';
import {
  type ChannelRun,
  type CommandRunner,
  endChannel,
  runOnChannel,
} from './command-channel.ts';
import { commandWords } from './command-words.ts';
import { TerminalChannel } from './terminal-channel.ts';

/** Variables that ssh may set: names that are valid in a POSIX shell. */
const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]*$/;
const MOST_VARIABLES = 200;
/** Characters of all names and values. One variable of an image has at most as many bytes (execve(2), MAX_ARG_STRLEN). */
const MOST_OF_ALL_VARIABLES = 128 * 1024;

export interface SshSessionPorts extends CommandRunner {
  /** Opens a terminal in an ECS Exec session of its own; resolves with its status. */
  openTerminal(request: TerminalRequest): Promise<number>;
  /** Serves the sftp subsystem until the channel ends. */
  serveSftp(channel: ServerChannel, closed: AbortSignal): Promise<void>;
}

export interface TerminalRequest {
  readonly terminal: TerminalChannel;
  readonly term: string;
  /** Undefined: the user of the container. */
  readonly user: string | undefined;
  /** Undefined: a shell. */
  readonly argv: readonly string[] | undefined;
  readonly env: Readonly<Record<string, string>>;
  readonly closed: AbortSignal;
}

/** A `session` channel of ssh (RFC 4254, 6): variables and perhaps a terminal, then one program. */
export class SshSession {
  readonly #ports: SshSessionPorts;
  readonly #user: string | undefined;
  readonly #env = new Map<string, string>();
  readonly #closed = new AbortController();
  #envSize = 0;
  #hasProgram = false;
  #pty: PseudoTtyInfo | undefined;
  #terminal: TerminalChannel | undefined;
  #run: ChannelRun | undefined;

  constructor(accept: AcceptConnection<Session>, ports: SshSessionPorts, user: string | undefined) {
    this.#ports = ports;
    this.#user = user;
    const session = accept();
    session.on('env', (agree, refuse, { key, val }) => {
      const size = this.#envSize + key.length + val.length;
      if (!VARIABLE.test(key) || this.#env.size >= MOST_VARIABLES || size > MOST_OF_ALL_VARIABLES) {
        refuse?.();
        return;
      }
      this.#envSize = size;
      this.#env.set(key, val);
      agree?.();
    });
    session.on('pty', (agree, _refuse, pty) => {
      this.#pty = pty;
      agree?.();
    });
    session.on('window-change', (agree, _refuse, size) => {
      this.#terminal?.resize(sizeOf(size));
      agree?.();
    });
    session.on('signal', (agree, _refuse, { name }) => {
      this.#run?.signal(name);
      agree?.();
    });
    session.on('exec', (agree, refuse, { command }) => {
      if (this.#takes(refuse)) this.#start(agree(), commandWords(command));
    });
    session.on('shell', (agree, refuse) => {
      if (this.#takes(refuse)) this.#start(agree(), undefined);
    });
    session.on('subsystem', (agree, refuse, { name }) => {
      if (name !== 'sftp') refuse?.();
      else if (this.#takes(refuse)) void this.#serveSftp(agree());
    });
    session.on('close', () => this.#closed.abort());
  }

  /** A session runs one program (RFC 4254, 6.5). A request for another is refused. */
  #takes(refuse: (() => void) | undefined): boolean {
    if (this.#hasProgram) refuse?.();
    const takes = !this.#hasProgram;
    this.#hasProgram = true;
    return takes;
  }

  /** @param argv undefined: a shell */
  #start(channel: ServerChannel, argv: readonly string[] | undefined): void {
    channel.on('error', () => undefined);
    channel.stderr.on('error', () => undefined);
    if (this.#pty !== undefined) {
      void this.#openTerminal(channel, this.#pty, argv);
      return;
    }
    this.#run = runOnChannel(this.#ports, channel, {
      argv: argv ?? ['sh'],
      env: Object.fromEntries(this.#env),
      user: this.#user,
      closed: this.#closed.signal,
    });
  }

  async #openTerminal(
    channel: ServerChannel,
    pty: PseudoTtyInfo,
    argv: readonly string[] | undefined,
  ): Promise<void> {
    const terminal = new TerminalChannel(channel, sizeOf(pty), this.#closed.signal);
    this.#terminal = terminal;
    const status = await this.#ports.openTerminal({
      terminal,
      term: termOf(pty),
      user: this.#user,
      argv,
      env: Object.fromEntries(this.#env),
      closed: this.#closed.signal,
    });
    endChannel(channel, status);
  }

  async #serveSftp(channel: ServerChannel): Promise<void> {
    channel.on('error', () => undefined);
    await this.#ports.serveSftp(channel, this.#closed.signal);
    endChannel(channel, 0);
  }
}

/** ssh sends zeros when it has no terminal itself (`ssh -tt`). */
function sizeOf({ cols, rows }: TerminalSize): TerminalSize {
  return { cols: cols || 80, rows: rows || 24 };
}

/** pty-req carries the name of the terminal (RFC 4254, 6.2), which ssh2's types lack. */
function termOf(pty: PseudoTtyInfo): string {
  const term: unknown = Reflect.get(pty, 'term');
  return typeof term === 'string' && term !== '' ? term : 'dumb';
}
