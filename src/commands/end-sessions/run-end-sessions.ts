import type { App } from '#commands/app.ts';
import type { SharedOptions } from '#commands/shared-options.ts';
import type { Reporter } from '#ui/reporter.ts';

export interface EndSessionsOptions extends SharedOptions {
  readonly ids: readonly string[];
}

/** Ends these sessions silently. @returns 0 when all of them ended, else 1 */
export async function runEndSessions(
  app: App,
  _reporter: Reporter,
  { region, profile, endpointUrl, ids }: EndSessionsOptions,
): Promise<number> {
  const ssm = await app.aws({ region, profile, endpointUrl, noInput: true }).ssm();
  const endings = await Promise.allSettled(ids.map((id) => ssm.terminateSession(id)));
  return endings.every(({ status }) => status === 'fulfilled') ? 0 : 1;
}
