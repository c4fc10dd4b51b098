import { ApiError } from './api-error.ts';
import type { ApiInput } from './api-input.ts';
import type { Inventory } from './inventory.ts';
import type { SessionBook, SessionRecord } from './session-book.ts';

const MOST_EVENTS = 50;
/** `ecs:CLUSTER_TASK_RUNTIMEID` (PROTOCOL 1.3). */
const TARGET = /^ecs:(.+)_([0-9a-f]{32})_/;

/** The CloudTrail operation that shows who ran what. AWS needs minutes for it; this is at once. */
export class TrailApi {
  readonly #inventory: Inventory;
  readonly #sessions: SessionBook;

  constructor(inventory: Inventory, sessions: SessionBook) {
    this.#inventory = inventory;
    this.#sessions = sessions;
  }

  readonly operations: Readonly<Record<string, (input: ApiInput) => object>> = {
    LookupEvents: (input) => this.#lookup(input),
  };

  #lookup(input: ApiInput): object {
    const most = input.number('MaxResults') ?? MOST_EVENTS;
    if (most < 1 || most > MOST_EVENTS) {
      throw new ApiError('InvalidMaxResultsException', 'MaxResults must be 1 to 50.');
    }
    const newestFirst = [...this.#sessions.records.values()].reverse();
    const events = isAskedFor(input) ? newestFirst.map((record) => this.#show(record)) : [];
    const start = Number(input.text('NextToken') ?? 0);
    if (!Number.isInteger(start)) throw new ApiError('InvalidNextTokenException', 'Invalid token.');
    const end = start + most;
    return {
      Events: events.slice(start, end),
      ...(end < events.length ? { NextToken: String(end) } : {}),
    };
  }

  #show({ id, command, container, target, gateway }: SessionRecord): object {
    const { region, account, caller } = this.#inventory.fleet;
    const userName = caller.arn.slice(caller.arn.lastIndexOf('/') + 1);
    const [, cluster = '', task = ''] = TARGET.exec(target) ?? [];
    const event = {
      eventVersion: '1.09',
      userIdentity: { type: 'IAMUser', arn: caller.arn, accountId: account, userName },
      eventTime: new Date(gateway.startedAt).toISOString().replace(/\.\d+/, ''),
      eventSource: 'ecs.amazonaws.com',
      eventName: 'ExecuteCommand',
      awsRegion: region,
      requestParameters: { cluster, container, command, interactive: true, task },
      responseElements: {
        session: { sessionId: id, tokenValue: 'HIDDEN_DUE_TO_SECURITY_REASONS' },
      },
    };
    return {
      EventId: id,
      EventName: event.eventName,
      EventSource: event.eventSource,
      EventTime: gateway.startedAt / 1000,
      ReadOnly: 'false',
      Username: userName,
      Resources: [],
      CloudTrailEvent: JSON.stringify(event),
    };
  }
}

/** There are no other events than ExecuteCommand. */
function isAskedFor(input: ApiInput): boolean {
  const attributes = input.objects('LookupAttributes');
  if (attributes.length > 1) {
    throw new ApiError('InvalidLookupAttributesException', 'Only one attribute can be looked up.');
  }
  return attributes.every(({ AttributeKey, AttributeValue }) => {
    if (AttributeKey === 'EventName') return AttributeValue === 'ExecuteCommand';
    return AttributeKey === 'EventSource' && AttributeValue === 'ecs.amazonaws.com';
  });
}
