import type { Clock } from '#domain/ports/system-ports.ts';
import { cutToWidth } from './display-width.ts';
import { plainText } from './plain-text.ts';
import type { Reporter } from './reporter.ts';
import { type RegionOutput, ScreenRegion } from './screen-region.ts';

const TICK_MS = 1_000;

export interface ProgressOptions {
  readonly output: RegionOutput;
  readonly clock: Clock;
  readonly reporter: Reporter;
  /** True: rewrite one line. False: print a line for each change. */
  readonly isLive: boolean;
}

/** Shows the progress of work that takes minutes. */
export interface Progress {
  /** @param since start of this step (ms since the epoch); a live line then shows how long it has taken */
  update(text: string, since?: number): void;
  /** Prints a permanent line. */
  say(text: string): void;
  end(): void;
}

export function createProgress(options: ProgressOptions): Progress {
  return options.isLive ? new LiveLine(options) : new ChangedLines(options.reporter);
}

/** For CI logs: prints a text only if it differs from the last one. */
class ChangedLines implements Progress {
  readonly #reporter: Reporter;
  #last = '';

  constructor(reporter: Reporter) {
    this.#reporter = reporter;
  }

  update(text: string): void {
    if (text !== this.#last) this.#reporter.notice(text);
    this.#last = text;
  }

  say(text: string): void {
    this.#reporter.notice(text);
  }

  end(): void {}
}

/** One line of the terminal, with the elapsed time. */
class LiveLine implements Progress {
  readonly #options: ProgressOptions;
  readonly #region: ScreenRegion;
  readonly #start: number;
  #text = '';
  #since: number | undefined;
  #stopTicking: () => void = () => undefined;

  constructor(options: ProgressOptions) {
    this.#options = options;
    this.#region = new ScreenRegion(options.output);
    this.#start = options.clock.now();
    this.#tick();
  }

  update(text: string, since?: number): void {
    this.#text = text;
    this.#since = since;
    this.#draw();
  }

  say(text: string): void {
    this.#region.erase();
    this.#options.reporter.notice(text);
    this.#draw();
  }

  end(): void {
    this.#stopTicking();
    this.#region.erase();
  }

  #tick(): void {
    this.#stopTicking = this.#options.clock.after(TICK_MS, () => {
      this.#draw();
      this.#tick();
    });
  }

  #draw(): void {
    if (this.#text === '') return;
    const now = this.#options.clock.now();
    const seconds = Math.floor((now - this.#start) / 1_000);
    // AWS's clock may be ahead of ours.
    const part = this.#since === undefined ? 0 : Math.floor((now - this.#since) / 1_000);
    const line = `${timeOf(seconds)}  ${plainText(this.#text)}${part > 0 ? `, ${part} s` : ''}`;
    this.#region.show({ lines: [cutToWidth(line, this.#region.size.cols - 1)], cursor: 0 });
  }
}

/** `0:07`, `12:05`. */
function timeOf(seconds: number): string {
  return `${Math.floor(seconds / 60)}:${`${seconds % 60}`.padStart(2, '0')}`;
}
