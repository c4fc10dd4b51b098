import { EcshError } from '#domain/errors/errors.ts';
import type { LiveTailUpdate } from '#domain/ports/log-ports.ts';
import { parseArn } from '#domain/resolve/arn.ts';
import type { Task } from '#domain/resolve/task.ts';
import { KnownLogs } from './known-logs.ts';
import { LiveLines } from './live-lines.ts';
import { LogGroups, type LogLine } from './log-groups.ts';
import type { FoundLogs } from './log-sources.ts';
import type { LogStream } from './log-streams.ts';
import { LAST_LINES_MS, type LogReadOptions, type LogReadPorts, REFRESH_MS } from './read-logs.ts';

export interface LiveReadPorts extends LogReadPorts {
  /** More lines arrive than Live Tail returns. */
  onSample(): void;
}

/**
 * Yields the existing lines of the logs that `find` returns, then follows them with Live Tail. Lines
 * arrive within a second or two; above 500 lines a second, AWS sends only a sample.
 *
 * @returns the tasks as last seen
 * @throws EcshError `usage` for logs in several regions, `live-tail-ended`
 */
export async function* readLive(
  ports: LiveReadPorts,
  options: LogReadOptions,
): AsyncGenerator<readonly LogLine[], readonly Task[]> {
  const { clock } = ports;
  const { signal, tail, pattern } = options;
  const found = await ports.find();
  const known = new KnownLogs(clock, found);
  const { region, ...query } = tailQuery(found);
  const api = await ports.logEvents(region);
  const finished = new AbortController();
  const updates = api.live({ ...query, pattern }, AbortSignal.any([signal, finished.signal]));
  const session = updates[Symbol.asyncIterator]();
  try {
    // Live Tail starts with its first update. Wait for it, so that no line is missed; `LiveLines` drops repeats.
    await session.next();
    const groups = new LogGroups({ ...options, logEvents: (place) => ports.logEvents(place) });
    const lines = new LiveLines(clock);
    if (tail === undefined) {
      for await (const page of groups.poll(known.streams)) yield lines.shown(page);
    } else yield lines.shown(await groups.tail(known.streams, tail));
    yield* follow(ports, { known, lines, session, signal });
    return known.tasks;
  } finally {
    finished.abort();
  }
}

interface Followed {
  readonly known: KnownLogs;
  readonly lines: LiveLines;
  readonly session: AsyncIterator<LiveTailUpdate>;
  readonly signal: AbortSignal;
}

/** AWS sends an update every second, even an empty one, so the loop needs no timer. */
async function* follow(
  ports: LiveReadPorts,
  { known, lines, session, signal }: Followed,
): AsyncGenerator<readonly LogLine[]> {
  const { clock } = ports;
  let refreshAt = clock.now() + REFRESH_MS;
  let endAt: number | undefined;
  let isSampled = false;
  while (!signal.aborted) {
    const { done, value } = await session.next();
    if (done) return;
    if (value.isSampled && !isSampled) ports.onSample();
    isSampled ||= value.isSampled;
    const now = clock.now();
    if (now >= refreshAt) {
      known.add(await ports.find());
      refreshAt = clock.now() + REFRESH_MS;
    }
    yield lines.take(value.events, known.streams);
    endAt = known.hasEnded ? (endAt ?? now + LAST_LINES_MS) : undefined;
    if (endAt !== undefined && now >= endAt) return;
  }
}

/** Uses one session for all groups, because AWS charges for each session. */
function tailQuery({ tasks, streams, canGrow }: FoundLogs) {
  const { partition = 'aws', region = '', account = '' } = parseArn(tasks[0]?.taskArn ?? '') ?? {};
  const regions = new Set(streams.map((stream) => stream.region ?? region));
  if (regions.size > 1) throw severalRegions();
  const [place = region] = regions;
  const names = [...new Set(streams.map(({ group }) => group))];
  return {
    region: streams[0]?.region,
    groups: names.map((name) => `arn:${partition}:logs:${place}:${account}:log-group:${name}`),
    streamPrefixes: names.length === 1 ? prefixesOf(streams, canGrow) : [],
  };
}

/** The names of the streams, cut before the task ID if new tasks can start. */
function prefixesOf(streams: readonly LogStream[], canGrow: boolean): readonly string[] {
  const prefixes = streams.map(({ stream, task }) =>
    canGrow && stream.endsWith(task) ? stream.slice(0, -task.length) : stream,
  );
  const distinct = [...new Set(prefixes)];
  return distinct.length > MAX_PREFIXES ? [] : distinct;
}

/**
 * With more prefixes than StartLiveTail may accept, ecsh reads all streams and drops other lines.
 * UNVERIFIED: the limit. Start `aws logs start-live-tail` with 11 `--log-stream-name-prefixes`, then with more, until AWS
 * refuses the request.
 */
const MAX_PREFIXES = 10;

function severalRegions(): EcshError {
  return new EcshError('usage', 'The logs are in several regions; --live reads one.', {
    hint: 'Name a container with @CONTAINER, or leave out --live.',
  });
}
