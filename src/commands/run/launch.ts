import type { AwsPorts } from '#commands/app.ts';
import { awsFlags } from '#commands/shared-options.ts';
import { awsCommand, ecshCommand } from '#domain/errors/aws-command.ts';
import { EcshError } from '#domain/errors/errors.ts';
import type { RunTaskRequest } from '#domain/ports/ecs-admin-ports.ts';
import { nameInArn } from '#domain/resolve/arn.ts';
import type { NotReleased, RunResources } from '#run/fresh-task.ts';
import type { Reporter } from '#ui/reporter.ts';
import { isOwnProgram, type RunOptions, type TargetedRun } from './run-options.ts';
import type { RunPlan } from './run-plan.ts';

/** One `ecsh run` in progress: its plan, and its resources so far. */
export interface Launch {
  readonly aws: AwsPorts;
  readonly options: TargetedRun;
  readonly plan: RunPlan;
  readonly resources: RunResources;
}

/** RunTask, with the revision of `--image` registered for it. */
export async function registered(
  reporter: Reporter,
  { options, plan, resources }: Launch,
): Promise<RunTaskRequest> {
  const { request, revision, container } = plan;
  if (revision === undefined) return request;
  const taskDefinition = await resources.register(revision);
  const end = options.detach
    ? `Deregister it afterwards, as "ecsh run --wait" does:  ${deregisterCommand(options, taskDefinition)}`
    : 'It is deregistered at the end.';
  reporter.notice(
    `Registered ${nameInArn(taskDefinition)}, in which container ${container} has image ${options.image}. ${end}`,
  );
  return { ...request, taskDefinition };
}

/** Stops the task and removes the revision; reports what could not be removed. */
export async function release(reporter: Reporter, { options, resources }: Launch): Promise<void> {
  for (const left of await resources.release()) reportLeft(reporter, options, left);
}

function reportLeft(reporter: Reporter, options: RunOptions, { leftover, failure }: NotReleased) {
  switch (leftover.kind) {
    case 'task':
      return reporter.failure(taskLeft(options, leftover, failure));
    case 'revision': {
      const revision = nameInArn(leftover.arn);
      return reporter.failure(
        new EcshError(
          'revision-left',
          `Revision ${revision} could not be deregistered: ${failure.message}`,
          { hint: `It costs nothing. Deregister it:  ${deregisterCommand(options, leftover.arn)}` },
        ),
      );
    }
    case 'launch':
      return undefined;
  }
}

function taskLeft(
  options: RunOptions,
  { cluster, task }: NotReleased['leftover'] & { readonly kind: 'task' },
  cause: EcshError,
): EcshError {
  const stop = ecshCommand(['run', '--cleanup', '-C', cluster], awsFlags(options));
  const message = `Task ${cluster}/${task} could not be stopped: ${cause.message}`;
  return new EcshError('task-left-running', message, {
    hint: `It ends by itself ${isOwnProgram(options) ? 'with its command' : 'after --ttl'}. Stop it now:  ${stop}`,
    cause,
  });
}

function deregisterCommand(options: RunOptions, arn: string): string {
  const words = ['ecs', 'deregister-task-definition', '--task-definition', nameInArn(arn)];
  return awsCommand(words, awsFlags(options));
}
