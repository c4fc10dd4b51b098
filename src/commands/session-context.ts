import { quoteWord } from '#domain/errors/aws-command.ts';
import { EcshError } from '#domain/errors/errors.ts';
import type { ExecConfiguration } from '#domain/ports/ecs-ports.ts';
import type { ReadyTarget } from '#domain/readiness/readiness.ts';
import { nameInArn } from '#domain/resolve/arn.ts';
import type { DecideContainer } from '#domain/resolve/selection.ts';
import { describeConfiguration, keyOfCluster } from '#session/cluster-configuration.ts';
import { findReadyTarget } from '#session/ready-target.ts';
import type { RetryPolicy } from '#session/retry.ts';
import type { LinkOptions, SessionPorts } from '#session/session-options.ts';
import { TimeBudget } from '#session/time-budget.ts';
import type { Reporter } from '#ui/reporter.ts';
import type { App, AwsPorts } from './app.ts';
import { reportSlowness } from './aws-trace.ts';
import type { DiagnosisRequest } from './cause-search.ts';
import { rememberWhenOpen } from './last-target.ts';
import { withDiagnosis } from './likely-cause.ts';
import { containerDecision } from './picked-target.ts';
import type { SharedOptions } from './shared-options.ts';
import { awsPorts, targetRequest } from './target-request.ts';

/** The context of every command that opens sessions. */
export interface LinkContext {
  readonly aws: AwsPorts;
  readonly link: Omit<LinkOptions, 'clusterKeyId' | 'isWithoutKey'>;
  readonly ports: SessionPorts & Pick<App, 'signals'>;
  readonly retryPolicy: RetryPolicy;
  /** `--timeout`. */
  readonly budget: TimeBudget;
  /** Undefined if ecsh cannot ask. */
  readonly decideContainer: DecideContainer | undefined;
  readonly onNotice: (text: string) => void;
  readonly onDebug: (text: string) => void;
}

/** The context that `shell` and `exec` share. */
export interface SessionContext extends LinkContext {
  /** The cluster's configuration, requested while the target is found; `isUnknown` without permission. */
  readonly configuration: Promise<ExecConfiguration>;
}

export interface SessionFlags {
  /** Milliseconds. */
  readonly wait: number;
  readonly retries: number;
  /** Milliseconds. */
  readonly resumeLimit: number;
  /** Milliseconds. */
  readonly keepalive?: number | undefined;
  readonly allowUnencrypted?: boolean | undefined;
  readonly allowForeignKey?: boolean | undefined;
  /** Milliseconds; 0 is no limit. */
  readonly timeout?: number | undefined;
  /** Scale-in protection while the session lasts. */
  readonly protect?: true | undefined;
  /** The moment from which `timeout` counts; undefined for the start of the process. */
  readonly timeoutFrom?: number | undefined;
}

type LinkedOptions = SharedOptions &
  SessionFlags & { readonly target: string; readonly all?: unknown };

export function sessionContext(
  app: App,
  reporter: Reporter,
  options: LinkedOptions,
): SessionContext {
  const context = linkContext(app, reporter, options);
  const { aws, retryPolicy, onDebug } = context;
  const configuration = describeConfiguration(aws.ecs, options, retryPolicy, onDebug);
  // Awaited when the target is found, because a failure of that comes first.
  configuration.catch(() => undefined);
  return { ...context, configuration };
}

/** For sessions that the configuration of the cluster does not concern. */
export function linkContext(app: App, reporter: Reporter, options: LinkedOptions): LinkContext {
  const onPhase = options.debug === undefined ? undefined : phases(reporter);
  const aws = awsPorts(app, options, options.target, {
    onCredentials: onPhase && (() => onPhase('credentials')),
    onSlow: reportSlowness(reporter),
  });
  const { clock, signals } = app;
  return {
    aws,
    link: {
      resumeLimitMs: options.resumeLimit,
      // 0 is never.
      keepAliveMs: options.keepalive || undefined,
      allowsForeignKey: options.allowForeignKey === true,
      // One look at one task now and then; three hundred of them would be too many.
      watchesTask: !options.all,
    },
    ports: {
      ...aws,
      sessions: () => aws.doctor.sessions(),
      openTransport: rememberWhenOpen(app, options, aws.openTransport),
      clock,
      signals,
      onPhase,
    },
    retryPolicy: {
      clock,
      waitMs: options.wait,
      retries: options.retries,
      onWait: (error) => reporter.notice(`Waiting: ${error.message}`),
    },
    budget: new TimeBudget(clock, options.timeoutFrom ?? app.startedAt, options.timeout),
    decideContainer: containerDecision(app, reporter, options),
    onNotice: (text) => reporter.notice(text),
    onDebug: (text) => reporter.detail(text),
  };
}

/** For `--debug`: logs each phase when it is first reached. */
function phases(reporter: Reporter): (phase: string) => void {
  const reached = new Set<string>();
  return (phase) => {
    if (reached.has(phase)) return;
    reached.add(phase);
    reporter.debug(phase);
  };
}

/** Finds the target and reports the choice. */
export async function readyTarget(
  { aws, ports, retryPolicy, budget, decideContainer, onNotice }: LinkContext,
  options: SharedOptions & { readonly target: string },
): Promise<ReadyTarget> {
  const request = { ...targetRequest(options, options.target), decideContainer };
  const { signals } = ports;
  const search = { aws, retryPolicy, signals, options, target: options.target };
  const find = async () => findReadyTarget(await aws.ecs(), request, retryPolicy);
  const target = await budget.spend(withDiagnosis(search, find));
  ports.onPhase?.('target resolved');
  for (const notice of target.notices) onNotice(notice);
  return target;
}

/** Where to look when a session on this target fails. */
export function causeSearch(
  { aws, retryPolicy, ports: { signals } }: LinkContext,
  options: SharedOptions,
  { cluster, task, container }: ReadyTarget,
): DiagnosisRequest {
  const target = `${cluster}/${nameInArn(task.taskArn)}@${container.name}`;
  // The target names its container; by flag it may have been meant for another one.
  return { aws, retryPolicy, signals, options: { ...options, container: undefined }, target };
}

/** @throws EcshError `encryption-unknown`, `timed-out` */
export async function linkOf(context: SessionContext): Promise<LinkOptions> {
  const configuration = await context.budget.spend(context.configuration);
  return { ...context.link, ...keyOfCluster(configuration) };
}

export function terminalMissing(target: string): EcshError {
  const word = quoteWord(target);
  return new EcshError('not-a-terminal', 'A shell needs a terminal as stdin and stdout.', {
    hint: `Without one, run a command:  ecsh ${word} COMMAND\nTo run a script from stdin:  ecsh ${word} sh < script.sh`,
  });
}
