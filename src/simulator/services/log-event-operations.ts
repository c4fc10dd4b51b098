import type { Clock } from '#domain/ports/system-ports.ts';
import { ApiError } from '#simulator/api/api-error.ts';
import type { ApiInput } from '#simulator/api/api-input.ts';
import type { Inventory } from '#simulator/fleet/inventory.ts';
import { compilePattern } from './filter-pattern.ts';
import { startLiveTail } from './live-tail.ts';
import { requireLogGroup, type SimulatedLogGroups } from './log-groups.ts';
import type { LogStore, StoredLogEvent, StoredLogStream } from './log-store.ts';

const MAX_EVENTS = 10_000;
/**
 * Number of events that one call of FilterLogEvents examines. As in AWS, a page can be empty and still have a next
 * one (CloudWatch Logs API, FilterLogEvents).
 */
const SEARCHED_AT_ONCE = 2_000;
/** Maximum total length of messages in one response, in bytes (CloudWatch Logs API). */
const MAX_BYTES = 1024 * 1024;
const MAX_STREAMS = 50;

interface LogServices {
  readonly inventory: Inventory;
  readonly groups: SimulatedLogGroups;
  readonly store: LogStore;
  readonly clock: Clock;
}

/** The CloudWatch Logs operations that read events. */
export class LogEventOperations {
  readonly #inventory: Inventory;
  readonly #groups: SimulatedLogGroups;
  readonly #store: LogStore;

  readonly #clock: Clock;

  constructor({ inventory, groups, store, clock }: LogServices) {
    this.#inventory = inventory;
    this.#groups = groups;
    this.#store = store;
    this.#clock = clock;
  }

  readonly operations: Readonly<Record<string, (input: ApiInput) => object>> = {
    FilterLogEvents: (input) => this.#filter(input),
    GetLogEvents: (input) => this.#get(input),
    DescribeLogStreams: (input) => this.#describeStreams(input),
    StartLiveTail: (input) =>
      startLiveTail(input, {
        inventory: this.#inventory,
        groups: this.#groups,
        store: this.#store,
        clock: this.#clock,
      }),
  };

  #filter(input: ApiInput): object {
    const group = this.#requireGroup(input);
    const streams = new Set(this.#chosenStreams(group, input));
    const matches = compilePattern(input.text('filterPattern') ?? '');
    const limit = limitOf(input, MAX_EVENTS);
    const events = this.#store.events(group);
    const found: StoredLogEvent[] = [];
    let [index, searched, bytes] = [startOf(input), 0, 0];
    for (; index < events.length && searched < SEARCHED_AT_ONCE; index++) {
      const event = events[index];
      if (event === undefined || found.length >= limit || bytes > MAX_BYTES) break;
      if (!streams.has(event.stream) || !isWithin(event, input)) continue;
      searched += 1;
      if (!matches(event.message)) continue;
      found.push(event);
      bytes += event.message.length;
    }
    return {
      events: found.map(({ stream, timestamp, message, ingestionTime, id }) => ({
        logStreamName: stream,
        timestamp,
        message,
        ingestionTime,
        eventId: id,
      })),
      searchedLogStreams: [],
      ...(index < events.length ? { nextToken: makeToken(index) } : {}),
    };
  }

