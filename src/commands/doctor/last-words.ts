import type { App, AwsPorts } from '#commands/app.ts';
import { traceAws } from '#commands/aws-trace.ts';
import { lastWords } from '#commands/last-lines.ts';
import { awsFlags, type SharedOptions } from '#commands/shared-options.ts';
import { awsPorts } from '#commands/target-request.ts';
import { within } from '#commands/time-limit.ts';
import type { Diagnosis } from '#doctor/diagnose.ts';
import type { Task } from '#domain/resolve/task.ts';
import type { Reporter } from '#ui/reporter.ts';
import { lastFailedTask } from './last-task.ts';

const LIMIT_MS = 3_000;

/** Shows the last lines of a stopped task, or of the last one of a service whose tasks keep failing. */
export async function sayLastWords(
  app: App,
  reporter: Reporter,
  options: SharedOptions & { readonly target?: string | undefined },
  diagnosis: Diagnosis,
): Promise<void> {
  if (diagnosis.subject.task?.lastStatus !== 'STOPPED' && !keepsFailing(diagnosis)) return;
  const aws = awsPorts(app, options, options.target, traceAws(reporter));
  const look = async () => {
    const task = await failedTask(aws, diagnosis);
    return task && lastWords(aws, task, awsFlags(options));
  };
  // Without permission to read the logs, the report is complete nevertheless.
  const words = await within({ clock: app.clock, limitMs: LIMIT_MS }, look()).catch(
    () => undefined,
  );
  if (words === undefined) return;
  for (const line of ['', ...words.split('\n')]) reporter.notice(line);
}

/** The task that was found is still starting, and those before it have failed. */
function keepsFailing({ subject: { task }, results }: Diagnosis): boolean {
  const isFailing = results.some(({ id, status }) => id === 'service-tasks' && status === 'fail');
  return isFailing && task?.lastStatus !== 'RUNNING';
}

async function failedTask(
  aws: AwsPorts,
  { subject: { task, cluster, service } }: Diagnosis,
): Promise<Task | undefined> {
  if (task?.lastStatus === 'STOPPED') return task;
  return service === undefined ? undefined : lastFailedTask(await aws.ecs(), cluster, service);
}
