import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import { type AgentMessage, MessageType, PayloadType } from '#protocol/message.ts';
import { encodeMessage } from '#protocol/message-codec.ts';
import { plainEnvironment } from './e2e.ts';
import { ECSH, type Finished, Program } from './program.ts';
import { rounds } from './rounds.ts';

const TASK = 'arn:aws:ecs:us-east-1:123456789012:task/prod/0f9de17a6465404e8b1b2356dc13c2f8';
const CLUSTER = 'arn:aws:ecs:us-east-1:123456789012:cluster/prod';

interface HostileAws {
  /** Answers a call instead of the default handler; false: use the default. */
  readonly onCall?: (operation: string, response: ServerResponse) => boolean;
  /** The gateway's side of every websocket. */
  readonly onSocket?: (socket: WebSocket) => void;
  /** Replaces the gateway's own address. */
  readonly streamUrl?: string;
}

/** A misbehaving AWS, and the built program against it. */
class HostileLab {
  readonly env: Readonly<Record<string, string>>;
  readonly calls: string[] = [];
  readonly #server: Server;
  readonly #sockets: WebSocketServer;
  readonly #options: HostileAws;

  private constructor(server: Server, options: HostileAws) {
    this.#server = server;
    this.#options = options;
    const { port } = server.address() as AddressInfo;
    this.env = {
      ...plainEnvironment('/'),
      AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
      AWS_SECRET_ACCESS_KEY: 'secret',
    };
    this.#sockets = new WebSocketServer({ server, maxPayload: 0 });
    this.#sockets.on('connection', (socket) => {
      socket.on('error', () => undefined);
      options.onSocket?.(socket);
    });
    server.on('request', (request, response) => this.#answer(request, response));
  }

  static async start(options: HostileAws): Promise<HostileLab> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new HostileLab(server, options);
  }

  run(...args: readonly string[]): Program {
    return new Program([...ECSH, ...args], { env: this.env });
  }

  stop(): void {
    for (const socket of this.#sockets.clients) socket.terminate();
    this.#server.closeAllConnections();
    this.#server.close();
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    request.resume();
    response.on('error', () => undefined);
    const operation = String(request.headers['x-amz-target']).split('.').at(-1) ?? '';
    this.calls.push(operation);
    if (this.#options.onCall?.(operation, response)) return;
    response.writeHead(200, { 'content-type': 'application/x-amz-json-1.1' });
    response.end(JSON.stringify(this.#usual(operation)));
  }

  #usual(operation: string): object {
    const { port } = this.#server.address() as AddressInfo;
    const agent = { name: 'ExecuteCommandAgent', lastStatus: 'RUNNING' };
    const container = {
      name: 'app',
      runtimeId: 'r-1',
      lastStatus: 'RUNNING',
      managedAgents: [agent],
    };
    const task = {
      taskArn: TASK,
      clusterArn: CLUSTER,
      lastStatus: 'RUNNING',
      desiredStatus: 'RUNNING',
    };
    const { streamUrl = `ws://127.0.0.1:${port}/v1/data-channel/s-1` } = this.#options;
    const usual: Readonly<Record<string, object>> = {
      ListTasks: { taskArns: [TASK] },
      DescribeTasks: { tasks: [{ ...task, enableExecuteCommand: true, containers: [container] }] },
      DescribeClusters: { clusters: [{ clusterArn: CLUSTER, clusterName: 'prod' }] },
      ExecuteCommand: { session: { sessionId: 's-1', streamUrl, tokenValue: 'the-token' } },
    };
    return usual[operation] ?? {};
  }
}

/** A frame from the agent. */
export function agentFrame(
  sequenceNumber: number,
  payload: Uint8Array,
  changes: Partial<AgentMessage> = {},
) {
  return encodeMessage({
    messageType: MessageType.output,
    createdDate: 1_735_689_600_000,
    sequenceNumber,
    flags: 0,
    messageId: '00112233-4455-4677-8899-aabbccddeeff',
    payloadType: PayloadType.output,
    payload,
    ...changes,
  });
}

/** The maximum memory of a program, in MB, as a table in SECURITY.md promises. */
export const PEAK_MB = 150;

interface Watched {
  /** Undefined: it was still running at the time limit, and was ended. */
  readonly finished: Finished | undefined;
  readonly peakMb: number;
}

/** Runs a program up to a time limit, and records its peak memory. */
async function watchMemory(program: Program, limitMs: number): Promise<Watched> {
  let peakMb = 0;
  const look = () => {
    try {
      const status = readFileSync(`/proc/${program.pid}/status`, 'utf8');
      peakMb = Math.max(peakMb, Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1000);
    } catch {
      // It has ended.
    }
  };
  const timer = setInterval(look, 50);
  let end: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    end = setTimeout(() => resolve(undefined), limitMs);
  });
  const finished = await Promise.race([program.finished, late]);
  look();
  clearInterval(timer);
  clearTimeout(end);
  if (finished === undefined) {
    program.signal('SIGKILL');
    await program.finished;
  }
  return { finished, peakMb };
}

/** The duration of an attack, in milliseconds. */
const ATTACK_MS = 8_000;
/** The minimum for an endless attack: memory peaks after a second of CPU time. */
const MIN_ATTACK_MS = 2_000;
export const EXEC = ['exec', 'prod/web', '--', 'true'];

/** Runs the built program against such an AWS, until it ends or the time limit. */
export async function attack(
  options: HostileAws,
  args: readonly string[] = EXEC,
  limitMs = ATTACK_MS,
) {
  const lab = await HostileLab.start(options);
  onTestFinished(() => lab.stop());
  return { lab, ...(await watchMemory(lab.run(...args), limitMs)) };
}

/** Runs it against a gateway that floods it endlessly; shorter without ECSH_FUZZ=1. */
export function endlessAttack(onSocket: (socket: WebSocket) => void) {
  return attack({ onSocket }, EXEC, Math.max(MIN_ATTACK_MS, rounds(ATTACK_MS)));
}
