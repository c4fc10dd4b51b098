import type { Readable } from 'node:stream';
import { copyDamaged, copyFailed } from './copy-errors.ts';
import type { ContentReply, CopyReply } from './copy-script.ts';
import type { CopySessionOptions } from './copy-session.ts';
import { countBytes } from './count-bytes.ts';
import type { LocalDestination, StagedFile } from './local-copies.ts';
import { ReplyStream } from './reply-stream.ts';

export interface ReceiverRequest {
  readonly isRecursive: boolean;
  readonly destination: LocalDestination;
  /** Called with the size of a file; undefined if the image has no suitable `stat`. */
  readonly onSize: (size: number | undefined) => void;
}

/** Writes the container's output to a temporary name on this machine, and renames it on request. */
export class DownloadReceiver {
  /** Receives the output of the script. */
  readonly stdout = new ReplyStream((reply) => this.#onReply(reply));
  readonly #options: CopySessionOptions;
  readonly #request: ReceiverRequest;
  readonly #abort = new AbortController();
  readonly #closing = new AbortController();
  #kind: ContentReply['kind'] | undefined;
  #refusal = '';
  #staged: Promise<StagedFile> | undefined;
  #failure: unknown;

  constructor(options: CopySessionOptions, request: ReceiverRequest) {
    this.#options = options;
    this.#request = request;
  }

  /** A file or a tree; undefined until the container begins to send. */
  get kind(): ContentReply['kind'] | undefined {
    return this.#kind;
  }

  /** Why the container refused to send, as the script reported it. */
  get refusal(): string {
    return this.#refusal;
  }

  /** Aborted when the received content cannot be written. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  get hasFailed(): boolean {
    return this.#failure !== undefined;
  }

  /** Resolves when everything was written, or writing has failed. */
  async settled(): Promise<void> {
    await this.#staged?.catch(() => undefined);
  }

  /** Our stdout is closed or full, which its owner reports; other failures are an `EcshError`. */
  get isOutputLost(): boolean {
    return this.#failure instanceof Error && 'syscall' in this.#failure;
  }

  /** @throws EcshError if the received content could not be written */
  assertTaken(): void {
    if (isDamage(this.#failure)) throw copyDamaged(this.#options.shownPath);
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Gives the content its final name. */
  async keep(): Promise<void> {
    await (await this.#staged)?.commit();
    this.#staged = undefined;
  }

  /** Removes content that was not kept. */
  async close(): Promise<void> {
    this.#closing.abort();
    this.stdout.destroy();
    await this.#staged?.then(
      (staged) => staged.discard(),
      () => undefined,
    );
  }

  #onReply(reply: CopyReply): void {
    switch (reply.kind) {
      case 'no':
        this.#refusal = reply.why;
        return;
      case 'odd':
        this.#fail(
          copyFailed(this.#options.shownPath, `stat in the container printed ${shown(reply.text)}`),
        );
        return;
      case 'tree':
        // Our script sends a directory only on request, but a container may run something else.
        if (this.#request.isRecursive) this.#receive(reply);
        else this.stdout.resume();
        return;
      case 'file':
        this.#request.onSize(reply.size);
        this.#receive(reply);
        return;
      case 'ready':
        return;
    }
  }

  #receive(reply: ContentReply): void {
    this.#kind = reply.kind;
    this.#staged = this.#write(reply, this.stdout);
    this.#staged.catch((error: unknown) => this.#fail(error));
  }

  #fail(error: unknown): void {
    this.#failure = error;
    this.stdout.resume();
    this.#abort.abort();
  }

  #write(reply: ContentReply, payload: Readable): Promise<StagedFile> {
    const { copies, listener } = this.#options;
    const { destination } = this.#request;
    const content = reply.isCompressed ? copies.decompress(payload) : payload;
    const { signal } = this.#closing;
    if (reply.kind === 'tree') return destination.writeTree(content, listener, signal);
    return destination.writeFile(countBytes(content, listener), reply, signal);
  }
}

function shown(text: string): string {
  return JSON.stringify(text.slice(0, LONGEST_SHOWN));
}

const LONGEST_SHOWN = 80;

/** Whether this is an error of zlib. */
function isDamage(error: unknown): boolean {
  return error instanceof Error && 'code' in error && `${error.code}`.startsWith('Z_');
}
