import { ApiError } from '#simulator/api/api-error.ts';
import type { ApiInput } from '#simulator/api/api-input.ts';
import type { Inventory } from '#simulator/fleet/inventory.ts';
import type { SessionBook, SessionRecord } from '#simulator/gateway/session-book.ts';

const MAX_EVENTS = 50;
/** `ecs:CLUSTER_TASK_RUNTIMEID` (PROTOCOL 1.3). */
const TARGET = /^ecs:(.+)_([0-9a-f]{32})_/;
const HIDDEN = 'HIDDEN_DUE_TO_SECURITY_REASONS';

/** The call that started a session, as CloudTrail records it. */
interface RecordedCall {
  readonly eventSource: string;
  readonly eventName: string;
  readonly requestParameters: object;
  readonly responseElements: object;
}

/** CloudTrail's LookupEvents. AWS takes minutes to record an event; the simulator does it at once. */
export class TrailOperations {
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
    const most = input.number('MaxResults') ?? MAX_EVENTS;
    if (most < 1 || most > MAX_EVENTS) {
      throw new ApiError('InvalidMaxResultsException', 'MaxResults must be 1 to 50.');
    }
    const isAskedFor = readFilter(input);
    const events = [...this.#sessions.records.values()]
      .reverse()
      .map((record) => ({ record, call: callOf(record) }))
      .filter(({ call }) => isAskedFor(call))
      .map(({ record, call }) => this.#show(record, call));
    const start = Number(input.text('NextToken') ?? 0);
    if (!Number.isInteger(start)) throw new ApiError('InvalidNextTokenException', 'Invalid token.');
    const end = start + most;
    return {
      Events: events.slice(start, end),
      ...(end < events.length ? { NextToken: String(end) } : {}),
    };
  }

  #show({ id, gateway }: SessionRecord, call: RecordedCall): object {
    const { region, account, caller } = this.#inventory.fleet;
    const userName = caller.arn.slice(caller.arn.lastIndexOf('/') + 1);
    const event = {
      eventVersion: '1.09',
      userIdentity: { type: 'IAMUser', arn: caller.arn, accountId: account, userName },
      eventTime: new Date(gateway.startedAt).toISOString().replace(/\.\d+/, ''),
      awsRegion: region,
      ...call,
    };
    return {
      EventId: id,
      EventName: call.eventName,
      EventSource: call.eventSource,
      EventTime: gateway.startedAt / 1000,
      ReadOnly: 'false',
      Username: userName,
      Resources: [],
      CloudTrailEvent: JSON.stringify(event),
    };
  }
}

function callOf({ id, request, container, target }: SessionRecord): RecordedCall {
  if (request.kind !== 'command') {
    const { document, isNamed, parameters } = request;
    const lists = Object.entries(parameters).map(([name, value]) => [name, [value]]);
    const named = { documentName: document, parameters: Object.fromEntries(lists) };
    return {
      eventSource: 'ssm.amazonaws.com',
      eventName: 'StartSession',
      requestParameters: { target, ...(isNamed ? named : {}) },
      responseElements: { sessionId: id, tokenValue: HIDDEN },
    };
  }
  const [, cluster = '', task = ''] = TARGET.exec(target) ?? [];
  const { command } = request;
  return {
    eventSource: 'ecs.amazonaws.com',
    eventName: 'ExecuteCommand',
    requestParameters: { cluster, container, command, interactive: true, task },
    responseElements: { session: { sessionId: id, tokenValue: HIDDEN } },
  };
}

/** Only session starts are recorded. */
function readFilter(input: ApiInput): (call: RecordedCall) => boolean {
  const attributes = input.objects('LookupAttributes');
  if (attributes.length > 1) {
    throw new ApiError('InvalidLookupAttributesException', 'Only one attribute can be looked up.');
  }
  return ({ eventName, eventSource }) =>
    attributes.every(({ AttributeKey, AttributeValue }) => {
      if (AttributeKey === 'EventName') return AttributeValue === eventName;
      return AttributeKey === 'EventSource' && AttributeValue === eventSource;
    });
}
