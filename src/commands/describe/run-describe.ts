import type { App } from '#commands/app.ts';
import { traceAws } from '#commands/aws-trace.ts';
import { writeJsonLine } from '#commands/json-output.ts';
import { withTarget } from '#commands/picked-target.ts';
import type { SharedOptions } from '#commands/shared-options.ts';
import { awsPorts, targetRequest } from '#commands/target-request.ts';
import { findPage } from '#describe/find-page.ts';
import { usesColor } from '#ui/color.ts';
import type { Reporter } from '#ui/reporter.ts';
import { createStyle } from '#ui/style.ts';
import { serviceLines } from './service-lines.ts';
import { taskLines } from './task-lines.ts';

export interface DescribeOptions extends SharedOptions {
  readonly target?: string | undefined;
}

/** Prints the page of a service or task. @returns 0 */
export async function runDescribe(
  app: App,
  reporter: Reporter,
  given: DescribeOptions,
): Promise<number> {
  const options = await withTarget(app, reporter, given, { takesAny: true });
  const aws = awsPorts(app, options, options.target, traceAws(reporter));
  const [ecs, details, admin] = await Promise.all([aws.ecs(), aws.doctor.ecs(), aws.admin()]);
  const request = targetRequest(options, options.target);
  const { page, notices } = await findPage({ ecs, details, admin }, request);
  for (const notice of notices) reporter.notice(notice);
  if (options.json) {
    writeJsonLine(app.stdout, page);
    return 0;
  }
  const { stdout, env, clock } = app;
  const view = {
    width: stdout.isTTY ? (stdout.columns ?? 80) : undefined,
    now: clock.now(),
    style: createStyle(usesColor({ color: options.color, env, stderr: stdout })),
  };
  const lines = page.kind === 'service' ? serviceLines(page, view) : taskLines(page, view);
  stdout.write(lines.map((line) => `${line}\n`).join(''));
  return 0;
}
