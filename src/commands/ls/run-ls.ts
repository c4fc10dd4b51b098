import type { App, AwsPorts } from '#commands/app.ts';
import { traceAws } from '#commands/aws-trace.ts';
import { jsonText } from '#commands/json-output.ts';
import { recallTarget } from '#commands/last-target.ts';
import { EcshError } from '#domain/errors/errors.ts';
import { wholeTarget } from '#domain/resolve/target.ts';
import { usesColor } from '#ui/color.ts';
import type { Reporter } from '#ui/reporter.ts';
import { createStyle } from '#ui/style.ts';
import { renderTable } from '#ui/table.ts';
import { clusterColumns, findClusters } from './clusters.ts';
import { type Listing, listingOf } from './listing.ts';
import type { LsKind, LsOptions } from './ls-options.ts';
import { listNames } from './names.ts';
import { nothingFound } from './nothing-found.ts';
import type { ColumnContext, Row, RowColumn } from './row.ts';
import { findServices, serviceColumns } from './services.ts';
import { containerColumns, taskColumns } from './task-columns.ts';
import { findContainers, findTasks } from './tasks.ts';
import { type WatchedListing, watch } from './watch.ts';

/** @returns 0, or 1 when nothing was found */
export async function runLs(app: App, reporter: Reporter, options: LsOptions): Promise<number> {
  try {
    return await list(app, reporter, await withLastPlace(app, reporter, options));
  } catch (error) {
    throw withStatus(error);
  }
}

/** The whole target that `-` means: a bare word would be a cluster here. */
async function withLastPlace(app: App, reporter: Reporter, options: LsOptions): Promise<LsOptions> {
  const { place } = options;
  if (place !== '-') return options;
  const recalled = await recallTarget(app, reporter, { ...options, target: place });
  return { ...recalled, place: wholeTarget(recalled.target, recalled.cluster ?? 'default') };
}

async function list(app: App, reporter: Reporter, options: LsOptions): Promise<number> {
  const listing = listingOf(options);
  const ports = app.aws({
    region: listing.flags.region,
    profile: options.profile,
    endpointUrl: options.endpointUrl,
    noInput: options.noInput,
    ...traceAws(reporter),
  });
  const look = () => lookOnce(app, ports, listing, options);
  if (options.watch) return watch(app, reporter, look, options);
  const { lines, isEmpty } = await look();
  app.stdout.write(lines.map((line) => `${line}\n`).join(''));
  if (isEmpty) reporter.failure(nothingFound(listing));
  return isEmpty ? 1 : 0;
}

async function lookOnce(
  app: App,
  ports: AwsPorts,
  listing: Listing,
  options: LsOptions,
): Promise<WatchedListing> {
  if (options.names) {
    const names = (await listNames(ports, listing)) ?? (await targetsOf(ports, listing));
    return { lines: options.json ? [jsonText(names)] : names, isEmpty: names.length === 0 };
  }
  const { rows, table } = await KINDS[listing.kind](ports, listing);
  const isEmpty = rows.length === 0;
  if (options.json) return { lines: [jsonText(rows, nullForUndefined)], isEmpty };
  return { lines: isEmpty ? [] : table(app, options), isEmpty };
}

async function targetsOf(ports: AwsPorts, listing: Listing): Promise<readonly string[]> {
  const { rows } = await KINDS[listing.kind](ports, listing);
  return rows.map(({ target }) => target);
}

interface Found {
  readonly rows: readonly Row[];
  readonly table: (app: App, options: LsOptions) => readonly string[];
}

const KINDS: Readonly<Record<LsKind, (ports: AwsPorts, listing: Listing) => Promise<Found>>> = {
  clusters: kind(findClusters, clusterColumns),
  services: kind(findServices, serviceColumns),
  tasks: kind(findTasks, taskColumns),
  containers: kind(findContainers, containerColumns),
};

function kind<R extends Row>(
  find: (ports: AwsPorts, listing: Listing) => Promise<readonly R[]>,
  columnsFor: (context: ColumnContext) => readonly RowColumn<R>[],
) {
  return async (ports: AwsPorts, listing: Listing): Promise<Found> => {
    const rows = await find(ports, listing);
    const showsCluster = listing.place.cluster === undefined;
    return {
      rows,
      table(app, { wide, header, color }) {
        const width = app.stdout.isTTY && !wide ? (app.stdout.columns ?? 80) : undefined;
        const columns = columnsFor({ showsCluster, shortensIds: width !== undefined }).filter(
          ({ isWide }) => wide || !isWide,
        );
        const now = app.clock.now();
        const cells = rows.map((row) => columns.map(({ cell }) => cell(row, now)));
        const paint = createStyle(usesColor({ color, env: app.env, stderr: app.stdout }));
        const style = (row: number, column: number, text: string) => {
          const found = rows[row];
          const name = found === undefined ? undefined : columns[column]?.style?.(found);
          return name === undefined ? text : paint(name, text);
        };
        return renderTable({ columns, rows: cells, hasTitles: header, style }, width);
      },
    };
  };
}

/** For `ls`, "there is none" is an answer, not a failure. */
const STATUS: Readonly<Record<string, number>> = {
  'last-target-missing': 1,
  'cluster-not-found': 1,
  'service-not-found': 1,
  'task-not-found': 1,
  'target-invalid': 2,
};

function withStatus(error: unknown): unknown {
  const exitCode = error instanceof EcshError ? STATUS[error.code] : undefined;
  if (!(error instanceof EcshError) || exitCode === undefined) return error;
  const { code, message, hint, cause } = error;
  return new EcshError(code, message, { ...(hint === undefined ? {} : { hint }), exitCode, cause });
}

/** Every key is in every object. */
function nullForUndefined(_key: string, value: unknown): unknown {
  return value === undefined ? null : value;
}
