import type { App, AwsPorts } from '#commands/app.ts';
import type { SharedOptions } from '#commands/shared-options.ts';
import type { Reporter } from '#ui/reporter.ts';

export interface EndSessionsOptions extends SharedOptions {
  readonly ids: readonly string[];
}

/** Ends these sessions and tasks silently. @returns 0 when all of them ended, else 1 */
export async function runEndSessions(
  app: App,
  _reporter: Reporter,
  { region, profile, endpointUrl, ids }: EndSessionsOptions,
): Promise<number> {
  const aws = app.aws({ region, profile, endpointUrl, noInput: true });
  const endings = await Promise.allSettled(ids.map((id) => end(aws, id)));
  return endings.every(({ status }) => status === 'fulfilled') ? 0 : 1;
}

/** A session by its id, or the task of an `ecsh run` as `task:CLUSTER/ID`. */
async function end(aws: AwsPorts, id: string): Promise<void> {
  const [, cluster, task] = /^task:([^/]+)\/(.+)$/.exec(id) ?? [];
  if (cluster === undefined || task === undefined) {
    await (await aws.ssm()).terminateSession(id);
    return;
  }
  await (await aws.admin()).stopTask(cluster, task, 'ecsh run was killed');
}
