import type { App } from '#commands/app.ts';
import { EcshError } from '#domain/errors/errors.ts';
import { ExitStatus, signalStatus } from '#domain/errors/exit-status.ts';
import { END_SIGNALS } from '#domain/ports/system-ports.ts';
import { pause } from '#session/pause.ts';
import { unlessAborted } from '#session/unless-aborted.ts';
import { cutToWidth } from '#ui/display-width.ts';
import type { Reporter } from '#ui/reporter.ts';
import type { LsOptions } from './ls-options.ts';

/** Moves to the top left corner, and then overwrites every line. */
const HOME = '\u001b[H';
const CLEAR_LINE = '\u001b[K';
const CLEAR_BELOW = '\u001b[J';

/** One look at AWS, ready to be printed. */
export interface WatchedListing {
  readonly lines: readonly string[];
  readonly isEmpty: boolean;
}

/**
 * Repeats a listing. On a terminal each listing replaces the one before; elsewhere they follow each
 * other with an empty line between them, or with one line each for `--json`. A transient failure does
 * not end it.
 *
 * @returns 128 + n for the signal that ended it, as kubectl does, or 141 when the reader is gone
 */
export async function watch(
  app: App,
  reporter: Reporter,
  look: () => Promise<WatchedListing>,
  { interval, json }: LsOptions,
): Promise<number> {
  const { stdout, clock } = app;
  const ended = new AbortController();
  let status: number = ExitStatus.brokenPipe;
  let before: readonly string[] | undefined;
  const forget = END_SIGNALS.map((signal) =>
    app.signals.on(signal, () => {
      status = signalStatus(signal);
      ended.abort();
    }),
  );
  const onClose = () => ended.abort();
  stdout.once('close', onClose);
  try {
    for (let count = 0; !ended.signal.aborted; count += 1) {
      const lines = await unlessAborted(ended.signal, lookPatiently(look, reporter));
      if (ended.signal.aborted) break;
      if (lines !== undefined) {
        const isScreen = stdout.isTTY === true && !json;
        stdout.write(
          isScreen
            ? screenful(app, [
                headOf(clock.now(), interval, stdout.columns),
                ...marked(lines, before),
              ])
            : following(lines, count > 0 && !json),
        );
        before = lines;
      }
      await pause(clock, interval, ended.signal);
    }
    return status;
  } finally {
    stdout.off('close', onClose);
    for (const each of forget) each();
  }
}

/** Undefined after a failure that may pass: it has been reported. */
async function lookPatiently(
  look: () => Promise<WatchedListing>,
  reporter: Reporter,
): Promise<readonly string[] | undefined> {
  try {
    const { lines, isEmpty } = await look();
    return isEmpty && lines.length === 0 ? ['Nothing yet.'] : lines;
  } catch (error) {
    if (!(error instanceof EcshError) || !error.retryable) throw error;
    reporter.failure(error);
    return undefined;
  }
}

/** `23:10:05  every 2 s, * changed, Ctrl-C ends` */
function headOf(now: number, interval: number, columns = 80): string {
  const time = new Date(now).toTimeString().slice(0, 8);
  return cutToWidth(`  ${time}  every ${interval / 1_000} s, * changed, Ctrl-C ends`, columns - 1);
}

/** Lines that were not there at the last look begin with a star. Ages change all the time, and do not count. */
function marked(
  lines: readonly string[],
  before: readonly string[] | undefined,
): readonly string[] {
  const known = before?.map(withoutAge);
  return lines.map((line) => {
    const isNew = known !== undefined && !known.includes(withoutAge(line));
    return `${isNew ? '*' : ' '} ${line}`;
  });
}

function withoutAge(line: string): string {
  return line.replaceAll(/\b\d+[smhd]\b/g, '').replaceAll(/ +/g, ' ');
}

function screenful({ terminal }: App, lines: readonly string[]): string {
  const room = (terminal?.size().rows ?? Number.POSITIVE_INFINITY) - 1;
  const hidden = lines.length - room;
  const shown = hidden > 0 ? [...lines.slice(0, room - 1), `… ${hidden + 1} more lines`] : lines;
  return `${HOME}${shown.map((line) => `${line}${CLEAR_LINE}\n`).join('')}${CLEAR_BELOW}`;
}

function following(lines: readonly string[], hasOneBefore: boolean): string {
  return `${hasOneBefore ? '\n' : ''}${lines.map((line) => `${line}\n`).join('')}`;
}
