import type { CopyListener } from '#copy/local-copies.ts';
import type { Clock } from '#domain/ports/system-ports.ts';
import { byteSize } from '#ui/byte-size.ts';
import type { Progress } from '#ui/progress.ts';

/** Often enough to be seen to move; milliseconds. */
const UPDATE_EVERY_MS = 100;

export interface TallyOptions {
  readonly clock: Clock;
  readonly source: string;
  /** Of all content, where it is known before. */
  readonly size: number | undefined;
  /** Undefined: nobody looks. */
  readonly progress: Progress | undefined;
}

/** Counts what is being copied, and shows it. */
export class Tally implements CopyListener {
  readonly #options: TallyOptions;
  readonly skipped: string[] = [];
  files = 0;
  bytes = 0;
  #size: number | undefined;
  #startedAt: number | undefined;
  #shownAt = Number.NEGATIVE_INFINITY;

  constructor(options: TallyOptions) {
    this.#options = options;
    this.#size = options.size;
  }

  readonly onSize = (size: number | undefined): void => {
    this.#size = size;
  };

  readonly onBytes = (count: number): void => {
    this.bytes += count;
    this.#show();
  };

  readonly onFile = (): void => {
    this.files += 1;
    this.#show();
  };

  readonly onSkip = (text: string): void => {
    this.skipped.push(text);
  };

  #show(): void {
    const { clock, progress, source } = this.#options;
    const now = clock.now();
    this.#startedAt ??= now;
    if (progress === undefined || now - this.#shownAt < UPDATE_EVERY_MS) return;
    this.#shownAt = now;
    const seconds = (now - this.#startedAt) / 1000;
    const speed = seconds < 1 ? '' : `  ${byteSize(this.bytes / seconds)}/s`;
    progress.update(`${this.#amount()}${speed}  ${source}`);
  }

  #amount(): string {
    const done = byteSize(this.bytes);
    if (this.#size !== undefined && this.#size > 0) {
      const share = Math.min(100, Math.floor((100 * this.bytes) / this.#size));
      return `${done} of ${byteSize(this.#size)}, ${share} %`;
    }
    return this.files > 1 ? `${this.files} files, ${done}` : done;
  }
}
