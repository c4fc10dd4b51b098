import type { CopyListener } from '#copy/local-copies.ts';
import type { Clock } from '#domain/ports/system-ports.ts';
import type { Progress } from '#ui/progress.ts';
import { progressLine } from './progress-line.ts';

/** Often enough to look smooth, in milliseconds. */
const UPDATE_EVERY_MS = 100;
/** The rate is that of the last seconds, in milliseconds. */
const RATE_WINDOW_MS = 5_000;
const MIN_RATE_MS = 1_000;
/** A container may send any number of entries that cannot be copied: more are only counted. */
const MAX_LISTED = 100;

export interface CopyProgressOptions {
  readonly clock: Clock;
  readonly source: string;
  /** Bytes of content, if known in advance. */
  readonly size: number | undefined;
  /** Undefined if it would not be seen. */
  readonly progress: Progress | undefined;
  /** Columns for the line. */
  readonly width: () => number;
}

/** Counts the copied bytes, and shows the progress. */
export class CopyProgress implements CopyListener {
  readonly #options: CopyProgressOptions;
  /** The first skipped entries, and the reasons. */
  readonly skipped: string[] = [];
  skippedCount = 0;
  /** The first of the links that lead out of the copy. */
  readonly outsideLinks: string[] = [];
  outsideLinkCount = 0;
  files = 0;
  bytes = 0;
  #size: number | undefined;
  #samples: { readonly at: number; readonly bytes: number }[] = [];
  #shownAt = Number.NEGATIVE_INFINITY;

  constructor(options: CopyProgressOptions) {
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
    this.skippedCount += 1;
    if (this.skipped.length < MAX_LISTED) this.skipped.push(text);
  };

  readonly onOutsideLink = (text: string): void => {
    this.outsideLinkCount += 1;
    if (this.outsideLinks.length < MAX_LISTED) this.outsideLinks.push(text);
  };

  #show(): void {
    const { clock, progress, source, width } = this.#options;
    const now = clock.now();
    if (progress === undefined || now - this.#shownAt < UPDATE_EVERY_MS) return;
    this.#shownAt = now;
    const { files, bytes } = this;
    const state = { source, files, bytes, size: this.#size, rate: this.#rateAt(now) };
    progress.update(progressLine(state, width()));
  }

  #rateAt(now: number): number | undefined {
    this.#samples.push({ at: now, bytes: this.bytes });
    while ((this.#samples[1]?.at ?? now) <= now - RATE_WINDOW_MS) this.#samples.shift();
    const [first] = this.#samples;
    if (first === undefined || now - first.at < MIN_RATE_MS) return undefined;
    return (1_000 * (this.bytes - first.bytes)) / (now - first.at);
  }
}