  #chosenStreams(group: string, input: ApiInput): readonly string[] {
    const names = input.texts('logStreamNames');
    const prefix = input.text('logStreamNamePrefix');
    if (names.length > 0 && prefix !== undefined) {
      throw invalid('Only one of logStreamNames and logStreamNamePrefix can be specified.');
    }
    if (names.length > 100) throw invalid('At most 100 log streams can be specified.');
    const streams = this.#store.streams(group);
    const missing = names.find((name) => !streams.some((stream) => stream.name === name));
    if (missing !== undefined) throw noStream();
    return streams
      .filter(({ name }) => names.length === 0 || names.includes(name))
      .filter(({ name }) => prefix === undefined || name.startsWith(prefix))
      .map(({ name }) => name);
  }

  /** Starts at the end unless `startFromHead` is set; the tokens continue in both directions. */
  #get(input: ApiInput): object {
    const group = this.#requireGroup(input);
    const name = input.text('logStreamName') ?? '';
    const stream = this.#store.streams(group).find((candidate) => candidate.name === name);
    if (stream === undefined) throw noStream();
    const limit = limitOf(input, MAX_EVENTS);
    const events = stream.events.filter((event) => isWithin(event, input));
    const [start, end] = rangeOf(input, events.length, limit);
    return {
      events: events
        .slice(start, end)
        .map(({ timestamp, message, ingestionTime }) => ({ timestamp, message, ingestionTime })),
      nextForwardToken: `f/${String(end).padStart(56, '0')}/s`,
      nextBackwardToken: `b/${String(start).padStart(56, '0')}/s`,
    };
  }

  #describeStreams(input: ApiInput): object {
    const group = this.#requireGroup(input);
    const prefix = input.text('logStreamNamePrefix') ?? '';
    const isByTime = input.text('orderBy') === 'LastEventTime';
    if (isByTime && prefix !== '') {
      throw invalid('Cannot order by LastEventTime with a logStreamNamePrefix.');
    }
    const sorted = this.#store
      .streams(group)
      .filter(({ name }) => name.startsWith(prefix))
      .sort((one, other) => (isByTime ? lastOf(one) - lastOf(other) : 0));
    if (input.flag('descending')) sorted.reverse();
    const limit = limitOf(input, MAX_STREAMS);
    const start = Number(input.text('nextToken') ?? 0);
    const end = start + limit;
    return {
      logStreams: sorted.slice(start, end).map((stream) => this.#showStream(group, stream)),
      ...(end < sorted.length ? { nextToken: String(end) } : {}),
    };
  }

  #showStream(group: string, { name, createdAt, events }: StoredLogStream): object {
    const { region, account } = this.#inventory.fleet;
    const [first, last] = [events[0], events.at(-1)];
    return {
      logStreamName: name,
      creationTime: createdAt,
      ...(first === undefined ? {} : { firstEventTimestamp: first.timestamp }),
      ...(last === undefined
        ? {}
        : { lastEventTimestamp: last.timestamp, lastIngestionTime: last.ingestionTime }),
      uploadSequenceToken: '49039859525672850',
      arn: `arn:aws:logs:${region}:${account}:log-group:${group}:log-stream:${name}`,
      storedBytes: 0,
    };
  }

  /** The log group's name, from `logGroupName` or an ARN in `logGroupIdentifier`. */
  #requireGroup(input: ApiInput): string {
    return requireLogGroup(
      this.#groups,
      input.text('logGroupName') ?? input.text('logGroupIdentifier') ?? '',
    );
  }
}

/** Whether the event lies between `startTime` (included) and `endTime` (excluded). */
function isWithin({ timestamp }: StoredLogEvent, input: ApiInput): boolean {
  const start = input.number('startTime') ?? 0;
  const end = input.number('endTime') ?? Number.POSITIVE_INFINITY;
  return timestamp >= start && timestamp < end;
}

function rangeOf(input: ApiInput, length: number, limit: number): readonly [number, number] {
  const token = input.text('nextToken');
  if (token === undefined) {
    return input.flag('startFromHead')
      ? [0, Math.min(length, limit)]
      : [Math.max(0, length - limit), length];
  }
  const [, direction, digits = ''] = /^([fb])\/(\d+)\/s$/.exec(token) ?? [];
  const at = Math.min(Number(digits), length);
  if (direction === 'f') return [at, Math.min(length, at + limit)];
  if (direction === 'b') return [Math.max(0, at - limit), at];
  throw invalid('The specified nextToken is invalid.');
}

function limitOf(input: ApiInput, most: number): number {
  const limit = input.number('limit') ?? most;
  if (limit >= 1 && limit <= most) return limit;
  throw invalid(`limit must be between 1 and ${most}.`);
}

function lastOf({ events, createdAt }: StoredLogStream): number {
  return events.at(-1)?.timestamp ?? createdAt;
}

function makeToken(index: number): string {
  return Buffer.from(`from:${index}`).toString('base64');
}

/** Index of the first event to examine. */
function startOf(input: ApiInput): number {
  const token = input.text('nextToken');
  if (token === undefined) return 0;
  const index = /^from:(\d+)$/.exec(Buffer.from(token, 'base64').toString())?.[1];
  if (index !== undefined) return Number(index);
  throw invalid('The specified nextToken is invalid.');
}

function noStream(): ApiError {
  return new ApiError('ResourceNotFoundException', 'The specified log stream does not exist.');
}

function invalid(message: string): ApiError {
  return new ApiError('InvalidParameterException', message);
}
