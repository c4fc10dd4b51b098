import type { App, AwsPorts } from '#commands/app.ts';
import { traceAws } from '#commands/aws-trace.ts';
import { isConfirmed } from '#commands/confirmation.ts';
import { type ChangeOptions, followRollout } from '#commands/enable/follow-rollout.ts';
import { definitionOf } from '#commands/enable/look-ahead.ts';
import { describePlan, planAsJson } from '#commands/enable/plan-report.ts';
import { findService, type ServicePlace } from '#commands/enable/service-place.ts';
import { jsonText, writeJsonLine } from '#commands/json-output.ts';
import { awsFlags } from '#commands/shared-options.ts';
import { awsPorts } from '#commands/target-request.ts';
import { ecshCommand } from '#domain/errors/aws-command.ts';
import { nameInArn } from '#domain/resolve/arn.ts';
import type { Task } from '#domain/resolve/task.ts';
import { counted } from '#rollout/counted.ts';
import { type ExecPlan, primaryDeployment } from '#rollout/exec-change.ts';
import { planRestart } from '#rollout/restart-plan.ts';
import { taskStateOf, tasksIn } from '#rollout/rollout.ts';
import { eventsBefore } from '#rollout/rollout-events.ts';
import { plainText } from '#ui/plain-text.ts';
import type { Reporter } from '#ui/reporter.ts';
import { proseWidth, wrapProse } from '#ui/wrap.ts';

export type RestartOptions = ChangeOptions;

/** The state passed from step to step. */
interface Restarting {
  readonly app: App;
  readonly reporter: Reporter;
  readonly options: RestartOptions;
  readonly aws: AwsPorts;
  readonly place: ServicePlace;
  readonly plan: ExecPlan;
}

/**
 * Replaces the tasks of a service: plan, confirmation, UpdateService, and the wait until the new tasks run.
 *
 * @returns 0; 1 when the user declined
 * @throws EcshError as `planRestart` and `followRollout` do
 */
export async function runRestart(
  app: App,
  reporter: Reporter,
  options: RestartOptions,
): Promise<number> {
  const aws = awsPorts(app, options, options.target, traceAws(reporter));
  const [ecs, details] = await Promise.all([aws.ecs(), aws.doctor.ecs()]);
  const request = { ...options, redeploy: true, purpose: 'restart' } as const;
  const place = await findService(ecs, details, aws.admin, request);
  const plan = planRestart({
    ...place,
    taskDefinition: await definitionOf(details, place.service),
    timeoutMs: options.timeout,
    cluster: nameInArn(place.cluster),
    isForced: options.force ?? false,
    flags: awsFlags(options),
  });
  const restarting = { app, reporter, options, aws, place, plan };
  if (options.dryRun) return showPlan(restarting);
  if (plan.kind === 'nothing') {
    reporter.notice(nothingWanted(plan));
    return end(restarting, 'unchanged');
  }
  for (const line of describePlan(plan, [], false)) reporter.notice(line);
  const question = `Restart ${plan.service}: replace ${counted(place.tasks.length, 'task')}?`;
  if (!(await isConfirmed(app, options, question, commandOf(restarting)))) {
    reporter.notice('Nothing was changed.');
    return 1;
  }
  return carryOut(restarting);
}

function nothingWanted({ service }: ExecPlan): string {
  return `The desired count of service ${service} is 0: there is no task to replace, and nothing was changed.`;
}

/** Prints the plan to stdout: it is the requested data. */
function showPlan({ app, options, plan }: Restarting): number {
  if (options.json) writeJsonLine(app.stdout, planAsJson(plan, []));
  else {
    const isChange = plan.kind === 'change';
    const text = isChange ? describePlan(plan, [], false).join('\n') : nothingWanted(plan);
    const sent = isChange
      ? ['UpdateService', jsonText(plan.request, undefined, 2)]
      : ['Nothing is sent.'];
    const lines = [wrapProse(text, proseWidth(app.stdout), '  '), ...sent];
    app.stdout.write(plainText(`${lines.join('\n')}\n`));
  }
  return 0;
}

function commandOf({ options, plan }: Restarting): string {
  const unusual = [
    ...(options.wait === 'first' ? ['--wait', options.wait] : []),
    ...(options.wait === false ? ['--no-wait'] : []),
    ...(options.force ? ['--force'] : []),
  ];
  return ecshCommand(['restart', `${plan.cluster}/${plan.service}`, ...unusual], awsFlags(options));
}

async function carryOut(restarting: Restarting): Promise<number> {
  const { app, reporter, options, aws, place, plan } = restarting;
  const former = place.service;
  const service = await (await aws.admin()).updateService(plan.request);
  const { id = '' } = primaryDeployment(service) ?? {};
  reporter.notice(`Deployment ${id} has begun.`);
  if (options.wait === false) return end(restarting, 'started', { deploymentId: id });
  const { cluster } = plan;
  const progress = await followRollout(app, reporter, {
    aws,
    place: { ...place, service },
    cluster,
    deploymentId: id,
    knownEvents: eventsBefore(former, id),
    formerIds: (former.deployments ?? []).map((each) => each.id).filter((each) => each !== id),
    options,
    again: ecshCommand(['ls', 'tasks', `${cluster}/${plan.service}`, '--watch'], awsFlags(options)),
  });
  const running = tasksIn(progress, 'ready');
  reporter.notice(
    `${counted(running.length, 'new task')} ${running.length === 1 ? 'is' : 'are'} running.`,
  );
  reportAgents(restarting, running);
  const tasks = running.map(({ taskArn }) => nameInArn(taskArn));
  return end(restarting, 'replaced', { deploymentId: progress.followed.id, tasks });
}

/** A restart is often a repair of ECS Exec: an agent that did not start is worth a line, but is no failure. */
function reportAgents({ reporter, options, plan }: Restarting, running: readonly Task[]): void {
  const enabled = running.filter(({ enableExecuteCommand }) => enableExecuteCommand);
  const stopped = enabled.filter((task) => taskStateOf(task, { isOn: true }) === 'agent-stopped');
  if (stopped.length === 0) return;
  const doctor = ecshCommand(['doctor', `${plan.cluster}/${plan.service}`], awsFlags(options));
  reporter.notice(
    `But the exec agent of ${counted(stopped.length, 'task')} has stopped. Find out why:  ${doctor}`,
  );
}

/** Stable, for `--json`. */
type Outcome = 'unchanged' | 'started' | 'replaced';

interface Ending {
  readonly deploymentId?: string;
  readonly tasks?: readonly string[];
}

function end(
  { app, options, plan }: Restarting,
  outcome: Outcome,
  { deploymentId, tasks = [] }: Ending = {},
): number {
  if (options.json) {
    const { cluster, service } = plan;
    const result = { cluster, service, outcome, deploymentId: deploymentId ?? null, tasks };
    writeJsonLine(app.stdout, result);
  }
  return 0;
}
