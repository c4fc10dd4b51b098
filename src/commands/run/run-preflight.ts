import type { App, AwsPorts } from '#commands/app.ts';
import { firstTaskOf, type TaskPlan, withPlannedInterface } from '#commands/enable/planned-task.ts';
import { preflight } from '#commands/enable/preflight.ts';
import { awsFlags } from '#commands/shared-options.ts';
import { within } from '#commands/time-limit.ts';
import { EcshError } from '#domain/errors/errors.ts';
import type { CheckResult } from '#domain/readiness/readiness-model.ts';
import { nameInArn } from '#domain/resolve/arn.ts';
import type { Task } from '#domain/resolve/task.ts';
import type { Reporter } from '#ui/reporter.ts';
import { isOwnProgram, type RunOptions } from './run-options.ts';
import type { RunPlan } from './run-plan.ts';

/** A person is waiting, and a missing answer is not an obstacle (ms). */
const LIMIT_MS = 5_000;

/**
 * Looks for reasons why no command could run in the new task, with the checks of `ecsh doctor` on the task
 * that is planned: role, network, platform, definition. Facts that the caller may not read are no obstacle.
 *
 * @throws EcshError `preflight-failed`, before anything is started
 */
export async function assertRunnable(
  app: App,
  reporter: Reporter,
  { aws, options, plan }: { aws: AwsPorts; options: RunOptions; plan: RunPlan },
): Promise<void> {
  if (options.force || isOwnProgram(options)) return;
  const planned = plannedTask(plan);
  const task = firstTaskOf(planned);
  if (task === undefined) return;
  const subject = {
    cluster: nameInArn(plan.source.cluster),
    tasks: [asRunTask(task, plan)],
    flags: awsFlags(options),
    needsTaskRole: true,
  };
  const looking = preflight(app, withPlannedInterface(aws.doctor, planned), subject);
  const found = await within({ clock: app.clock, limitMs: LIMIT_MS }, looking);
  if (found === undefined) {
    reporter.detail('The checks before the start took too long, and were skipped.');
    return;
  }
  for (const { status, message } of found.findings) {
    if (status === 'warn') reporter.detail(`Before the start: ${message}`);
  }
  const obstacle = found.findings.find(({ status }) => status === 'fail');
  if (obstacle !== undefined) throw notRunnable(obstacle);
}

/** The place of the new task in the words of a service, which the checks know. */
function plannedTask({ source, request }: RunPlan): TaskPlan {
  const { placement, cluster, definition } = source;
  const { taskDefinition } = request;
  const [account = ''] = taskDefinition.split(':task-definition/');
  return {
    service: {
      serviceName: source.service,
      clusterArn: `${account}:cluster/${nameInArn(cluster)}`,
      taskDefinition,
      launchType: placement.launchType,
      capacityProviderStrategy: placement.capacityProviderStrategy,
      platformVersion: placement.platformVersion ?? 'LATEST',
      networkConfiguration: placement.networkConfiguration,
    },
    taskDefinition: definition,
  };
}

/** It belongs to no service, and only one of its containers has to be entered. */
function asRunTask(task: Task, { container, request }: RunPlan): Task {
  const { taskRoleArn } = request.overrides ?? {};
  return {
    ...task,
    group: undefined,
    overrides: { taskRoleArn, containers: [] },
    containers: task.containers.filter(({ name }) => name === container),
  };
}

function notRunnable({ message, fix }: CheckResult): EcshError {
  const { summary = 'Repair that first.', command } = fix ?? {};
  const hint = [
    `${summary.replace(/\.$/, '')}. Or start it all the same with --force.`,
    'A command that needs no session:  ecsh run --no-shell  (or --detach, to leave it running)',
    // Last, so that nothing follows the command to paste.
    ...(command === undefined ? [] : [command]),
  ].join('\n');
  const text = `The command could not run in the new task: ${message}`;
  return new EcshError('preflight-failed', text, { hint });
}
