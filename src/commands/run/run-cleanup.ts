import type { App } from '#commands/app.ts';
import { traceAws } from '#commands/aws-trace.ts';
import { isConfirmed } from '#commands/confirmation.ts';
import { writeJsonLine } from '#commands/json-output.ts';
import { awsFlags, type SharedOptions } from '#commands/shared-options.ts';
import { awsPorts } from '#commands/target-request.ts';
import { ecshCommand } from '#domain/errors/aws-command.ts';
import type { EcshError } from '#domain/errors/errors.ts';
import type { EcsAdminApi } from '#domain/ports/ecs-admin-ports.ts';
import type { Clock } from '#domain/ports/system-ports.ts';
import { nameInArn } from '#domain/resolve/arn.ts';
import type { Task } from '#domain/resolve/task.ts';
import { deregisterRevision, stopFreshTask } from '#run/fresh-task.ts';
import { RUN_TAGS } from '#run/run-request.ts';
import { ageText } from '#ui/age.ts';
import type { Reporter } from '#ui/reporter.ts';
import { cleanupPlace, leftIn } from './cleanup-place.ts';

export interface LeftoverOptions extends SharedOptions {
  /** A cluster, or a service of one; undefined: the cluster of the options. */
  readonly place?: string | undefined;
  readonly dryRun?: true | undefined;
}

const NOT_STOPPED = 1;

/**
 * Lists the tasks of `ecsh run` that still run in the cluster, asks, and stops them. Revisions of `--image` go with
 * their tasks.
 *
 * @returns 0 when none is left, else 1
 */
export async function runCleanup(
  app: App,
  reporter: Reporter,
  options: LeftoverOptions,
): Promise<number> {
  const { cluster: placed, source } = cleanupPlace(options.place);
  const named = placed ?? options.cluster;
  const cluster = named ?? 'default';
  const aws = awsPorts(app, options, options.place, traceAws(reporter));
  const isClusterNamed = named !== undefined;
  const flags = awsFlags(options);
  const tasks = await leftIn(await aws.ecs(), { cluster, isClusterNamed, source, flags });
  if (tasks.length === 0) {
    const where = source === undefined ? 'in' : `of ${source} in`;
    reporter.notice(`No task of ecsh run is left ${where} cluster ${nameInArn(cluster)}.`);
    return 0;
  }
  for (const task of tasks) app.stdout.write(options.json ? '' : `${describe(task, app)}\n`);
  if (options.dryRun) {
    for (const { taskArn } of options.json ? tasks : [])
      writeJsonLine(app.stdout, { cluster, task: nameInArn(taskArn), stopped: false });
    return NOT_STOPPED;
  }
  const place = source === undefined ? ['-C', cluster] : [`${nameInArn(cluster)}/${source}`];
  const again = ecshCommand(['run', '--cleanup', ...place], flags);
  const question = tasks.length === 1 ? 'Stop it?' : `Stop these ${tasks.length} tasks?`;
  if (!(await isConfirmed(app, options, question, again))) {
    reporter.notice('Nothing was stopped.');
    return NOT_STOPPED;
  }
  const admin = await aws.admin();
  let left = 0;
  for (const task of tasks) {
    const id = nameInArn(task.taskArn);
    const failure =
      (await stopFreshTask(admin, { cluster, id }, app.clock, 'Stopped with ecsh run --cleanup')) ??
      (await removeRevision(admin, task, app.clock));
    if (options.json)
      writeJsonLine(app.stdout, { cluster, task: id, stopped: failure === undefined });
    if (failure === undefined) continue;
    left += 1;
    reporter.failure(failure, `task ${id}`);
  }
  return left === 0 ? 0 : NOT_STOPPED;
}

/** The revision that `--image` has registered for the task. */
async function removeRevision(
  admin: EcsAdminApi,
  { taskDefinitionArn, tags }: Task,
  clock: Clock,
): Promise<EcshError | undefined> {
  if (!tags.some(({ key }) => key === RUN_TAGS.image)) return undefined;
  return deregisterRevision(admin, taskDefinitionArn, clock);
}

function describe(
  { taskArn, taskDefinitionArn, lastStatus, createdAt, tags }: Task,
  { clock }: App,
) {
  const kind = tags.some(({ key }) => key === RUN_TAGS.detached) ? ', detached' : '';
  const age = createdAt === undefined ? '' : `, started ${ageText(createdAt, clock.now())} ago`;
  return `${nameInArn(taskArn)}  ${nameInArn(taskDefinitionArn)}  ${lastStatus}${age}${kind}`;
}
