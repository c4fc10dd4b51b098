import type { App } from '#commands/app.ts';
import type { SharedOptions } from '#commands/shared-options.ts';
import type { EcsApi } from '#domain/ports/ecs-ports.ts';
import { nameInArn } from '#domain/resolve/arn.ts';
import { resolveTask } from '#domain/resolve/resolve.ts';
import { isTaskIdPrefix } from '#domain/resolve/target.ts';
import type { Candidate } from './position.ts';

/** Returns cached names, or asks ECS for them. `key` identifies the list. */
export type Look = (
  key: string,
  ask: (ecs: EcsApi) => Promise<readonly string[]>,
) => Promise<readonly string[]>;

/** Completes the part that `typed` has reached: `prod/`, then `prod/web`, then `prod/web@app`. */
export async function targetCandidates(
  look: Look,
  typed: string,
  cluster: string | undefined,
): Promise<readonly Candidate[]> {
  if (typed.startsWith('arn:')) return [];
  const at = typed.indexOf('@');
  if (at !== -1) {
    const target = typed.slice(0, at);
    const names = await containerNames(look, target, cluster);
    return names.map((name) => candidate(`${target}@${name}`, 'container'));
  }
  const slash = typed.indexOf('/');
  if (slash !== -1) {
    const head = typed.slice(0, slash + 1);
    return namesWithin(look, typed.slice(0, slash), head, typed.slice(slash + 1));
  }
  if (cluster !== undefined) return namesWithin(look, cluster, '', typed);
  const clusters = await clusterNames(look);
  return clusters.map((name) => candidate(`${name}/`, 'cluster'));
}

export function clusterNames(look: Look): Promise<readonly string[]> {
  return look('clusters', async (ecs) => (await ecs.listClusters()).map(nameInArn));
}

export function containerNames(
  look: Look,
  target: string,
  cluster: string | undefined,
): Promise<readonly string[]> {
  return look(`containers ${cluster ?? ''} ${target}`, async (ecs) => {
    const { task } = await resolveTask(ecs, { target, cluster });
    return task.containers.map(({ name }) => name);
  });
}

/** Services; tasks only once `typed` can be the start of a task ID, since they would bury the services. */
async function namesWithin(
  look: Look,
  cluster: string,
  head: string,
  typed: string,
): Promise<readonly Candidate[]> {
  const kind = /^(service|task|family):/.exec(typed)?.[0] ?? '';
  const wantsTasks = kind === 'task:' || (kind === '' && isTaskIdPrefix(typed));
  const family = kind === 'family:' ? typed.slice(kind.length) : undefined;
  const [services, tasks, families] = await Promise.all([
    kind === '' || kind === 'service:' ? serviceNames(look, cluster) : [],
    wantsTasks ? taskIds(look, cluster) : [],
    family === undefined ? [] : look(`families ${family}`, (ecs) => ecs.listFamilies(family)),
  ]);
  return [
    ...services.map((name) => candidate(`${head}${kind}${name}`, 'service')),
    ...tasks.map((id) => candidate(`${head}${kind}${id}`, 'task')),
    ...families.map((name) => candidate(`${head}${kind}${name}`, 'family')),
  ];
}

export function serviceNames(look: Look, cluster: string): Promise<readonly string[]> {
  return look(`services ${cluster}`, async (ecs) =>
    (await ecs.listServices(cluster)).map(nameInArn),
  );
}

function taskIds(look: Look, cluster: string): Promise<readonly string[]> {
  return look(`tasks ${cluster}`, async (ecs) => (await ecs.listTasks({ cluster })).map(nameInArn));
}

function candidate(value: string, description: string): Candidate {
  return { value, description };
}

/** Part of the cache key: other accounts, regions and endpoints have other names. */
export function placeKey({ profile, region, endpointUrl }: SharedOptions, env: App['env']): string {
  const names = [
    profile ?? env.AWS_PROFILE,
    region ?? env.AWS_REGION ?? env.AWS_DEFAULT_REGION,
    endpointUrl ?? env.AWS_ENDPOINT_URL,
    // One terminal may use two accounts in turn. The ID of an access key is not secret.
    env.AWS_ACCESS_KEY_ID,
  ];
  return names.map((name) => name ?? '').join(' ');
}
