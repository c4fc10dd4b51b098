import type { EcsAdminApi } from '#domain/ports/ecs-admin-ports.ts';
import type { EcsApi } from '#domain/ports/ecs-ports.ts';
import type { Clock } from '#domain/ports/system-ports.ts';
import { nameInArn } from '#domain/resolve/arn.ts';
import { pause } from '#session/pause.ts';
import { RUN_STARTED_BY, RUN_TAGS } from './run-request.ts';

/** A resource that an `ecsh run` has created, or may have created, and that must be removed at its end. */
export type Leftover =
  | { readonly kind: 'task'; readonly cluster: string; readonly task: string }
  /** RunTask was sent with this client token, and its answer did not arrive. */
  | { readonly kind: 'launch'; readonly cluster: string; readonly token: string }
  | { readonly kind: 'revision'; readonly arn: string };

export interface LeftoverPorts {
  readonly ecs: () => Promise<Pick<EcsApi, 'listTasks' | 'describeTasks'>>;
  readonly admin: () => Promise<Pick<EcsAdminApi, 'stopTask' | 'deregisterRevision'>>;
}

/** The word for a leftover in the watcher's input: the watcher removes it if ecsh is killed. */
export function leftoverId(leftover: Leftover): string {
  switch (leftover.kind) {
    case 'task':
      return `task:${leftover.cluster}/${leftover.task}`;
    case 'launch':
      return `launch:${leftover.cluster}/${leftover.token}`;
    case 'revision':
      return `revision:${leftover.arn}`;
  }
}

/** The reverse of `leftoverId`; undefined for the id of a session. */
export function parseLeftover(id: string): Leftover | undefined {
  const [, kind, rest = ''] = /^(task|launch|revision):(.+)$/.exec(id) ?? [];
  const [cluster = '', name = ''] = rest.split('/');
  switch (kind) {
    case 'task':
      return { kind, cluster, task: name };
    case 'launch':
      return { kind, cluster, token: name };
    case 'revision':
      return { kind, arn: rest };
    default:
      return undefined;
  }
}

/** Removes a leftover of an ecsh that was killed. */
export async function endLeftover(
  ports: LeftoverPorts,
  leftover: Leftover,
  clock: Clock,
): Promise<void> {
  const admin = await ports.admin();
  const reason = 'ecsh run was killed';
  switch (leftover.kind) {
    case 'task':
      return admin.stopTask(leftover.cluster, leftover.task, reason);
    case 'revision':
      return admin.deregisterRevision(leftover.arn);
    case 'launch': {
      const { cluster } = leftover;
      for (const task of await launchedTasks(await ports.ecs(), leftover, clock)) {
        await admin.stopTask(cluster, task, reason);
      }
    }
  }
}

/** A RunTask that was in progress when ecsh was killed appears in ListTasks within this time (ms). */
const LAUNCH_LIMIT_MS = 20_000;
const LOOK_EVERY_MS = 1_000;

/** Ids of the tasks that a RunTask with this token has started. */
async function launchedTasks(
  ecs: Pick<EcsApi, 'listTasks' | 'describeTasks'>,
  { cluster, token }: Leftover & { readonly kind: 'launch' },
  clock: Clock,
): Promise<readonly string[]> {
  const limit = clock.now() + LAUNCH_LIMIT_MS;
  for (;;) {
    const arns = await ecs.listTasks({ cluster, startedBy: RUN_STARTED_BY });
    const tasks = arns.length === 0 ? [] : await ecs.describeTasks(cluster, arns, { tags: true });
    const found = tasks.filter(({ tags }) =>
      tags.some(({ key, value }) => key === RUN_TAGS.token && value === token),
    );
    if (found.length > 0) return found.map(({ taskArn }) => nameInArn(taskArn));
    if (clock.now() >= limit) return [];
    await pause(clock, LOOK_EVERY_MS);
  }
}
