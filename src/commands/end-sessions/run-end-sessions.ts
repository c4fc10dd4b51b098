import type { App } from '#commands/app.ts';
import type { SharedOptions } from '#commands/shared-options.ts';

/** @returns 0 when all of them have ended, else 1; says nothing: nobody is there to read it */
export async function runEndSessions(
  app: App,
  { region, profile, endpointUrl }: SharedOptions,
  ids: readonly string[],
): Promise<number> {
  const ssm = await app.aws({ region, profile, endpointUrl, noInput: true }).ssm();
  const endings = await Promise.allSettled(ids.map((id) => ssm.terminateSession(id)));
  return endings.every(({ status }) => status === 'fulfilled') ? 0 : 1;
}
