import type { Writable } from 'node:stream';
import { EcshError } from '#domain/errors/errors.ts';
import { markLines } from '#domain/foreign-text.ts';
import { type ColorContext, usesColor } from './color.ts';
import { plainLine, plainText } from './plain-text.ts';
import { createStyle, type Style } from './style.ts';
import { proseWidth, wrapProse } from './wrap.ts';

export interface ReporterOptions extends ColorContext {
  readonly isQuiet: boolean;
  readonly isVerbose: boolean;
  /** Where `--debug` writes; undefined without it. */
  readonly debugStream: Writable | undefined;
  readonly now: () => number;
  /** When the process started, on the same clock. */
  readonly startedAt: number;
}

/** All messages of ecsh go through here to stderr, because stdout belongs to the remote side. */
export class Reporter {
  readonly #options: ReporterOptions;
  readonly #style: Style;

  constructor(options: ReporterOptions) {
    this.#options = options;
    this.#style = createStyle(usesColor(options));
  }

  /** Reports a choice or the next step; `--quiet` suppresses it. Marks lines of a foreign name. */
  notice(text: string): void {
    if (!this.#options.isQuiet) this.#line(plainText(markLines(text)));
  }

  /** Details for `--verbose`. */
  detail(text: string): void {
    if (this.#options.isVerbose) this.#line(this.#style('dim', plainText(markLines(text))));
    this.debug(text);
  }

  debug(text: string): void {
    const { now, startedAt, debugStream } = this.#options;
    const time = now();
    const sinceStart = `+${time - startedAt}ms`;
    debugStream?.write(`${new Date(time).toISOString()} ${sinceStart} ${plainLine(text)}\n`);
  }

  /** The cause, then what to do about it; `subject` names one of several targets. */
  failure(error: EcshError, subject?: string): void {
    const label = this.#style('red', subject === undefined ? 'ecsh:' : `ecsh: ${subject}:`);
    this.#line(
      `${label} ${plainText(markLines(error.message))} ${this.#style('dim', `[${error.code}]`)}`,
    );
    if (error.hint !== undefined) this.#line(indented(error.hint));
    this.#debugCauses(error);
  }

  /** A bug in ecsh: only this shows a stack trace without --debug. */
  bug(error: unknown): void {
    const trace = error instanceof Error ? (error.stack ?? error.message) : String(error);
    this.#line(`${this.#style('red', 'ecsh:')} This is a bug in ecsh. [bug]`);
    this.#options.stderr.write(`${plainText(trace)}\n`);
    this.#debugCauses(error);
  }

  #debugCauses(error: unknown): void {
    for (let cause = error; cause instanceof Error; cause = cause.cause) {
      const code = cause instanceof EcshError ? ` [${cause.code}]` : '';
      this.debug(`${cause.name}: ${cause.message}${code}`);
    }
  }

  #line(text: string): void {
    const { stderr } = this.#options;
    stderr.write(`${wrapProse(text, proseWidth(stderr), INDENT)}\n`);
  }
}

const INDENT = '  ';

/** A hint may have several lines: a cause, a command, where to look further. */
function indented(hint: string): string {
  return INDENT + plainText(hint).replaceAll('\n', `\n${INDENT}`);
}
