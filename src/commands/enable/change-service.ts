import type { App, AwsPorts } from '#commands/app.ts';
import { traceAws } from '#commands/aws-trace.ts';
import { isConfirmed } from '#commands/confirmation.ts';
import { jsonText, writeJsonLine } from '#commands/json-output.ts';
import { awsFlags } from '#commands/shared-options.ts';
import { awsPorts } from '#commands/target-request.ts';
import { ecshCommand } from '#domain/errors/aws-command.ts';
import type { ServiceChange } from '#domain/ports/ecs-admin-ports.ts';
import type { ServiceDetails } from '#domain/ports/ecs-responses.ts';
import type { CheckResult } from '#domain/readiness/readiness-model.ts';
import { nameInArn } from '#domain/resolve/arn.ts';
import { counted } from '#rollout/counted.ts';
import {
  type ExecPlan,
  notRedeployed,
  planExecChange,
  primaryDeployment,
} from '#rollout/exec-change.ts';
import { isRollback, taskStateOf, tasksIn } from '#rollout/rollout.ts';
import { eventsBefore } from '#rollout/rollout-events.ts';
import { plainText } from '#ui/plain-text.ts';
import type { Reporter } from '#ui/reporter.ts';
import { proseWidth, wrapProse } from '#ui/wrap.ts';
import { followRollout, type ServiceChangeOptions } from './follow-rollout.ts';
import { definitionOf, lookAhead, type Revision, revisionFor } from './look-ahead.ts';
import { describePlan, planAsJson } from './plan-report.ts';
import { assertWorthwhile } from './preflight.ts';
import { findService, type ServicePlace } from './service-place.ts';

/** The state passed from step to step. */
interface Change {
  readonly app: App;
  readonly reporter: Reporter;
  readonly options: ServiceChangeOptions;
  readonly aws: AwsPorts;
  readonly place: ServicePlace;
  readonly plan: ExecPlan;
  /** Role and network of new tasks could be read in full and allow ECS Exec. */
  readonly isProven: boolean;
  /** The revision to register; undefined if the service keeps its own. */
  readonly revision: Revision | undefined;
  /** The service before it is changed. */
  readonly former: ServiceDetails;
}

/**
 * Turns ECS Exec on or off for a service: plan, confirmation, UpdateService, and the
 * wait until its tasks are as wanted.
 *
 * @returns 0; 1 when the user declined
 * @throws EcshError `controller-code-deploy`, `controller-external`, once the flag is set
 */
export async function runServiceChange(
  app: App,
  reporter: Reporter,
  options: ServiceChangeOptions,
): Promise<number> {
  const aws = awsPorts(app, options, options.target, traceAws(reporter));
  const [ecs, details] = await Promise.all([aws.ecs(), aws.doctor.ecs()]);
  const place = await findService(ecs, details, aws.admin, { ...options, purpose: 'exec' });
  const [taskDefinition, revision] = await Promise.all([
    definitionOf(details, place.service),
    revisionFor(aws, place, options),
  ]);
  const plan = planExecChange({
    ...place,
    taskDefinition,
    mounts: revision?.mounts ?? [],
    timeoutMs: options.timeout,
    cluster: nameInArn(place.cluster),
    isOn: options.isOn,
    redeploys: options.redeploy,
    isForced: options.force ?? false,
    flags: awsFlags(options),
  });
  const { cluster } = plan;
  // Nothing can be in the way of turning it off.
  const { findings, isProven } =
    options.isOn && plan.kind !== 'nothing'
      ? await lookAhead(app, aws, { place, cluster, taskDefinition, revision, options })
      : { findings: [], isProven: false };
  const former = place.service;
  const change = { app, reporter, options, aws, place, plan, former, revision, isProven };
  if (options.dryRun) return showPlan(change, findings);
  if (plan.kind === 'nothing') return endUnchanged(change);
  if (plan.kind === 'follow') return followCurrent(change);
  for (const line of describePlan(plan, findings, options.isOn)) reporter.notice(line);
  if (!options.force) assertWorthwhile(findings);
  if (!(await isConfirmed(app, options, questionOf(change), commandOf(change)))) {
    reporter.notice('Nothing was changed.');
    return 1;
  }
  return carryOut(change);
}

/** A deployment that is already in progress leads to the desired state. */
function followCurrent(change: Change): number | Promise<number> {
  const { reporter, options, place } = change;
  const primary = primaryDeployment(place.service);
  const { id = '' } = primary ?? {};
  reporter.notice(
    isRollback(primary)
      ? `Deployment ${id} rolls back one that failed; its tasks will show whether ECS Exec is ${options.isOn ? 'on' : 'off'}.`
      : `Deployment ${id} already does this.`,
  );
  return options.wait === false ? end(change, 'started', { deploymentId: id }) : follow(change, id);
}

/** Prints the plan to stdout: it is the requested data. @returns 1 if the plan could not work */
function showPlan({ app, options, plan }: Change, findings: readonly CheckResult[]): number {
  if (options.json) writeJsonLine(app.stdout, planAsJson(plan, findings));
  else {
    const text = describePlan(plan, findings, options.isOn).join('\n');
    const lines = wrapProse(text, proseWidth(app.stdout), '  ');
    const request = jsonText(plan.request, undefined, 2);
    const sent = plan.kind === 'change' ? ['UpdateService', request] : ['Nothing is sent.'];
    app.stdout.write(plainText(`${[lines, ...sent, ...plan.remaining].join('\n')}\n`));
  }
  return findings.some(({ status }) => status === 'fail') && !options.force ? 1 : 0;
}

