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

/** Names of variables that ssh may set: those that are valid in a POSIX shell. */
const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]*$/;
const MAX_VARIABLES = 200;
/** Maximum length of all names and values: Linux's limit for one variable (execve(2), MAX_ARG_STRLEN). */
const MAX_ENV_LENGTH = 128 * 1024;

export interface SshSessionPorts extends CommandRunner {
  /** Opens a terminal in a separate ECS Exec session; resolves with its status. */
  openTerminal(request: TerminalRequest): Promise<number>;
  /** Serves the sftp subsystem until the channel ends. */
  serveSftp(channel: ServerChannel, closed: AbortSignal): Promise<void>;
}

export interface TerminalRequest {
  readonly terminal: TerminalChannel;
  readonly term: string;
  /** Undefined: the user of the container. */
  readonly user: string | undefined;
  /** Undefined means a shell. */
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

  constructor(
    acceptSession: AcceptConnection<Session>,
    ports: SshSessionPorts,
    user: string | undefined,
  ) {
    this.#ports = ports;
    this.#user = user;
    const session = acceptSession();
    session.on('env', (accept, reject, { key, val }) => {
      const size = this.#envSize + key.length + val.length;
      if (!VARIABLE.test(key) || this.#env.size >= MAX_VARIABLES || size > MAX_ENV_LENGTH) {
        reject?.();
        return;
      }
      this.#envSize = size;
      this.#env.set(key, val);
      accept?.();
    });
    session.on('pty', (accept, _reject, pty) => {
      this.#pty = pty;
      accept?.();
    });
    session.on('window-change', (accept, _reject, size) => {
      this.#terminal?.resize(sizeOf(size));
      accept?.();
    });
    session.on('signal', (accept, _reject, { name }) => {
      this.#run?.signal(name);
      accept?.();
    });
    session.on('exec', (accept, reject, { command }) => {
      if (this.#claimProgram(reject)) this.#start(accept(), commandWords(command));
    });
    session.on('shell', (accept, reject) => {
      if (this.#claimProgram(reject)) this.#start(accept(), undefined);
    });
    session.on('subsystem', (accept, reject, { name }) => {
      if (name !== 'sftp') reject?.();
      else if (this.#claimProgram(reject)) void this.#serveSftp(accept());
    });
    session.on('close', () => this.#closed.abort());
  }

  /** A session runs one program (RFC 4254, 6.5). Requests for another are rejected. */
  #claimProgram(reject: (() => void) | undefined): boolean {
    if (this.#hasProgram) {
      reject?.();
      return false;
    }
    this.#hasProgram = true;
    return true;
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

/** ssh sends zeros if it has no terminal itself (`ssh -tt`). */
function sizeOf({ cols, rows }: TerminalSize): TerminalSize {
  return { cols: cols || 80, rows: rows || 24 };
}

/** Reads the terminal name of pty-req (RFC 4254, 6.2), which ssh2's types lack. */
function termOf(pty: PseudoTtyInfo): string {
  const term: unknown = Reflect.get(pty, 'term');
  return typeof term === 'string' && term !== '' ? term : 'dumb';
}
