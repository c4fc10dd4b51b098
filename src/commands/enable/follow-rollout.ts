import type { App, AwsPorts } from '#commands/app.ts';
import { awsFlags, type SharedOptions } from '#commands/shared-options.ts';
import { awsCommand, ecshCommand } from '#domain/errors/aws-command.ts';
import { EcshError } from '#domain/errors/errors.ts';
import { ExitStatus, signalStatus } from '#domain/errors/exit-status.ts';
import { END_SIGNALS, type EndSignal } from '#domain/ports/system-ports.ts';
import {
  describeProgress,
  type RolloutGoal,
  type RolloutProgress,
  tasksIn,
  type WaitFor,
} from '#rollout/rollout.ts';
import { type RolloutEnd, watchRollout } from '#rollout/rollout-watch.ts';
import { createProgress, type Progress } from '#ui/progress.ts';
import type { Reporter } from '#ui/reporter.ts';
import type { ServicePlace } from './service-place.ts';

/** Options of the commands that start tasks: `enable` of a service or a task, `restart`. */
export interface ChangeOptions extends SharedOptions {
  readonly target: string;
  readonly dryRun?: boolean | undefined;
  readonly force?: boolean | undefined;
  /** False: do not wait. */
  readonly wait: WaitFor | false;
  /** Milliseconds. */
  readonly timeout: number;
}

export interface ServiceChangeOptions extends ChangeOptions {
  readonly isOn: boolean;
  readonly redeploy: boolean;
  /** Deploy a revision with volumes on the paths of exec agents, for a read-only root file system. */
  readonly writableAgentPaths?: true | undefined;
}

export interface Rollout {
  readonly aws: AwsPorts;
  readonly place: ServicePlace;
  readonly cluster: string;
  readonly deploymentId: string;
  /** Ids of the events and deployments that existed before. */
  readonly knownEvents: readonly (string | undefined)[];
  readonly formerIds: readonly (string | undefined)[];
  readonly options: ChangeOptions;
  /** The flag that new tasks must have; undefined: any, without waiting for an exec agent. */
  readonly isOn?: boolean | undefined;
  /** The command that resumes watching. */
  readonly again: string;
}

/**
 * Watches a deployment and reports its progress.
 *
 * @returns when the tasks are as wanted
 * @throws EcshError `rollout-timeout` (124), `interrupted` (128 + n), `rollout-failed`,
 *   `rollout-rolled-back`, `flag-not-taken` or `exec-agent-not-running` (1)
 */
export async function followRollout(
  app: App,
  reporter: Reporter,
  rollout: Rollout,
): Promise<RolloutProgress> {
  const { aws, place, options, deploymentId } = rollout;
  const { formerIds, isOn } = rollout;
  const goal: RolloutGoal = { isOn, waitFor: options.wait || 'all', formerIds };
  const [ecs, details, admin] = await Promise.all([aws.ecs(), aws.doctor.ecs(), aws.admin()]);
  const progress = progressOf(app, reporter, options);
  const stop = stopOnSignal(app);
  try {
    const { cluster, service } = place;
    const end = await watchRollout(
      { ecs, details, admin, clock: app.clock, random: Math.random },
      {
        cluster,
        service,
        deploymentId,
        knownEvents: rollout.knownEvents,
        flags: awsFlags(options),
        goal,
        timeoutMs: options.timeout,
        signal: stop.signal,
        onProgress: (text) => progress.update(text),
        onNotice: (text) => progress.say(text),
      },
    );
    if (end.kind === 'done') return end.progress;
    throw await failureOf(end, rollout, goal, stop.by());
  } finally {
    progress.end();
    stop.forget();
  }
}

/** A line that is rewritten in place on a terminal. */
export function progressOf(app: App, reporter: Reporter, options: SharedOptions): Progress {
  const { stderr, clock, env } = app;
  const isLive = stderr.isTTY === true && env.TERM !== 'dumb' && !options.quiet;
  return createProgress({ output: stderr, clock, reporter, isLive });
}