function questionOf({ options, plan, place }: Change): string {
  const turn = `Turn ECS Exec ${options.isOn ? 'on' : 'off'} for ${plan.service}`;
  if (!plan.request.forceNewDeployment) return `${turn}?`;
  return `${turn} and replace ${counted(place.tasks.length, 'task')}?`;
}

/** The command to repeat when the question could not be asked or watching was stopped. */
function commandOf({ options, plan }: Change): string {
  const { isOn, redeploy, wait } = options;
  const words = [isOn ? 'enable' : 'disable', `${plan.cluster}/${plan.service}`];
  const unusual = [
    ...(redeploy === isOn ? [] : [redeploy ? '--redeploy' : '--no-redeploy']),
    ...(wait === 'first' ? ['--wait', wait] : []),
    ...(wait === false ? ['--no-wait'] : []),
    ...(options.force ? ['--force'] : []),
    ...(options.writableAgentPaths ? ['--writable-agent-paths'] : []),
  ];
  return ecshCommand([...words, ...unusual], awsFlags(options));
}

/** With the revision of the task definition, which is registered now, if there is one. */
async function requestOf({ plan, revision, reporter }: Change): Promise<ServiceChange> {
  if (revision === undefined) return plan.request;
  const taskDefinition = await revision.draft.register(revision.mounts);
  reporter.notice(`Task definition ${nameInArn(taskDefinition)} was registered.`);
  return { ...plan.request, taskDefinition };
}

async function carryOut(change: Change): Promise<number> {
  const { reporter, options, aws, plan, former } = change;
  const service = await (await aws.admin()).updateService(await requestOf(change));
  if (!plan.request.forceNewDeployment) {
    reporter.notice(`ECS Exec of service ${plan.service} is ${options.isOn ? 'on' : 'off'}.`);
    if (plan.remaining.length > 0) throw notRedeployed(plan, former.deploymentController?.type);
    return end(change, 'flag-set');
  }
  const { id = '' } = primaryDeployment(service) ?? {};
  reporter.notice(`Deployment ${id} has begun.`);
  if (options.wait === false) return end(change, 'started', { deploymentId: id });
  return follow({ ...change, place: { ...change.place, service } }, id);
}

async function follow(change: Change, deploymentId: string): Promise<number> {
  const { app, reporter, options, aws, place, plan, former } = change;
  const progress = await followRollout(app, reporter, {
    aws,
    place,
    cluster: plan.cluster,
    deploymentId,
    knownEvents: eventsBefore(former, deploymentId),
    formerIds: (former.deployments ?? []).map(({ id }) => id).filter((id) => id !== deploymentId),
    options,
    isOn: options.isOn,
    again: commandOf(change),
  });
  const ready = tasksIn(progress, 'ready').map(({ taskArn }) => nameInArn(taskArn));
  reporter.notice(
    options.isOn
      ? readyText(change, ready.length)
      : `ECS Exec is off; ${counted(ready.length, 'new task')} ${ready.length === 1 ? 'is' : 'are'} running.`,
  );
  return end(change, options.isOn ? 'ready' : 'replaced', {
    deploymentId: progress.followed.id,
    tasks: ready,
  });
}

/** A running exec agent need not reach Session Manager: only the preflight, or a probe, checks that. */
function readyText({ options, plan, isProven }: Change, count: number): string {
  if (isProven) return `ECS Exec is on, and ${counted(count, 'task')} can be entered:`;
  const target = `${plan.cluster}/${plan.service}`;
  const probe = ecshCommand(['doctor', '--probe', target], awsFlags(options));
  return `ECS Exec is on, and the exec agent runs in ${counted(count, 'task')}. Role and network could not be checked as a whole; see whether a session opens:  ${probe}`;
}

/** A task that cannot be entered although ECS Exec is on is a matter for the doctor. */
function endUnchanged(change: Change): number {
  const { reporter, options, plan, place } = change;
  const state = options.isOn ? 'on' : 'off';
  reporter.notice(`ECS Exec of service ${plan.service} is ${state} already; nothing was changed.`);
  const ready = place.tasks.filter((task) => taskStateOf(task, options) === 'ready');
  const tasks = ready.map(({ taskArn }) => nameInArn(taskArn));
  if (!options.isOn || !options.redeploy || ready.length === place.tasks.length) {
    return end(change, 'unchanged', { tasks });
  }
  const doctor = ecshCommand(['doctor', `${plan.cluster}/${plan.service}`], awsFlags(options));
  const count = `${place.tasks.length - ready.length} of ${counted(place.tasks.length, 'task')}`;
  reporter.notice(`But ${count} cannot be entered. Find out why:  ${doctor}`);
  end(change, 'not-ready', { tasks });
  return 1;
}

/** Stable, for `--json`. */
type Outcome = 'unchanged' | 'not-ready' | 'flag-set' | 'started' | 'ready' | 'replaced';

interface Ending {
  readonly deploymentId?: string;
  readonly tasks?: readonly string[];
}

/** The last line is the next command, if there is something to enter. */
function end(change: Change, outcome: Outcome, { deploymentId, tasks = [] }: Ending = {}): number {
  const { app, reporter, options, plan } = change;
  const next = ecshCommand([`${plan.cluster}/${plan.service}`], awsFlags(options));
  const isAllRight = outcome === 'ready' || outcome === 'unchanged';
  if (options.isOn && isAllRight && tasks.length > 0) reporter.notice(`  ${next}`);
  if (options.json) {
    const { cluster, service } = plan;
    const enableExecuteCommand = options.isOn;
    const result = { cluster, service, enableExecuteCommand, outcome };
    writeJsonLine(app.stdout, { ...result, deploymentId: deploymentId ?? null, tasks });
  }
  return 0;
}
