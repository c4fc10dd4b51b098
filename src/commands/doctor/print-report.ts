import type { App } from '#commands/app.ts';
import { writeJsonLine } from '#commands/json-output.ts';
import type { SharedOptions } from '#commands/shared-options.ts';
import type { Diagnosis } from '#doctor/diagnose.ts';
import { reportOf } from '#doctor/report.ts';
import { type Paint, reportText } from '#doctor/report-text.ts';
import type { CheckFix, CheckResult } from '#domain/readiness/readiness-model.ts';
import type { ToolSupport } from '#ssh/tools/ssh-tools.ts';
import { usesColor } from '#ui/color.ts';
import { plainText } from '#ui/plain-text.ts';
import { createStyle } from '#ui/style.ts';
import { proseWidth } from '#ui/wrap.ts';
import { toolsText } from './ssh-tools.ts';

/** In a pipe or a file. */
const PLAIN_WIDTH = 80;

const STYLES = { ready: 'green', risk: 'yellow', failure: 'red', title: 'bold' } as const;

/**
 * The report goes to stdout: it is the result of the command.
 *
 * @param tools what `--ssh` found; null when no session could be opened, undefined without `--ssh`
 */
export function printReport(
  app: App,
  options: SharedOptions & { readonly target?: string | undefined },
  diagnosis: Diagnosis,
  tools: readonly ToolSupport[] | null | undefined,
): void {
  const { target, json, verbose: isVerbose = false, color } = options;
  if (json) {
    const report = reportOf(diagnosis, target);
    writeJsonLine(app.stdout, tools === undefined ? report : { ...report, ssh: tools });
    return;
  }
  const width = proseWidth(app.stdout) ?? PLAIN_WIDTH;
  const style = createStyle(usesColor({ color, env: app.env, stderr: app.stdout }));
  const paint: Paint = (part, text) => style(STYLES[part], plainText(text));
  app.stdout.write(reportText(escaped(diagnosis), { target, isVerbose, paint, width }));
  if (tools !== undefined) app.stdout.write(toolsText(tools, width));
}

/** Without control characters in what AWS answered; afterwards the report may be coloured. */
function escaped(diagnosis: Diagnosis): Diagnosis {
  const results = diagnosis.results.map((result): CheckResult => {
    const { fix, message } = result;
    return { ...result, message: plainText(message), fix: fix && escapedFix(fix) };
  });
  const primary = results.find(({ id }) => id === diagnosis.primary?.id);
  return { ...diagnosis, results, primary };
}

function escapedFix({ summary, command, ...rest }: CheckFix): CheckFix {
  const plain = { ...rest, summary: plainText(summary) };
  return command === undefined ? plain : { ...plain, command: plainText(command) };
}
