import { randomUUID } from 'node:crypto';
import type { Clock } from '#domain/ports/system-ports.ts';
import { ApiError } from '#simulator/api/api-error.ts';
import type { ApiInput } from '#simulator/api/api-input.ts';
import { EventStream } from '#simulator/api/event-stream.ts';
import type { Inventory } from '#simulator/fleet/inventory.ts';
import { compilePattern } from './filter-pattern.ts';
import { requireLogGroup, type SimulatedLogGroups } from './log-groups.ts';
import type { LogStore, StoredLogEvent } from './log-store.ts';

/** CloudWatch Logs API, StartLiveTail. */
const MAX_GROUPS = 10;
const UPDATE_MS = 1_000;
/** Maximum number of events in one update; if there are more, a sample is sent. */
const MAX_EVENTS = 500;

interface LiveTailServices {
  readonly inventory: Inventory;
  readonly groups: SimulatedLogGroups;
  readonly store: LogStore;
  readonly clock: Clock;
}

/** Handles StartLiveTail: one update per second with the events since the previous one. */
export function startLiveTail(input: ApiInput, services: LiveTailServices): EventStream {
  const { inventory, groups, store, clock } = services;
  const identifiers = input.texts('logGroupIdentifiers');
  if (identifiers.length === 0 || identifiers.length > MAX_GROUPS) {
    throw new ApiError('InvalidParameterException', '1 to 10 log groups must be specified.');
  }
  const names = identifiers.map((identifier) => requireLogGroup(groups, identifier));
  const isWanted = eventFilter(input, names);
  return new EventStream((send) => {
    let events: StoredLogEvent[] = [];
    const forget = store.listen((event) => {
      if (isWanted(event)) events.push(event);
    });
    send('initial-response', {});
    send('sessionStart', {
      requestId: randomUUID(),
      sessionId: randomUUID(),
      logGroupIdentifiers: identifiers,
      logStreamNames: input.texts('logStreamNames'),
      logStreamNamePrefixes: input.texts('logStreamNamePrefixes'),
      logEventFilterPattern: input.text('logEventFilterPattern') ?? '',
    });
    let cancel: () => void = () => undefined;
    const update = () => {
      const { account } = inventory.fleet;
      send('sessionUpdate', {
        sessionMetadata: { sampled: events.length > MAX_EVENTS },
        sessionResults: events.slice(0, MAX_EVENTS).map((event) => showEvent(account, event)),
      });
      events = [];
      cancel = clock.after(UPDATE_MS, update);
    };
    cancel = clock.after(UPDATE_MS, update);
    return () => {
      forget();
      cancel();
    };
  });
}

function eventFilter(
  input: ApiInput,
  groups: readonly string[],
): (event: StoredLogEvent) => boolean {
  const matches = compilePattern(input.text('logEventFilterPattern') ?? '');
  const streams = input.texts('logStreamNames');
  const prefixes = input.texts('logStreamNamePrefixes');
  if (streams.length > 0 && prefixes.length > 0) {
    throw new ApiError(
      'InvalidParameterException',
      'Only one of logStreamNames and logStreamNamePrefixes can be specified.',
    );
  }
  return ({ group, stream, message }) =>
    groups.includes(group) &&
    (streams.length === 0 || streams.includes(stream)) &&
    (prefixes.length === 0 || prefixes.some((prefix) => stream.startsWith(prefix))) &&
    matches(message);
}

function showEvent(account: string, event: StoredLogEvent): object {
  const { group, stream, message, timestamp, ingestionTime } = event;
  return {
    logStreamName: stream,
    logGroupIdentifier: `${account}:${group}`,
    message,
    timestamp,
    ingestionTime,
  };
}
