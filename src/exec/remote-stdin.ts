import type { Readable } from 'node:stream';
import type { EnvelopeFeatures } from '#envelope/envelope.ts';
import { StdinFeed } from '#envelope/stdin-feed.ts';
import { StdinPump } from '#session/stdin-pump.ts';

export interface RemoteStdinPorts {
  /** @param lines for `NumberedLines` */
  send(lines: readonly string[]): void;
  /** The data channel accepts more input (S-11). */
  hasRoom(): boolean;
  /** The rest cannot be read. The command must not treat that as the end of its input. */
  onBroken(cause: Error): void;
}

export interface RemoteStdinOptions {
  readonly encoding: EnvelopeFeatures['input'];
  readonly readsStdin: boolean;
}

type LocalStdin = Readable & { readonly isTTY?: boolean };

/** Sends local stdin to the command, and reads it only while there is room on the whole path. */
export class RemoteStdin {
  readonly #feed: StdinFeed;
  readonly #pump: StdinPump;
  readonly #ports: RemoteStdinPorts;
  #isClosed = false;

  constructor(
    stdin: LocalStdin,
    { encoding, readsStdin }: RemoteStdinOptions,
    ports: RemoteStdinPorts,
  ) {
    this.#ports = ports;
    const feed = new StdinFeed(encoding, readsStdin);
    this.#feed = feed;
    this.#pump = new StdinPump(stdin, {
      onData: (data) => {
        feed.push(data);
        this.#send();
      },
      onEnd: () => this.#end(),
      // The terminal is closed (EIO): SIGHUP follows, and determines how the command ends.
      onBroken: (cause) => (stdin.isTTY ? this.#end() : ports.onBroken(cause)),
    });
  }

  /** The envelope has passed this much to the command. */
  acknowledge(characters: number): void {
    this.#feed.acknowledge(characters);
    this.#send();
  }

  /** Call it when the data channel has room again. */
  regulate(): void {
    if (this.#isClosed) return;
    if (this.#feed.hasRoom && this.#ports.hasRoom()) this.#pump.resume();
    else this.#pump.pause();
  }

  /** The command has ended: the envelope only needs to know that no more input follows. */
  abandon(): void {
    this.close();
    this.#feed.abandon();
    this.#ports.send(this.#feed.take());
  }

  close(): void {
    this.#isClosed = true;
    this.#pump.close();
  }

  #end(): void {
    this.#feed.end();
    this.#send();
  }

  #send(): void {
    if (this.#isClosed) return;
    this.#ports.send(this.#feed.take());
    this.regulate();
  }
}
