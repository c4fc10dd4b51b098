import type { CopySessionOptions } from '#copy/copy-session.ts';
import type { Bytes, LocalDestination, StagedFile } from '#copy/local-copies.ts';
import type { ExecRunPorts } from '#exec/exec-run-options.ts';
import { FakeRemote, LINK, readyTarget } from './fake-remote.ts';
import { FakeSignals } from './fake-signals.ts';
import { settle } from './manual-clock.ts';

/** A container to copy with: the envelope in it sends what the test wants from the script. */
export class FakeContainer {
  readonly remote = new FakeRemote();
  readonly signals = new FakeSignals();
  /** The reports received so far: `file`, `skip TEXT`, `notice TEXT`. */
  readonly told: string[] = [];
  /** The amount of content so far. */
  bytes = 0;
  #taken = 0;

  get ports(): ExecRunPorts {
    return { ...this.remote.ports, signals: this.signals };
  }

  get options(): CopySessionOptions {
    const { clock } = this.remote;
    return {
      target: readyTarget(),
      user: undefined,
      timeoutMs: undefined,
      retryPolicy: { clock, waitMs: 0, retries: 0, onWait: () => undefined },
      link: LINK,
      copies: { compress: (content) => marked(content), decompress: (content) => whole(content) },
      listener: {
        onBytes: (count) => {
          this.bytes += count;
        },
        onFile: () => this.told.push('file'),
        onSkip: (text) => this.told.push(`skip ${text}`),
        onOutsideLink: (text) => this.told.push(`link ${text}`),
      },
      shownPath: 'web:/srv/x',
      onSession: () => undefined,
      onNotice: (text) => this.told.push(`notice ${text}`),
      onDebug: () => undefined,
    };
  }

  /** The script starts. */
  async begin(): Promise<void> {
    await settles();
    await this.#write(`${this.#nonce} tbbg\np42\n`);
  }

  async says(text: string): Promise<void> {
    await this.#write(frame('1', text));
  }

  async complains(line: string): Promise<void> {
    await this.#write(frame('2', `${line}\n`));
  }

  /** The script and the session end. */
  async ends(status: number): Promise<void> {
    const end = `\u0001${this.#nonce}\u0002`;
    await this.#write(`${frame('1', end)}${frame('2', end)}x${status}\n`);
    this.remote.agent.close();
    await settles();
  }

  /** The connection breaks, and cannot be resumed. */
  async vanishes(): Promise<void> {
    this.remote.transport.lose('the network is gone');
    await settles();
  }

  /** The stdin that the script got; `<end>` where its end was reported. */
  get stdin(): string {
    return this.#lines
      .map((line) => {
        if (line.startsWith('E')) return '<end>';
        return line.startsWith('D') ? `${Buffer.from(line.slice(1), 'base64')}` : '';
      })
      .join('');
  }

  /** The signals that the script got. */
  get signalled(): readonly string[] {
    return this.#lines.filter((line) => line.startsWith('K'));
  }

  get #lines(): readonly string[] {
    return this.remote.agent.input.split('\n').map((line) => line.replace(/^:\d+/, ''));
  }

  get #nonce(): string {
    return / ecsh ([0-9a-f]{16}) /.exec(this.remote.requests.at(-1)?.command ?? '')?.[1] ?? 'none';
  }

  /** The script reads its stdin until no more arrives. */
  async takes(): Promise<void> {
    for (;;) {
      const data = this.#lines.filter((line) => line.startsWith('D'));
      const sent = data.reduce((sum, line) => sum + line.length - 1, 0);
      if (sent === this.#taken) return;
      await this.#write(`a${sent - this.#taken}\n`);
      this.#taken = sent;
    }
  }

  async #write(lines: string): Promise<void> {
    this.remote.agent.output(lines);
    await settles();
  }
}

/** A destination for received data, which records what happens to it. */
export class FakeDestination implements LocalDestination {
  readonly log: string[] = [];
  /** The reason why nothing can be written here. */
  failure: Error | undefined;

  writeFile(content: Bytes, { mode }: { readonly mode: number | undefined }): Promise<StagedFile> {
    return this.#write(`file ${mode?.toString(8) ?? '-'}`, content);
  }

  writeTree(archive: Bytes): Promise<StagedFile> {
    return this.#write('tree', archive);
  }

  async #write(kind: string, content: Bytes): Promise<StagedFile> {
    this.log.push(kind);
    let text = '';
    try {
      if (this.failure !== undefined) throw this.failure;
      for await (const chunk of content) text += Buffer.from(chunk);
    } catch (error) {
      this.log.push('put away');
      throw error;
    }
    return {
      commit: async () => void this.log.push(`kept ${text}`),
      discard: async () => void this.log.push('put away'),
    };
  }
}

/** Content that cannot be decompressed: it fails like zlib with a damaged stream. */
export const DAMAGE = 'damage';

async function* whole(content: Bytes): Bytes {
  for await (const chunk of content) {
    const text = `${Buffer.from(chunk)}`;
    if (text.includes(DAMAGE)) {
      throw Object.assign(new Error('incorrect data check'), { code: 'Z_DATA_ERROR' });
    }
    yield Buffer.from(`(${text})`);
  }
}

async function* marked(content: Bytes): Bytes {
  for await (const chunk of content) yield Buffer.from(`(${Buffer.from(chunk)})`);
}

const frame = (stream: '1' | '2', text: string) =>
  `${stream}${Buffer.from(text, 'latin1').toString('base64')}.\n`;

/** Streams pass on their data over several turns. */
async function settles(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await settle();
}
