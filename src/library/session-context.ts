import type { ExecConfiguration } from '#domain/ports/ecs-ports.ts';
import type { Clock, Signals } from '#domain/ports/system-ports.ts';
import type { ReadyTarget } from '#domain/readiness/readiness.ts';
import { parseTarget } from '#domain/resolve/target.ts';
import { describeConfiguration, keyOfCluster } from '#session/cluster-configuration.ts';
import { findReadyTarget } from '#session/ready-target.ts';
import type { RetryPolicy } from '#session/retry.ts';
import type { LinkOptions, SessionPorts } from '#session/session-options.ts';
import { assertEndpoint, assertEnvironment, assertTarget } from './checked.ts';
import { limitOf, waitOf } from './limits.ts';
import type { SessionOptions, Target, TargetOptions } from './options.ts';

/** The outside world, created by `index.ts`; tests pass fakes and a manual clock. */
export interface World {
  readonly clock: Clock;
  aws(
    settings: Pick<TargetOptions, 'region' | 'profile' | 'endpointUrl'>,
  ): Pick<SessionPorts, 'ecs' | 'ssm' | 'kms' | 'openTransport'>;
}

/** The context that every kind of session starts from. */
export interface LibrarySessionContext {
  readonly target: ReadyTarget;
  readonly configuration: ExecConfiguration;
  readonly ports: SessionPorts & { readonly signals: Signals };
  readonly retryPolicy: RetryPolicy;
  readonly link: LinkOptions;
  readonly environment: Readonly<Record<string, string>>;
  readonly directory: string | undefined;
  readonly onNotice: (text: string) => void;
  readonly onDebug: (text: string) => void;
}

const RESUME_LIMIT_MS = 60_000;

/** @throws EcshError if there is no container that is ready for a session. */
export async function prepareSession(
  world: World,
  text: string,
  options: SessionOptions,
): Promise<LibrarySessionContext> {
  const { env = {}, cwd, resumeLimitMs = RESUME_LIMIT_MS, keepAliveMs, signal } = options;
  const { allowUnencrypted = false, allowForeignKey: allowsForeignKey = false } = options;
  assertEnvironment(env);
  const aws = accessFor(world, text, options);
  const retryPolicy = retryPolicyOf(world, options);
  const query = { target: text, cluster: options.cluster, allowUnencrypted };
  const asked = describeConfiguration(aws.ecs, query, retryPolicy, () => undefined);
  // The error of a missing target is more helpful.
  asked.catch(() => undefined);
  const target = await findTarget(world, aws, text, options);
  const configuration = await withAbortReason(signal, () => asked);
  return {
    target,
    configuration,
    // A library must not start processes in the caller's program, so there is no guard for its sessions.
    ports: { ...aws, clock: world.clock, guard: undefined, signals: signalsOf(signal) },
    retryPolicy,
    link: {
      ...keyOfCluster(configuration),
      allowsForeignKey,
      resumeLimitMs: waitOf('resumeLimitMs', resumeLimitMs),
      keepAliveMs: limitOf('keepAliveMs', keepAliveMs),
      watchesTask: options.onNotice !== undefined,
    },
    environment: env,
    directory: cwd,
    onNotice: (notice) => options.onNotice?.(notice),
    onDebug: () => undefined,
  };
}

/** @throws EcshError if there is no container that is ready for a session. */
export function findTarget(
  world: World,
  aws: Pick<SessionPorts, 'ecs'>,
  text: string,
  options: TargetOptions,
): Promise<ReadyTarget> {
  const { cluster, container, strict = false, region, profile, endpointUrl, signal } = options;
  return withAbortReason(signal, async () => {
    const request = {
      target: text,
      cluster,
      container,
      strict,
      flags: { region, profile, endpointUrl },
    };
    const retryPolicy = retryPolicyOf(world, options);
    const target = await findReadyTarget(await aws.ecs(), request, retryPolicy, signal);
    for (const notice of target.notices) options.onNotice?.(notice);
    return target;
  });
}

/** The region of an ARN, if no option names one. @throws EcshError `target-invalid`, `usage` */
export function accessFor(world: World, text: string, options: TargetOptions) {
  assertTarget(text);
  assertEndpoint(options.endpointUrl);
  const { region = parseTarget(text).region, profile, endpointUrl } = options;
  return world.aws({ region, profile, endpointUrl });
}

export function describeTarget({ cluster, task, container }: ReadyTarget): Target {
  return { cluster, task: task.taskArn, container: container.name };
}

/** On an abort, rejects with the abort reason instead of the error that it caused. */
export async function withAbortReason<T>(
  signal: AbortSignal | undefined,
  work: () => Promise<T>,
): Promise<T> {
  signal?.throwIfAborted();
  try {
    return await work();
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
}

function retryPolicyOf({ clock }: World, { waitMs = 0, onNotice }: TargetOptions): RetryPolicy {
  return {
    clock,
    waitMs: waitOf('waitMs', waitMs),
    retries: 0,
    onWait: (error) => onNotice?.(`Waiting: ${error.message}`),
  };
}

/** An abort has the effect of SIGTERM on the program. Signals themselves belong to the caller. */
function signalsOf(abort: AbortSignal | undefined): Signals {
  return {
    on(name, handler) {
      if (name !== 'SIGTERM') return () => undefined;
      abort?.addEventListener('abort', handler);
      return () => abort?.removeEventListener('abort', handler);
    },
    suspend: () => undefined,
  };
}
