import { nameInArn } from '#domain/resolve/arn.ts';
import { rankTasks } from '#domain/resolve/candidates.ts';
import { resolveAll } from '#domain/resolve/resolve.ts';
import { inParallel } from '#session/in-parallel.ts';
import { assertCommand } from './checked.ts';
import type { ExecAllOptions, ListedTask, TaskResult } from './client-options.ts';
import { execIn } from './exec.ts';
import { countOf } from './limits.ts';
import type { TargetOptions } from './options.ts';
import { accessFor, type World, withAbortReason } from './session-context.ts';

/** The number of sessions at a time if the caller does not set `parallel`. */
const DEFAULT_PARALLEL = 16;

/** @throws EcshError `all-needs-service`, `no-running-task`, or the error of the search for the service */
export async function listIn(
  world: World,
  text: string,
  options: TargetOptions,
): Promise<readonly ListedTask[]> {
  const { cluster, container, region, profile, endpointUrl, signal } = options;
  const aws = accessFor(world, text, options);
  const flags = { region, profile, endpointUrl };
  const { running } = await withAbortReason(signal, async () =>
    resolveAll(await aws.ecs(), { target: text, cluster, container, flags }),
  );
  return running.map((task) => ({
    cluster: nameInArn(task.clusterArn),
    task: task.taskArn,
    containers: task.containers.map(({ name }) => name),
    status: task.lastStatus,
    ready: rankTasks([task], container).ready > 0,
  }));
}

/** @throws EcshError like `listIn`. Does not throw if a task fails: its result has the error. */
export async function execAllIn(
  world: World,
  text: string,
  argv: readonly string[],
  { parallel = DEFAULT_PARALLEL, ...options }: ExecAllOptions,
): Promise<readonly TaskResult[]> {
  countOf('parallel', parallel, 1);
  assertCommand(argv);
  const tasks = await listIn(world, text, options);
  const container = /@([^@/]+)$/.exec(text)?.[1] ?? options.container;
  const results = new Map<string, TaskResult>();
  await inParallel(tasks, parallel, async ({ task }) => {
    try {
      const result = await execIn(world, task, argv, { ...options, container });
      results.set(task, { task, result });
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      results.set(task, { task, error });
    }
  });
  return tasks.flatMap(({ task }) => results.get(task) ?? []);
}
