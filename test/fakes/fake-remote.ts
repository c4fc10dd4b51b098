import { EcshError } from '#domain/errors/errors.ts';
import type { ExecuteCommandRequest } from '#domain/ports/ecs-ports.ts';
import type { ExecSession, PortSessionRequest, SsmApi } from '#domain/ports/session-ports.ts';
import { assertReady, type ReadyTarget } from '#domain/readiness/readiness.ts';
import type { Task } from '#domain/resolve/task.ts';
import type { LinkOptions, SessionPorts } from '#session/session-options.ts';
import { FakeAgent } from './fake-agent.ts';
import { fakeEcs } from './fake-ecs.ts';
import { type FakeTransport, fakeTransports } from './fake-transport.ts';
import { ManualClock } from './manual-clock.ts';
import { sampleTask } from './sample-task.ts';

export const SESSION: ExecSession = {
  sessionId: 'ecs-execute-command-0f9de17a6465404e8',
  streamUrl: 'wss://ssmmessages.example/v1/data-channel/s-1',
  tokenValue: 'the-token',
};

export const LINK: LinkOptions = {
  clusterKeyId: undefined,
  allowsForeignKey: false,
  resumeLimitMs: 0,
  keepAliveMs: undefined,
  watchesTask: false,
};

/** A container for sessions, and AWS around it. */
export class FakeRemote {
  readonly clock: ManualClock;
  readonly requests: ExecuteCommandRequest[] = [];
  readonly portRequests: PortSessionRequest[] = [];
  readonly terminated: string[] = [];
  /** The sessions that the watcher would end now. */
  readonly guarded = new Set<string>();
  /** The errors of ExecuteCommand and StartSession, one call after the other. */
  readonly failures: EcshError[] = [];
  /** Runs before ExecuteCommand and StartSession answer. */
  beforeStart: () => Promise<void> = () => Promise.resolve();
  /** The outcome of TerminateSession. */
  termination: () => Promise<void> = () => Promise.resolve();
  /** Runs as soon as the websocket is open. */
  onOpen: (agent: FakeAgent) => void = () => undefined;
  /** Opening the websocket fails. */
  openFailure: Error | undefined;
  ports: SessionPorts;
  /** The remote ends of all sessions. */
  readonly agents: FakeAgent[] = [];
  #transport: FakeTransport | undefined;

  constructor(tasks: readonly Task[] = [sampleTask('0f9de17a6465404e8b1b2356dc13c2f8')]) {
    this.clock = new ManualClock();
    const transports = fakeTransports((transport) => {
      this.#transport = transport;
      const agent = new FakeAgent(transport);
      this.agents.push(agent);
      this.onOpen(agent);
    });
    const ecs = {
      ...fakeEcs({ clusters: { prod: tasks }, services: ['web'] }),
      executeCommand: async (request: ExecuteCommandRequest) => {
        this.requests.push(request);
        await this.beforeStart();
        const failure = this.failures.shift();
        if (failure !== undefined) throw failure;
        return SESSION;
      },
    };
    const ssm: SsmApi = {
      startPortSession: async (request) => {
        this.portRequests.push(request);
        const sessionId = `port-session-${this.portRequests.length}`;
        await this.beforeStart();
        const failure = this.failures.shift();
        if (failure !== undefined) throw failure;
        return { ...SESSION, sessionId };
      },
      terminateSession: (id: string) => {
        this.terminated.push(id);
        return this.termination();
      },
      // S-16: the session is over.
      resumeSession: async () => undefined,
    };
    this.ports = {
      clock: this.clock,
      guard: {
        prepare: () => undefined,
        watch: (id) => {
          this.guarded.add(id);
          return () => this.guarded.delete(id);
        },
      },
      ecs: async () => ecs,
      ssm: async () => ssm,
      kms: () => Promise.reject(new Error('no key is needed')),
      openTransport: async (url, listener, signal) => {
        if (this.openFailure !== undefined) throw this.openFailure;
        return transports.open(url, listener, signal);
      },
    };
  }

  /** The remote end of the last session. */
  get agent(): FakeAgent {
    const agent = this.agents.at(-1);
    if (agent === undefined) throw new Error('no session has been opened');
    return agent;
  }

  get transport(): FakeTransport {
    if (this.#transport === undefined) throw new Error('no session has been opened');
    return this.#transport;
  }

  /** The NONCE of the script in the container. */
  get nonce(): string {
    const nonce = / ecsh ([0-9a-f]{24}) /.exec(this.requests.at(-1)?.command ?? '')?.[1];
    if (nonce === undefined) throw new Error('the command has no nonce');
    return nonce;
  }

  /** The script on the terminal reports the status of its command. */
  reportStatus(status: number): void {
    this.agent.output(`\u001b]ecsh;${this.nonce};${status}\u0007`);
  }
}

export function readyTarget(
  task: Task = sampleTask('0f9de17a6465404e8b1b2356dc13c2f8'),
): ReadyTarget {
  const [container] = task.containers;
  if (container === undefined) throw new Error('a task has a container');
  return assertReady({
    task,
    container,
    cluster: 'prod',
    notices: [],
    targetId: `ecs:prod_0f9de17a6465404e8b1b2356dc13c2f8_${container.runtimeId}`,
  });
}

/** A temporary failure: the agent is not connected yet. */
export function notConnected(): EcshError {
  return new EcshError('target-not-connected', 'The agent is not connected.', { retryable: true });
}