/** Ctrl-C stops the watching; a second one has its default action. */
export function stopOnSignal({ signals }: Pick<App, 'signals'>) {
  const controller = new AbortController();
  let received: EndSignal = 'SIGINT';
  const handlers = END_SIGNALS.map((signal) =>
    signals.on(signal, () => {
      received = signal;
      controller.abort();
      forget();
    }),
  );
  const forget = () => {
    for (const run of handlers) run();
  };
  return { signal: controller.signal, by: () => received, forget };
}

async function failureOf(
  end: Exclude<RolloutEnd, { kind: 'done' }>,
  rollout: Rollout,
  goal: RolloutGoal,
  by: EndSignal,
): Promise<EcshError> {
  const state = describeProgress(end.progress, goal);
  if (end.kind === 'failed') return failed(end, rollout);
  const ways = `Watch on:  ${rollout.again}\nStop it:  ${await stopCommand(rollout)}`;
  if (end.kind === 'timeout') {
    const message = `Not ready after ${timeText(rollout.options.timeout)}: ${state}.${whyOf(end)}`;
    return new EcshError('rollout-timeout', message, {
      hint: `The deployment continues. ${ways}`,
      exitCode: ExitStatus.timeout,
    });
  }
  return new EcshError('interrupted', `Stopped watching: ${state}.`, {
    hint: `The deployment continues. ${ways}`,
    exitCode: signalStatus(by),
  });
}

function failed(end: RolloutEnd & { readonly kind: 'failed' }, rollout: Rollout): EcshError {
  const { cluster, place, options, isOn } = rollout;
  const { serviceName = '' } = place.service;
  const flags = awsFlags(options);
  const query = ['--query', 'services[0].events[:10].message'];
  const words = ['ecs', 'describe-services', '--cluster', cluster, '--services', serviceName];
  // The deployment is over, and the events of the service do not explain the state of its tasks.
  const isOfTasks = end.code === 'exec-agent-not-running' || end.code === 'flag-not-taken';
  const more = isOfTasks
    ? `Find out why:  ${ecshCommand(['doctor', `${cluster}/${serviceName}`], flags)}`
    : `See more events:  ${awsCommand([...words, ...query], flags)}`;
  const isUsable = isOn === true && tasksIn(end.progress, 'ready').length > 0;
  const enter = ecshCommand([`${cluster}/${serviceName}`], flags);
  return new EcshError(end.code, `${end.message}${whyOf(end)}`, {
    hint: isUsable ? `${more}\nA task that can be entered is there:  ${enter}` : more,
    exitCode: 1,
  });
}

/** The reason, quoted from ECS. */
function whyOf({ stoppedReason, event }: Exclude<RolloutEnd, { kind: 'done' }>): string {
  const stopped = stoppedReason === undefined ? '' : ` New tasks stopped: ${stoppedReason}`;
  return event === undefined ? stopped : `${stopped} ECS says: ${event}`;
}

export function timeText(milliseconds: number): string {
  const seconds = milliseconds / 1_000;
  return seconds < 120 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
}

/** With the ARN that it needs, as far as the caller may look it up. */
async function stopCommand({ aws, place, options }: Rollout): Promise<string> {
  const arn = await newestArn(aws, place);
  const words = ['ecs', 'stop-service-deployment', '--service-deployment-arn', arn ?? 'ARN'];
  return awsCommand(words, awsFlags(options));
}

async function newestArn(aws: AwsPorts, { cluster, service }: ServicePlace) {
  try {
    const admin = await aws.admin();
    const newest = await admin.latestServiceDeployment(cluster, service.serviceName ?? '');
    return newest?.serviceDeploymentArn;
  } catch (error) {
    if (error instanceof EcshError) return undefined;
    throw error;
  }
}
