import type { AwsPorts } from '#commands/app.ts';
import { targetRequest } from '#commands/target-request.ts';
import { EcshError } from '#domain/errors/errors.ts';
import { isPattern, type PolicyValues } from '#domain/policy/policy-model.ts';
import { nameInArn } from '#domain/resolve/arn.ts';
import { resolveTask } from '#domain/resolve/resolve.ts';
import type { Task } from '#domain/resolve/task.ts';
import type { Reporter } from '#ui/reporter.ts';
import type { PolicyOptions } from './policy-options.ts';

/**
 * A policy for a misspelt name, or for a tag that the task does not carry, would look right and
 * grant nothing.
 *
 * @throws EcshError as `resolveTask`, but where the caller may not look, or nothing runs
 */
export async function checkTarget(
  aws: AwsPorts,
  reporter: Reporter,
  options: PolicyOptions & { readonly target: string },
): Promise<void> {
  const task = await taskIfAllowed(aws, options);
  const { tag } = options;
  if (task === undefined || tag === undefined || carries(task, tag)) return;
  const id = nameInArn(task.taskArn);
  reporter.notice(
    `Task ${id} does not carry the tag ${tag.key}=${tag.value}: the policy does not apply to it.`,
  );
}

async function taskIfAllowed(
  aws: AwsPorts,
  options: PolicyOptions & { readonly target: string },
): Promise<Task | undefined> {
  const request = { ...targetRequest(options, options.target), tags: true };
  try {
    return (await resolveTask(await aws.ecs(), request)).task;
  } catch (error) {
    if (error instanceof EcshError && PASSING.includes(error.code)) return undefined;
    throw error;
  }
}

/** Neither error means that the target does not exist. */
const PASSING: readonly string[] = ['access-denied', 'no-running-task'];

/** We do not evaluate patterns; IAM does. */
function carries({ tags }: Task, wanted: NonNullable<PolicyValues['tag']>): boolean {
  return tags.some(
    ({ key, value }) => key === wanted.key && (isPattern(wanted.value) || value === wanted.value),
  );
}
