import type { Readable } from 'node:stream';
import type { App, AwsPorts } from '#commands/app.ts';
import type { SharedOptions } from '#commands/shared-options.ts';
import type { Clock } from '#domain/ports/system-ports.ts';
import { endLeftover, parseLeftover } from '#run/leftover.ts';
import { endProtection, parseProtection } from '#session/protection-lease.ts';
import type { Reporter } from '#ui/reporter.ts';

export interface EndSessionsOptions extends SharedOptions {
  readonly ids: readonly string[];
  /** Also those that stdin says are open, when it ends. */
  readonly watch: boolean;
}

/** Ends these sessions, tasks and revisions silently. @returns 0 if all of them ended, otherwise 1 */
export async function runEndSessions(
  app: App,
  _reporter: Reporter,
  { region, profile, endpointUrl, ids, watch }: EndSessionsOptions,
): Promise<number> {
  const open = watch ? [...ids, ...(await openAtEnd(app.stdin))] : ids;
  const aws = app.aws({ region, profile, endpointUrl, noInput: true });
  const endings = await Promise.allSettled(open.map((id) => end(aws, id, app.clock)));
  return endings.every(({ status }) => status === 'fulfilled') ? 0 : 1;
}

/** Lines of `+ ID` and `- ID`, as the watcher of `src/local/session-guard.ts` reads them. */
async function openAtEnd(stdin: Readable): Promise<readonly string[]> {
  const open = new Set<string>();
  let text = '';
  for await (const chunk of stdin) text += String(chunk);
  for (const line of text.split('\n')) {
    const [change, id = ''] = line.split(' ');
    if (change === '+') open.add(id);
    else if (change === '-') open.delete(id);
  }
  return [...open];
}

/** Ends a session by its id, a leftover of `ecsh run`, or the protection of a task. */
async function end(aws: AwsPorts, id: string, clock: Clock): Promise<void> {
  const leftover = parseLeftover(id);
  if (leftover !== undefined) return endLeftover(aws, leftover, clock);
  const protection = parseProtection(id);
  if (protection !== undefined) {
    return endProtection(await aws.protection(), protection.place, protection.until);
  }
  await (await aws.ssm()).terminateSession(id);
}
