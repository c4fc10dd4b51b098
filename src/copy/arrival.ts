import type { Readable } from 'node:stream';
import { copyDamaged } from './copy-errors.ts';
import type { ContentReply, CopyReply } from './copy-script.ts';
import type { CopyOptions } from './copy-session.ts';
import { counted } from './counted-stream.ts';
import type { Draft, LocalDestination } from './local-copies.ts';
import { ReplyStream } from './reply-stream.ts';

export interface ArrivalRequest {
  readonly isRecursive: boolean;
  readonly destination: LocalDestination;
  /** Of a file; undefined where the image cannot tell. */
  readonly onSize: (size: number | undefined) => void;
}

/** What the container sends, on its way to its place here, where it gets its name when it is kept. */
export class Arrival {
  readonly stdout = new ReplyStream((reply) => this.#answer(reply));
  readonly #options: CopyOptions;
  readonly #request: ArrivalRequest;
  readonly #abort = new AbortController();
  #kind: ContentReply['kind'] | undefined;
  #refusal = '';
  #draft: Promise<Draft> | undefined;
  #failure: unknown;

  constructor(options: CopyOptions, request: ArrivalRequest) {
    this.#options = options;
    this.#request = request;
  }

  /** Undefined until the container has begun to send. */
  get kind(): ContentReply['kind'] | undefined {
    return this.#kind;
  }

  /** Why the container would not send, as the script says it. */
  get refusal(): string {
    return this.#refusal;
  }

  /** Raised when what is sent cannot be taken. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  get hasFailed(): boolean {
    return this.#failure !== undefined;
  }

  /** Until who reads is at the end, or has given up and told why. */
  async settled(): Promise<void> {
    await this.#draft?.catch(() => undefined);
  }

  /** Our stdout takes no more, which is told where it is owned; files of ours fail as an `EcshError`. */
  get isOutputLost(): boolean {
    return this.#failure instanceof Error && 'syscall' in this.#failure;
  }

  assertTaken(): void {
    if (isDamage(this.#failure)) throw copyDamaged(this.#options.shownPath);
    if (this.#failure !== undefined) throw this.#failure;
  }

  async keep(): Promise<void> {
    await (await this.#draft)?.commit();
    this.#draft = undefined;
  }

  /** Leaves nothing behind that was not kept. */
  async close(): Promise<void> {
    this.stdout.destroy();
    await this.#draft?.then(
      (draft) => draft.discard(),
      () => undefined,
    );
  }

  #answer(reply: CopyReply): void {
    if (reply.kind === 'no') this.#refusal = reply.why;
    // Whatever a container makes of our script: a directory was not asked for.
    else if (reply.kind === 'tree' && !this.#request.isRecursive) this.stdout.resume();
    else if (reply.kind === 'file' || reply.kind === 'tree') this.#receive(reply);
  }

  #receive(reply: ContentReply): void {
    if (reply.kind === 'file') this.#request.onSize(reply.size);
    this.#kind = reply.kind;
    this.#draft = this.#write(reply, this.stdout);
    this.#draft.catch((error: unknown) => {
      this.#failure = error;
      this.#abort.abort();
    });
  }

  #write(reply: ContentReply, payload: Readable): Promise<Draft> {
    const { copies, listener } = this.#options;
    const { destination } = this.#request;
    const content = reply.isCompressed ? copies.decompress(payload) : payload;
    if (reply.kind === 'tree') return destination.writeTree(content, listener);
    return destination.writeFile(counted(content, listener), reply);
  }
}

/** Of zlib. */
function isDamage(error: unknown): boolean {
  return error instanceof Error && 'code' in error && `${error.code}`.startsWith('Z_');
}
