import { ApiError } from './api-error.ts';
import type { ApiInput } from './api-input.ts';
import type { Inventory } from './inventory.ts';
import type { SessionBook, SessionRecord } from './session-book.ts';

const DOCUMENT = 'AmazonECS-ExecuteInteractiveCommand';
const LISTED_STATES = { Active: false, History: true } as const;

/** The SSM operations on sessions (PROTOCOL 1.7). */
export class SsmApi {
  readonly #sessions: SessionBook;
  readonly #inventory: Inventory;

  constructor(inventory: Inventory, sessions: SessionBook) {
    this.#inventory = inventory;
    this.#sessions = sessions;
  }

  readonly operations: Readonly<Record<string, (input: ApiInput) => object>> = {
    ResumeSession: (input) => this.#resume(input),
    TerminateSession: (input) => this.#terminate(input),
    DescribeSessions: (input) => this.#describe(input),
    GetConnectionStatus: (input) => this.#connectionStatus(input),
  };

  /** A session that is over has no token to give (S-16). */
  #resume(input: ApiInput): object {
    const { id, gateway } = this.#require(input);
    const token = gateway.renewToken();
    if (token === undefined) return { SessionId: id };
    return { SessionId: id, TokenValue: token, StreamUrl: this.#sessions.streamUrl(id) };
  }

  #terminate(input: ApiInput): object {
    const { id, gateway } = this.#require(input);
    gateway.close('');
    return { SessionId: id };
  }

  #describe(input: ApiInput): object {
    const state = input.text('State');
    if (state !== 'Active' && state !== 'History') {
      throw new ApiError('ValidationException', 'State must be Active or History.');
    }
    const { account } = this.#inventory.fleet;
    const sessions = [...this.#sessions.records.values()]
      .filter(({ gateway }) => (gateway.state === 'closed') === LISTED_STATES[state])
      .map(({ id, target, gateway }) => ({
        SessionId: id,
        Target: target,
        Status: STATUS[gateway.state],
        StartDate: gateway.startedAt / 1000,
        DocumentName: DOCUMENT,
        Owner: `arn:aws:iam::${account}:user/simulator`,
      }));
    return { Sessions: sessions };
  }

  #connectionStatus(input: ApiInput): object {
    const target = input.text('Target') ?? '';
    const isConnected = this.#inventory.fleet.clusters.some((cluster) =>
      this.#inventory
        .tasks(cluster)
        .some((task) =>
          task.containers.some(
            (container) =>
              container.isConnected &&
              container.agentStatus === 'RUNNING' &&
              this.#inventory.target(cluster, task, container) === target,
          ),
        ),
    );
    return { Target: target, Status: isConnected ? 'connected' : 'notconnected' };
  }

  #require(input: ApiInput): SessionRecord {
    const id = input.text('SessionId') ?? '';
    const record = this.#sessions.records.get(id);
    if (record !== undefined) return record;
    throw new ApiError('DoesNotExistException', `Session ${id} does not exist.`);
  }
}

const STATUS = {
  connected: 'Connected',
  disconnected: 'Disconnected',
  closed: 'Terminated',
} as const;
