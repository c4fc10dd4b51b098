import type { App } from '#commands/app.ts';
import { traceAws } from '#commands/aws-trace.ts';
import { jsonText } from '#commands/json-output.ts';
import type { Moment } from '#commands/moment.ts';
import { awsFlags, type SharedOptions } from '#commands/shared-options.ts';
import { awsPorts } from '#commands/target-request.ts';
import type { AwsFlags } from '#domain/errors/aws-command.ts';
import { EcshError } from '#domain/errors/errors.ts';
import type { EcsApi } from '#domain/ports/ecs-ports.ts';
import type { SessionQuery } from '#domain/ports/session-responses.ts';
import { clusterNotFound } from '#domain/resolve/cluster-errors.ts';
import { namesIfAllowed } from '#domain/resolve/suggestion.ts';
import { findSessions, type ListedPlace } from '#session-list/session-list.ts';
import type { Reporter } from '#ui/reporter.ts';
import { renderTable } from '#ui/table.ts';
import { sessionPlace, sessionPorts } from './session-place.ts';
import { sessionColumns, sessionReport } from './session-rows.ts';

export interface SessionsOptions extends SharedOptions {
  readonly place?: string | undefined;
  readonly allClusters?: true | undefined;
  /** Sessions that have ended. */
  readonly history?: true | undefined;
  readonly since?: Moment | undefined;
  readonly wide?: true | undefined;
}

/** History goes back 30 days, and an account may have many thousand sessions (ms). */
const HISTORY_MS = 86_400_000;

const UNKNOWN =
  'WHO is ? where CloudTrail, which takes minutes, does not show who started a session, or you may not read it.';

/** Lists sessions in containers. @returns 0, even if there are none */
export async function runSessionsLs(
  app: App,
  reporter: Reporter,
  options: SessionsOptions,
): Promise<number> {
  if (options.allClusters && options.place !== undefined) {
    throw new EcshError('usage', '--all-clusters looks into every cluster: name none.');
  }
  const { cluster, ...everywhere } = options;
  const place = sessionPlace(options.place, options.allClusters ? everywhere : options);
  const aws = awsPorts(app, options, placeTarget(options), traceAws(reporter));
  const sessions = await findSessions(await sessionPorts(aws), queryOf(app, options), place);
  if (sessions.length === 0) await assertCluster(await aws.ecs(), place, awsFlags(options));
  if (options.json) {
    app.stdout.write(`${jsonText(sessions.map(sessionReport))}\n`);
    return 0;
  }
  if (sessions.length === 0) {
    const where = whereText(options.place, place);
    reporter.notice(
      options.history ? `No session has ended${where} since then.` : `No session is open${where}.`,
    );
    return 0;
  }
  const { wide = false, history = false } = options;
  const width = app.stdout.isTTY && !wide ? (app.stdout.columns ?? 80) : undefined;
  const shortensIds = width !== undefined;
  const columns = sessionColumns({ shortensIds, isHistory: history, isWide: wide });
  const now = app.clock.now();
  const rows = sessions.map((session) => columns.map(({ cell }) => cell(session, now)));
  const lines = renderTable({ columns, rows, hasTitles: true }, width);
  app.stdout.write(lines.map((line) => `${line}\n`).join(''));
  if (sessions.some(({ user }) => user === undefined)) reporter.notice(UNKNOWN);
  return 0;
}

/**
 * A misspelt cluster has no sessions either.
 *
 * @throws EcshError `cluster-not-found`, as far as the caller may list clusters
 */
async function assertCluster(
  ecs: EcsApi,
  { cluster }: ListedPlace,
  flags: AwsFlags,
): Promise<void> {
  if (cluster === undefined) return;
  const names = await namesIfAllowed(() => ecs.listClusters());
  if (names.length === 0 || names.includes(cluster)) return;
  throw await clusterNotFound(ecs, { cluster, isClusterNamed: true, flags }, undefined);
}

/** As it was typed, so that a misspelt name shows. */
function whereText(word: string | undefined, { cluster, target, container }: ListedPlace): string {
  if (target !== undefined || container !== undefined) return ` in ${word ?? cluster ?? container}`;
  return cluster === undefined ? '' : ` in cluster ${cluster}`;
}

function placeTarget({ place }: SessionsOptions): string | undefined {
  return place?.startsWith('arn:') ? place : undefined;
}

function queryOf({ clock }: App, { history, since }: SessionsOptions): SessionQuery {
  const state = history ? 'History' : 'Active';
  if (since === undefined) {
    return history ? { state, after: new Date(clock.now() - HISTORY_MS) } : { state };
  }
  const time = since.kind === 'at' ? since.time : clock.now() - since.milliseconds;
  return { state, after: new Date(time) };
}
