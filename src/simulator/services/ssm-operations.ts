import { ApiError } from '#simulator/api/api-error.ts';
import type { ApiInput } from '#simulator/api/api-input.ts';
import { requireAllowedOn, sessionArn } from '#simulator/api/denial.ts';
import type { Inventory, TargetPlace } from '#simulator/fleet/inventory.ts';
import type { SessionBook, SessionRecord } from '#simulator/gateway/session-book.ts';
import { type StartSessionRequest, startRequest } from '#simulator/gateway/session-request.ts';
import type { ExecAgents } from '#simulator/services/exec-agent.ts';

/** `ecs:CLUSTER_TASK_RUNTIMEID` (PROTOCOL 1.3). */
const TARGET = /^ecs:(.+)_([0-9a-f]{32})_/;
/** Sessions per page. */
const MAX_SESSIONS = 200;
const LISTED_STATES = { Active: false, History: true } as const;

/** The SSM operations on sessions (PROTOCOL 1.7, 7.1). */
export class SsmOperations {
  readonly #sessions: SessionBook;
  readonly #inventory: Inventory;

  readonly #agents: ExecAgents;

  constructor(inventory: Inventory, sessions: SessionBook, agents: ExecAgents) {
    this.#inventory = inventory;
    this.#sessions = sessions;
    this.#agents = agents;
  }

  readonly operations: Readonly<Record<string, (input: ApiInput) => object>> = {
    StartSession: (input) => this.#start(input),
    ResumeSession: (input) => this.#resume(input),
    TerminateSession: (input) => this.#terminate(input),
    DescribeSessions: (input) => this.#describe(input),
    GetConnectionStatus: (input) => this.#connectionStatus(input),
  };

  /** Sessions beyond the container's limit are not rejected: they open and stay silent (PROTOCOL 8.1). */
  #start(input: ApiInput): object {
    const target = input.text('Target') ?? '';
    if (target === '')
      throw new ApiError('ValidationException', "Value at 'target' must not be null.");
    const request = startRequest(input);
    const place = this.#inventory.findTarget(target);
    this.#requireAllowed(target, request, place?.task.tags ?? {});
    if (place === undefined || !this.#isConnected(place)) {
      throw new ApiError('TargetNotConnected', `${target} is not connected.`);
    }
    const { sessionId, tokenValue, streamUrl } = this.#sessions.start(place, request);
    return { SessionId: sessionId, TokenValue: tokenValue, StreamUrl: streamUrl };
  }

  /**
   * Requires permission for both the task and the document. For the default document, permission is only needed under
   * the condition ssm:SessionDocumentAccessCheck, which the simulator does not support.
   */
  #requireAllowed(
    target: string,
    { document, isNamed }: StartSessionRequest,
    tags: Readonly<Record<string, string>>,
  ): void {
    const { fleet } = this.#inventory;
    const [, cluster = '', task = ''] = TARGET.exec(target) ?? [];
    const action = 'ssm:StartSession';
    const taskArn = `arn:aws:ecs:${fleet.region}:${fleet.account}:task/${cluster}/${task}`;
    const context = Object.entries(tags).map(
      ([key, value]) => [`aws:resourcetag/${key}`.toLowerCase(), [value]] as const,
    );
    requireAllowedOn(fleet, { action, resource: taskArn, context: new Map(context) });
    if (!isNamed) return;
    // AWS's own documents have no account in their ARN; the preferences are the account's.
    const account = document.startsWith('AWS-') ? '' : fleet.account;
    const documentArn = `arn:aws:ssm:${fleet.region}:${account}:document/${document}`;
    requireAllowedOn(fleet, { action, resource: documentArn, context: new Map() });
  }

  /** A session that has ended gets no token (S-16). */
  #resume(input: ApiInput): object {
    const { id, gateway } = this.#require(input, 'ssm:ResumeSession');
    const token = gateway.renewToken();
    if (token === undefined) return { SessionId: id };
    return { SessionId: id, TokenValue: token, StreamUrl: this.#sessions.streamUrl(id) };
  }

  #terminate(input: ApiInput): object {
    const { id, gateway } = this.#require(input, 'ssm:TerminateSession');
    gateway.close('');
    return { SessionId: id };
  }

  #describe(input: ApiInput): object {
    const state = input.text('State');
    if (state !== 'Active' && state !== 'History') {
      throw new ApiError('ValidationException', 'State must be Active or History.');
    }
    const isWanted = sessionFilterOf(input);
    const sessions = [...this.#sessions.records.values()]
      .filter(({ gateway }) => (gateway.state === 'closed') === LISTED_STATES[state])
      .map((record) => showSession(record))
      .filter(isWanted);
    return pageOfSessions(sessions, input);
  }

  #connectionStatus(input: ApiInput): object {
    const target = input.text('Target') ?? '';
    const place = this.#inventory.findTarget(target);
    const isThere = place !== undefined && this.#isConnected(place);
    return { Target: target, Status: isThere ? 'connected' : 'notconnected' };
  }

  #isConnected(place: TargetPlace): boolean {
    const { task, container } = place;
    const isRunning = task.lastStatus === 'RUNNING' && container.agentStatus === 'RUNNING';
    return isRunning && this.#agents.isConnected(place);
  }

  #require(input: ApiInput, action: string): SessionRecord {
    const { fleet } = this.#inventory;
    const id = input.text('SessionId') ?? '';
    requireAllowedOn(fleet, { action, resource: sessionArn(fleet, id), context: new Map() });
    const record = this.#sessions.records.get(id);
    if (record !== undefined) return record;
    throw new ApiError('DoesNotExistException', `Session ${id} does not exist.`);
  }
}

