import type { Readable } from 'node:stream';
import { ExitStatus, signalStatus } from '#domain/errors/exit-status.ts';
import { StdinPump } from '#session/stdin-pump.ts';
import { ESCAPE_HELP, EscapeKeys } from './escape-keys.ts';

export interface TypedInputListener {
  send(data: Uint8Array): void;
  /** End the session with this status. */
  stop(exitCode: number): void;
  /** Suspend ecsh until the local shell resumes it. */
  suspend(): void;
  onNotice(text: string): void;
}

const CTRL_C = 0x03;
/** The limit in bytes; a person types less before the prompt appears. */
const MAX_TYPED_AHEAD = 64 * 1024;

/**
 * Input from the user's terminal to the session: buffered until the remote side listens, and checked for the
 * escape key from the start (T-9).
 */
export class TypedInput {
  readonly #escapeKey: string | undefined;
  readonly #escape: EscapeKeys | undefined;
  readonly #listener: TypedInputListener;
  readonly #typedAhead: number[] = [];
  #pump: StdinPump | undefined;
  #isOpen = false;

  /** @param escapeKey one character; undefined: none */
  constructor(escapeKey: string | undefined, listener: TypedInputListener) {
    this.#escapeKey = escapeKey;
    this.#escape = escapeKey === undefined ? undefined : new EscapeKeys(escapeKey);
    this.#listener = listener;
  }

  start(stdin: Readable): void {
    // The terminal is closed; SIGHUP comes with it, or should have.
    const hangUp = () => this.#listener.stop(signalStatus('SIGHUP'));
    this.#pump = new StdinPump(stdin, {
      onData: (data) => this.#type(data),
      onEnd: hangUp,
      onBroken: hangUp,
    });
  }

  /** The remote side listens now. */
  open(): void {
    this.#isOpen = true;
    this.#listener.send(Uint8Array.from(this.#typedAhead.splice(0)));
  }

  pause(): void {
    this.#pump?.pause();
  }

  resume(): void {
    this.#pump?.resume();
  }

  close(): void {
    this.#pump?.close();
  }

  #type(typed: Uint8Array): void {
    const { data, action } = this.#escape?.pass(typed) ?? { data: typed, action: undefined };
    if (action === 'end') {
      this.#listener.onNotice('Connection closed by the escape key.');
      this.#listener.stop(ExitStatus.failure);
      return;
    }
    if (action === 'suspend') this.#listener.suspend();
    if (action === 'help') this.#listener.onNotice(ESCAPE_HELP(this.#escapeKey ?? ''));
    if (this.#isOpen) this.#listener.send(data);
    // Until the remote side listens, Ctrl-C ends ecsh.
    else if (data.includes(CTRL_C)) this.#listener.stop(signalStatus('SIGINT'));
    else if (this.#typedAhead.length < MAX_TYPED_AHEAD) this.#typedAhead.push(...data);
  }
}
