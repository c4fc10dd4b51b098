import { type AwsFlags, awsCommand } from '#domain/errors/aws-command.ts';
import { EcshError } from '#domain/errors/errors.ts';
import type { EcsAdminApi } from '#domain/ports/ecs-admin-ports.ts';
import type { EcsApi } from '#domain/ports/ecs-ports.ts';
import type { ServiceDetails } from '#domain/ports/ecs-responses.ts';
import { nameInArn } from '#domain/resolve/arn.ts';
import type { Task } from '#domain/resolve/task.ts';
import type { Followed, RolloutLook, RolloutProgress } from './rollout.ts';
import { isWorthReporting } from './rollout-events.ts';

export interface NewsPorts {
  readonly ecs: Pick<EcsApi, 'describeTasks'>;
  readonly admin: Pick<EcsAdminApi, 'listStoppedTasks'>;
}

export interface NewsOptions {
  readonly cluster: string;
  readonly service: ServiceDetails;
  /** Events of the service that were already known, by id. */
  readonly knownEvents: readonly (string | undefined)[];
  /** Repeated in the commands that notices print. */
  readonly flags?: AwsFlags | undefined;
  /** Called once, immediately, for each event that blocks and each task that failed. */
  readonly onNotice: (text: string) => void;
}

/** Reports, once and immediately, what a user needs to know before the rollout ends. */
export class RolloutNews {
  readonly #ports: NewsPorts;
  readonly #watch: NewsOptions;
  readonly #events: Set<string | undefined>;
  readonly #said = new Set<string>();
  #failedTasks: number;
  #stoppedReason: string | undefined;

  constructor(ports: NewsPorts, watch: NewsOptions, failedTasks: number) {
    this.#ports = ports;
    this.#watch = watch;
    this.#events = new Set(watch.knownEvents);
    this.#failedTasks = failedTasks;
  }

  /** Why a task of the deployment stopped; of the last one that was seen. */
  get stoppedReason(): string | undefined {
    return this.#stoppedReason;
  }

  async report(look: RolloutLook, progress: RolloutProgress, before: Followed): Promise<void> {
    this.#reportEvents(look.service);
    this.#reportPause(look);
    if (progress.failedTasks > this.#failedTasks) await this.#reportStopped(before);
    this.#failedTasks = progress.failedTasks;
    const { id, origin } = progress.followed;
    if (id === before.id) return;
    const what = origin === 'rolled-back' ? 'rolls it back' : 'has taken its place';
    this.#say(`Deployment ${before.id} goes no further: ${id} ${what}.`);
  }

  /** ECS waits as long as the hook allows, and shows this nowhere else. */
  #reportPause({ latest }: RolloutLook): void {
    const hook = latest?.lifecycleHookDetails?.find(({ status }) => status === 'AWAITING_ACTION');
    if (hook === undefined) return;
    const stage = latest?.lifecycleStage ?? 'a hook';
    const words = ['--service-deployment-arn', latest?.serviceDeploymentArn ?? 'ARN'];
    const command = awsCommand(
      ['ecs', 'continue-service-deployment', ...words, '--hook-id', hook.hookId ?? 'ID'],
      this.#watch.flags,
    );
    this.#say(`The deployment is paused at ${stage} until somebody continues it:  ${command}`);
  }

  #reportEvents({ events = [] }: ServiceDetails): void {
    for (const { id, message = '' } of events.toReversed()) {
      if (this.#events.has(id)) continue;
      this.#events.add(id);
      if (isWorthReporting(message)) this.#say(message);
    }
  }

  async #reportStopped({ id }: Followed): Promise<void> {
    for (const task of await this.#stoppedTasks()) {
      if (task.startedBy !== id) continue;
      this.#stoppedReason = reasonOf(task);
      this.#say(`A new task stopped: ${this.#stoppedReason}`);
    }
  }

  async #stoppedTasks(): Promise<readonly Task[]> {
    const { cluster, service } = this.#watch;
    const { admin, ecs } = this.#ports;
    try {
      const arns = await admin.listStoppedTasks(cluster, service.serviceName ?? '');
      return arns.length === 0 ? [] : await ecs.describeTasks(cluster, arns);
    } catch (error) {
      // The reason is optional; the watch works without it.
      if (error instanceof EcshError) return [];
      throw error;
    }
  }

  /** A rollout that retries forever fails for the same reason each time. */
  #say(text: string): void {
    if (this.#said.has(text)) return;
    this.#said.add(text);
    this.#watch.onNotice(text);
  }
}

function reasonOf({ taskArn, stoppedReason, containers }: Task): string {
  const exits = containers.flatMap(({ name, exitCode, reason, healthStatus }) => {
    const parts = [
      ...(exitCode === undefined ? [] : [`exit ${exitCode}`]),
      ...(reason === undefined ? [] : [reason]),
    ];
    if (healthStatus === 'UNHEALTHY') parts.unshift('UNHEALTHY');
    return parts.length === 0 ? [] : [`container ${name}: ${parts.join(', ')}`];
  });
  const why = [stoppedReason ?? 'ECS gives no reason', ...exits].join('; ');
  return stoppedReason === undefined ? `${nameInArn(taskArn)}: ${why}.` : `${why}.`;
}
