import { type AwsFlags, ecshCommand } from '#domain/errors/aws-command.ts';
import { EcshError } from '#domain/errors/errors.ts';
import { boundedText, LINE_MARK, markLines } from '#domain/foreign-text.ts';
import type { EcsApi } from '#domain/ports/ecs-ports.ts';
import { nameInArn } from '#domain/resolve/arn.ts';
import { resolveTask, scopeOf } from '#domain/resolve/resolve.ts';
import { parseTarget } from '#domain/resolve/target.ts';
import type { Task } from '#domain/resolve/task.ts';
import { lastLines } from '#logs/last-lines.ts';
import type { TargetRequest } from '#session/ready-target.ts';
import { plainText } from '#ui/plain-text.ts';
import type { AwsPorts } from './app.ts';
import type { DiagnosisRequest } from './cause-search.ts';
import { lastFailedTask } from './doctor/last-task.ts';
import { targetRequest } from './target-request.ts';
import { within } from './time-limit.ts';

const LINES = 5;
/** Short, because the user is waiting for the error. */
const LIMIT_MS = 3_000;
/** A task that failed longer ago is not why its successor is not ready (ms). */
const RECENT_MS = 15 * 60_000;

/** The error with the last lines of the failed task in its hint, if CloudWatch Logs has them. */
export async function addLastLines(search: DiagnosisRequest, error: EcshError): Promise<EcshError> {
  const { aws, retryPolicy, signals, options, target } = search;
  const request = targetRequest(options, target);
  const look = async () => {
    const task = await failedTask(await aws.ecs(), request, error);
    const age = retryPolicy.clock.now() - (task?.createdAt?.getTime() ?? 0);
    if (task === undefined || (error.code === 'exec-agent-not-running' && age > RECENT_MS)) return;
    return lastWords(aws, task, request.flags);
  };
  const words = await within({ clock: retryPolicy.clock, limitMs: LIMIT_MS, signals }, look());
  if (words === undefined) return error;
  const hint = error.hint === undefined ? words : `${error.hint}\n${words}`;
  const { code, message, exitCode, retryable, cause } = error;
  return new EcshError(code, message, { hint, exitCode, retryable, cause });
}

/** The last lines of a task with a heading and the command that shows more; undefined if there are none. */
export async function lastWords(
  aws: Pick<AwsPorts, 'doctor' | 'logEvents'>,
  task: Task,
  flags: AwsFlags,
): Promise<string | undefined> {
  const details = await aws.doctor.ecs();
  const lines = await lastLines(
    {
      describeTaskDefinition: (arn) => details.describeTaskDefinition(arn),
      logEvents: aws.logEvents,
    },
    task,
    LINES,
  );
  if (lines.length === 0) return undefined;
  const [cluster, id] = [nameInArn(task.clusterArn), nameInArn(task.taskArn)];
  return [
    `The last lines of task ${id.slice(0, 12)}:`,
    ...lines.map((line) => `${LINE_MARK}${markLines(plainText(boundedText(line)))}`),
    `More:  ${ecshCommand(['logs', `${cluster}/${id}`], flags)}`,
  ].join('\n');
}

/** The named task, if it has stopped on its own; otherwise the last failed one of its service. */
async function failedTask(
  ecs: EcsApi,
  request: TargetRequest,
  { code }: EcshError,
): Promise<Task | undefined> {
  const target = parseTarget(request.target);
  const { cluster } = scopeOf(target, request);
  if (code === 'task-not-running') {
    const { task } = await resolveTask(ecs, request);
    if (task.lastStatus === 'STOPPED') return task;
  }
  const service =
    target.kind === 'service' ? target.service : target.kind === 'name' ? target.name : undefined;
  return service === undefined ? undefined : lastFailedTask(ecs, cluster, service);
}