/** A session in DescribeSessions' format; dates are in seconds. */
interface ShownSession {
  readonly SessionId: string;
  readonly Target: string;
  readonly Status: string;
  readonly StartDate: number;
  readonly EndDate?: number;
  readonly DocumentName: string;
  readonly Owner: string;
}

function showSession({ id, target, owner, request, gateway }: SessionRecord): ShownSession {
  const { endedAt } = gateway;
  return {
    SessionId: id,
    Target: target,
    Status: STATUS[gateway.state],
    StartDate: gateway.startedAt / 1000,
    ...(endedAt === undefined ? {} : { EndDate: endedAt / 1000 }),
    DocumentName: request.document,
    Owner: owner,
  };
}

type SessionTest = (session: ShownSession, value: string) => boolean;

/** SSM API, SessionFilter. */
const FILTERS: Readonly<Record<string, SessionTest>> = {
  Target: ({ Target }, value) => Target === value,
  Owner: ({ Owner }, value) => Owner === value,
  SessionId: ({ SessionId }, value) => SessionId === value,
  Status: ({ Status }, value) => Status === value,
  InvokedAfter: ({ StartDate }, value) => StartDate * 1000 > Date.parse(value),
  InvokedBefore: ({ StartDate }, value) => StartDate * 1000 < Date.parse(value),
};

function sessionFilterOf(input: ApiInput): (session: ShownSession) => boolean {
  const tests = input.objects('Filters').map(({ key, value }) => {
    const test = FILTERS[String(key)];
    if (test === undefined) {
      throw new ApiError('InvalidFilterKey', `The simulator does not filter by ${key}.`);
    }
    return (session: ShownSession) => test(session, String(value));
  });
  return (session) => tests.every((test) => test(session));
}

function pageOfSessions(sessions: readonly object[], input: ApiInput): object {
  const most = input.number('MaxResults') ?? MAX_SESSIONS;
  const start = Number(input.text('NextToken') ?? 0);
  if (most < 1 || most > MAX_SESSIONS || !Number.isInteger(start)) {
    throw new ApiError(
      'ValidationException',
      'MaxResults must be 1 to 200, NextToken an earlier one.',
    );
  }
  const end = start + most;
  return {
    Sessions: sessions.slice(start, end),
    ...(end < sessions.length ? { NextToken: String(end) } : {}),
  };
}

const STATUS = {
  connected: 'Connected',
  disconnected: 'Disconnected',
  closed: 'Terminated',
} as const;
