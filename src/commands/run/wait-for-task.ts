import type { App, AwsPorts } from '#commands/app.ts';
import { traceAws } from '#commands/aws-trace.ts';
import { awsPorts, targetRequest } from '#commands/target-request.ts';
import { EcshError } from '#domain/errors/errors.ts';
import { ExitStatus } from '#domain/errors/exit-status.ts';
import { nameInArn } from '#domain/resolve/arn.ts';
import { resolveTask } from '#domain/resolve/resolve.ts';
import { isTaskIdPrefix, parseTarget } from '#domain/resolve/target.ts';
import type { Task } from '#domain/resolve/task.ts';
import { detachedCommand, isHeld } from '#run/detached-task.ts';
import type { Reporter } from '#ui/reporter.ts';
import { followTask, type WaitOptions } from './follow-task.ts';

/**
 * Prints the log of a task of `ecsh run --detach` from its beginning, waits for its end, and deregisters the
 * revision of `--image`. The task goes on when the wait ends early.
 *
 * @returns the exit status of the command; 124 after `--timeout`, 128 + n for a signal
 * @throws EcshError `task-not-found`, `status-unknown`, `container-ambiguous`
 */
export async function waitForTask(
  app: App,
  reporter: Reporter,
  options: WaitOptions,
): Promise<number> {
  assertTask(options);
  const aws = awsPorts(app, options, options.target, traceAws(reporter));
  const ecs = await aws.ecs();
  const found = await resolveTask(ecs, { ...targetRequest(options, options.target), tags: true });
  const { task } = found;
  const container = containerAsked(options, task) ?? (await containerOf(aws, task));
  return followTask(app, reporter, { aws, options, task, container });
}

/** Any task of a service would do, and none of them would end. */
function assertTask(options: WaitOptions): void {
  const target = parseTarget(options.target);
  if (target.kind === 'task' || (target.kind === 'name' && isTaskIdPrefix(target.name))) return;
  throw new EcshError('task-expected', `"${options.target}" does not name one task.`, {
    hint: 'Name the task that ecsh run --detach has printed.',
  });
}

/** @throws EcshError `container-not-found` */
function containerAsked({ target, container }: WaitOptions, task: Task): string | undefined {
  const name = container ?? parseTarget(target).container;
  if (name === undefined || task.containers.some((one) => one.name === name)) return name;
  throw new EcshError('container-not-found', `The task has no container "${name}".`, {
    hint: `It has: ${task.containers.map((one) => one.name).join(', ')}.`,
  });
}

/** The container whose own program is the command. */
async function containerOf(aws: AwsPorts, task: Task): Promise<string> {
  const marked = detachedCommand(task);
  if (marked !== undefined) return marked.container;
  if (isHeld(task)) throw statusWentElsewhere(task);
  const ecs = await aws.ecs();
  const definitions = await ecs.describeContainerDefinitions(task.taskDefinitionArn);
  const essential = definitions.filter((definition) => definition.essential);
  const [only, ...others] = definitions.length === 1 ? definitions : essential;
  if (only !== undefined && others.length === 0) return only.name;
  throw new EcshError('container-ambiguous', 'The task has several containers.', {
    hint: `Name the one whose status counts, with -c: ${definitions.map(({ name }) => name).join(', ')}.`,
  });
}

/** The status of such a task is the one of the program that waits for the command. */
function statusWentElsewhere({ taskArn }: Task): EcshError {
  const message = `Task ${nameInArn(taskArn)} ran its command in a session, and only the ecsh run that started it saw the status.`;
  return new EcshError('status-unknown', message, {
    hint: 'If you want to come back to a command, start it with  ecsh run --detach',
    exitCode: ExitStatus.failure,
  });
}
