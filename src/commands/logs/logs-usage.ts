import type { Moment } from '#commands/moment.ts';
import { EcshError } from '#domain/errors/errors.ts';
import type { Clock } from '#domain/ports/system-ports.ts';
import type { LogsOptions } from './logs-options.ts';

/** In milliseconds since the epoch. */
export function timeSpan({ since, until }: LogsOptions, clock: Pick<Clock, 'now'>) {
  const timeOf = (moment: Moment | undefined) =>
    moment?.kind === 'ago' ? clock.now() - moment.milliseconds : moment?.time;
  return { from: timeOf(since), until: timeOf(until) };
}

/** Flags that choose lines of a container's log; the log of a session is shown whole. */
const NOT_FOR_SESSIONS = [
  ['tail', '--tail'],
  ['since', '--since'],
  ['until', '--until'],
  ['filter', '--filter'],
  ['prefix', '--prefix'],
  ['timestamps', '--timestamps'],
  ['exitStatus', '--exit-status'],
] as const;

/** Checks flags that exclude each other. @throws EcshError `usage` */
export function assertLogsUsable(options: LogsOptions, clock: Pick<Clock, 'now'>): void {
  const { follow, exitStatus, session, target, raw } = options;
  if (raw && session === undefined) throw usage('--raw is for --session.', 'Add --session ID.');
  if (session !== undefined) {
    if (target !== undefined || follow) {
      throw usage(
        '--session shows the log of a session that has ended: it takes no TARGET and no -f.',
        'Name the cluster with -C, or nothing.',
      );
    }
    const other = NOT_FOR_SESSIONS.find(([name]) => options[name] !== undefined);
    if (other === undefined) return;
    throw usage(`--session shows the whole log of a session: it takes no ${other[1]}.`, '');
  }
  if (follow && options.until !== undefined) {
    throw usage('-f goes on and --until stops.', 'Give one of them.');
  }
  const { from, until } = timeSpan(options, clock);
  if (from !== undefined && until !== undefined && from >= until) {
    throw usage(
      '--since is not before --until: there is no line between them.',
      'The longer ago comes first:  --since 2h --until 1h',
    );
  }
  if (exitStatus && !follow) {
    throw usage('--exit-status waits for the end of the task.', 'Add -f.');
  }
}

function usage(message: string, hint: string): EcshError {
  return new EcshError('usage', message, hint === '' ? {} : { hint });
}
