import { EcshError } from '#domain/errors/errors.ts';
import type { ErrorCode } from '#domain/errors/table/error-table.ts';
import type { EcsDetailsApi } from '#domain/ports/doctor-ports.ts';
import type { EcsAdminApi } from '#domain/ports/ecs-admin-ports.ts';
import type { EcsApi } from '#domain/ports/ecs-ports.ts';
import type { ServiceDetails } from '#domain/ports/ecs-responses.ts';
import type { Clock } from '#domain/ports/system-ports.ts';
import { pause } from '#session/pause.ts';
import { unlessAborted } from '#session/unless-aborted.ts';
import { primaryDeployment } from './exec-change.ts';
import {
  describeProgress,
  type Followed,
  judgeRollout,
  type RolloutGoal,
  type RolloutLook,
  type RolloutProgress,
} from './rollout.ts';
import { lastExplanation } from './rollout-events.ts';
import { type NewsOptions, type NewsPorts, RolloutNews } from './rollout-news.ts';

/** Polls every 6 s, growing to 15 s, with jitter. */
const FIRST_DELAY_MS = 6_000;
const LONGEST_DELAY_MS = 15_000;
const GROWTH = 1.2;

export interface RolloutPorts extends NewsPorts {
  readonly ecs: Pick<EcsApi, 'listTasks' | 'describeTasks'>;
  readonly details: Pick<EcsDetailsApi, 'describeService'>;
  readonly admin: Pick<EcsAdminApi, 'latestServiceDeployment'> & NewsPorts['admin'];
  readonly clock: Clock;
  /** At least 0 and less than 1. */
  readonly random: () => number;
}

export interface RolloutWatch extends NewsOptions {
  readonly deploymentId: string;
  readonly goal: RolloutGoal;
  readonly timeoutMs: number;
  /** Aborted to stop only the watching. */
  readonly signal: AbortSignal;
  readonly onProgress: (text: string) => void;
}

export type RolloutEnd =
  | { readonly kind: 'done'; readonly progress: RolloutProgress }
  | ({ readonly kind: 'timeout' | 'interrupted' } & Unfinished)
  | ({ readonly kind: 'failed'; readonly code: ErrorCode; readonly message: string } & Unfinished);

interface Unfinished {
  readonly progress: RolloutProgress;
  /** Why a task of the deployment stopped. */
  readonly stoppedReason: string | undefined;
  /** The last event of the service that explains something. */
  readonly event: string | undefined;
}

/** Follows a deployment until it is complete, it fails, or the watch is aborted or times out. */
export async function watchRollout(ports: RolloutPorts, watch: RolloutWatch): Promise<RolloutEnd> {
  const { clock, random } = ports;
  const { goal, signal, service } = watch;
  const deadline = clock.now() + watch.timeoutMs;
  let followed: Followed = { id: watch.deploymentId, origin: 'own' };
  let progress = judgeRollout({ service, tasks: [] }, goal, followed);
  const news = new RolloutNews(ports, watch, progress.failedTasks);
  let seen = service;
  const unfinished = () => ({
    progress,
    stoppedReason: news.stoppedReason,
    event: lastExplanation(seen, watch.knownEvents),
  });
  for (let delay = FIRST_DELAY_MS; ; delay = Math.min(delay * GROWTH, LONGEST_DELAY_MS)) {
    const look = await unlessAborted(signal, lookIfPossible(ports, watch, followed));
    if (look !== undefined) {
      seen = look.service;
      progress = judgeRollout(look, goal, followed);
      await unlessAborted(signal, news.report(look, progress, followed));
      followed = progress.followed;
      watch.onProgress(describeProgress(progress, goal));
      const { verdict } = progress;
      if (verdict.kind === 'done') return { kind: 'done', progress };
      if (verdict.kind === 'failed') {
        return { ...verdict, ...unfinished() };
      }
    }
    const left = deadline - clock.now();
    if (left <= 0) return { kind: 'timeout', ...unfinished() };
    await pause(clock, Math.min(left, delay * (0.8 + 0.4 * random())), signal);
    if (signal.aborted) return { kind: 'interrupted', ...unfinished() };
  }
}

/** Undefined after a temporary failure, of which a watch of minutes meets some. */
async function lookIfPossible(
  ports: RolloutPorts,
  watch: RolloutWatch,
  followed: Followed,
): Promise<RolloutLook | undefined> {
  try {
    return await look(ports, watch, followed);
  } catch (error) {
    if (error instanceof EcshError && error.retryable) return undefined;
    throw error;
  }
}

async function look(
  { ecs, details, admin }: RolloutPorts,
  { cluster, service: { serviceName = '' } }: RolloutWatch,
  followed: Followed,
): Promise<RolloutLook> {
  const [service = { status: 'INACTIVE' }, arns] = await Promise.all([
    details.describeService(cluster, serviceName),
    ecs.listTasks({ cluster, service: serviceName }),
  ]);
  const tasks = arns.length === 0 ? [] : await ecs.describeTasks(cluster, arns);
  if (!needsRecord(service, followed)) return { service, tasks };
  return { service, tasks, latest: await recordIfAllowed(admin, cluster, serviceName) };
}

/**
 * Two more calls, for facts that the service itself does not report.
 * UNVERIFIED: that deployments[] of a blue/green service has the same states; watch one.
 */
function needsRecord(service: ServiceDetails, followed: Followed): boolean {
  const primary = primaryDeployment(service);
  const { strategy = 'ROLLING' } = service.deploymentConfiguration ?? {};
  const hooks = service.deploymentConfiguration?.lifecycleHooks ?? [];
  const mayPause = hooks.some(({ targetType }) => targetType === 'PAUSE');
  return (
    strategy !== 'ROLLING' ||
    mayPause ||
    primary?.id !== followed.id ||
    primary.rolloutState === 'FAILED'
  );
}

async function recordIfAllowed(admin: RolloutPorts['admin'], cluster: string, service: string) {
  try {
    return await admin.latestServiceDeployment(cluster, service);
  } catch (error) {
    if (error instanceof EcshError) return undefined;
    throw error;
  }
}
