import type { OutputStream } from '#commands/app.ts';
import { writeJsonLine } from '#commands/json-output.ts';
import type { LogLine } from '#logs/log-groups.ts';
import { styledText } from '#ui/plain-text.ts';

export interface PrinterOptions {
  readonly stdout: OutputStream;
  readonly json: boolean;
  readonly timestamps: boolean;
  /** Whether to name task and container in front of each line. */
  readonly prefix: boolean;
  readonly color: (label: string) => string;
}

/** As many digits of a task id as `ecsh` needs to find the task again, nearly always. */
const ID_LENGTH = 8;

/** Prints log lines to stdout and waits while its reader is slow. */
export class LogPrinter {
  hasPrinted = false;
  readonly #options: PrinterOptions;

  constructor(options: PrinterOptions) {
    this.#options = options;
  }

  async print(lines: readonly LogLine[]): Promise<void> {
    const { stdout, json } = this.#options;
    for (const line of lines) {
      this.hasPrinted = true;
      if (json) writeJsonLine(stdout, reportOf(line));
      else stdout.write(this.#text(line));
    }
    if (!stdout.writableNeedDrain || stdout.destroyed) return;
    await new Promise<void>((resolve) => {
      stdout.once('drain', resolve);
      stdout.once('close', resolve);
    });
  }

  #text({ source, event }: LogLine): string {
    const { stdout, timestamps, prefix, color } = this.#options;
    const label = `${source.task.slice(0, ID_LENGTH)}/${source.container}`;
    const head = [
      ...(prefix ? [`${color(label)} | `] : []),
      ...(timestamps ? [`${new Date(event.timestamp).toISOString()} `] : []),
    ].join('');
    // An event may hold several lines, a stack trace for instance.
    return event.message
      .replace(/\r?\n$/, '')
      .split(/\r?\n/)
      .map((line) => `${head}${stdout.isTTY ? styledText(line) : line}\n`)
      .join('');
  }
}

/** The object that `logs --json` prints for each event; keys are stable. */
function reportOf({ source, event }: LogLine) {
  return {
    timestamp: new Date(event.timestamp).toISOString(),
    message: event.message,
    task: source.task,
    container: source.container,
    group: source.group,
    stream: source.stream,
    id: event.id === '' ? null : event.id,
  };
}
