import { randomInt } from 'node:crypto';
import type { Clock } from '#domain/ports/system-ports.ts';
import { AgentSession } from '#simulator/agent/agent-session.ts';
import type { SessionPlugin } from '#simulator/agent/session-plugin.ts';
import { type SessionRecording, TerminalPlugin } from '#simulator/agent/terminal-plugin.ts';
import { callerName } from '#simulator/api/denial.ts';
import type { ContainerProcess } from '#simulator/container/container-process.ts';
import type { ContainerSpaces } from '#simulator/container/container-space.ts';
import type { FleetCluster } from '#simulator/fleet/fleet.ts';
import type { Inventory, TargetPlace } from '#simulator/fleet/inventory.ts';
import type { PortNetworks } from '#simulator/ports/port-network.ts';
import { PortPlugin } from '#simulator/ports/port-plugin.ts';
import type { KeyStore } from '#simulator/services/kms-operations.ts';
import type { Faults } from './faults.ts';
import { GatewaySession } from './gateway-session.ts';
import type { SessionRequest } from './session-request.ts';
import { SessionSlots } from './session-slots.ts';

/** Session id, stream URL and token: a client needs them to join a session (PROTOCOL 1.2). */
export interface SessionTicket {
  readonly sessionId: string;
  readonly streamUrl: string;
  readonly tokenValue: string;
}

/** One session, for control calls and tests. */
export interface SessionRecord {
  readonly id: string;
  readonly target: string;
  readonly container: string;
  /** The ARN of its caller. */
  readonly owner: string;
  readonly request: SessionRequest;
  readonly gateway: GatewaySession;
  /** Undefined until the command runs. */
  process: ContainerProcess | undefined;
}

export interface SessionBookOptions {
  readonly spaces: ContainerSpaces;
  readonly hostEnv: Readonly<Record<string, string | undefined>>;
  readonly inventory: Inventory;
  readonly clock: Clock;
  readonly keys: KeyStore;
  readonly networks: PortNetworks;
  /** The agent's error if the cluster's log destination must be encrypted but is not. */
  readonly logRefusal: (cluster: FleetCluster) => string | undefined;
  readonly record: (place: TargetPlace, sessionId: string) => SessionRecording | undefined;
  /** Whether the task role can decrypt with the session key. */
  readonly mayDecrypt: (place: TargetPlace) => boolean;
  readonly faults: () => Faults;
  readonly random: () => number;
  readonly log: (line: string) => void;
  /** `ws://127.0.0.1:port` */
  readonly streamBase: () => string;
}

interface Live {
  readonly record: SessionRecord;
  readonly agent: AgentSession;
  readonly finished: Promise<void>;
}

/** Starts, records and ends sessions. */
export class SessionBook {
  readonly #options: SessionBookOptions;
  readonly #live = new Map<string, Live>();
  readonly #slots = new Map<string, SessionSlots>();
  /** All sessions so far, oldest first. */
  readonly records = new Map<string, SessionRecord>();
  readonly gateways = new Map<string, GatewaySession>();

  constructor(options: SessionBookOptions) {
    this.#options = options;
  }

  /** Starts a session at once, before any client connects (O-4). */
  start(
    place: TargetPlace,
    request: SessionRequest,
    owner = this.#options.inventory.fleet.caller.arn,
  ): SessionTicket {
    const { inventory, clock, faults, random } = this.#options;
    const id = `${prefixOf(request, owner)}-${randomName(26)}`;
    const target = inventory.target(place.cluster, place.task, place.container);
    const agent = this.#createAgent(id, target, place, request);
    const gateway = new GatewaySession({
      id,
      target,
      clock,
      faults,
      random,
      onCancel: () => agent.cancel(),
      agentBacklog: () => agent.backlog,
      idleTimeoutMs: () => this.#idleTimeoutOf(request),
    });
    const record: SessionRecord = {
      id,
      target,
      container: place.container.name,
      owner,
      request,
      gateway,
      process: undefined,
    };
    this.records.set(id, record);
    this.gateways.set(id, gateway);
    this.#live.set(id, { record, agent, finished: this.#run(id, target, agent, gateway) });
    return { sessionId: id, streamUrl: this.streamUrl(id), tokenValue: gateway.token ?? '' };
  }

  streamUrl(id: string): string {
    return `${this.#options.streamBase()}/v1/data-channel/${id}?role=publish_subscribe`;
  }

  countLive({ cluster, task, container }: TargetPlace): number {
    const target = this.#options.inventory.target(cluster, task, container);
    return [...this.#live.values()].filter(({ record }) => record.target === target).length;
  }

  /** Ends the sessions in the containers of a stopping task. */
  endTask(taskId: string): void {
    for (const { record, agent } of this.#live.values()) {
      if (record.target.includes(`_${taskId}_`)) agent.cancel();
    }
  }

  /** Ends all sessions; resolves when their workers have ended. */
  async stop(): Promise<void> {
    const live = [...this.#live.values()];
    for (const { agent } of live) agent.cancel();
    for (const gateway of this.gateways.values()) gateway.destroy();
    await Promise.all(live.map(({ finished }) => finished));
  }

  #createAgent(
    id: string,
    target: string,
    place: TargetPlace,
    request: SessionRequest,
  ): AgentSession {
    const { inventory, clock, log } = this.#options;
    return new AgentSession({
      sessionId: id,
      plugin: this.#createPlugin(id, place, request),
      encryption: this.#encryption(this.#keyOf(place, request), place, target),
      clock,
      timings: inventory.fleet.timings,
      log,
      connect: (receiver) => {
        const gateway = this.gateways.get(id);
        if (gateway === undefined) throw new Error(`no session ${id}`);
        return gateway.attachAgent(receiver);
      },
    });
  }

  /** The account's session preferences apply only to StartSession. */
  #idleTimeoutOf({ kind }: SessionRequest): number {
    const { idleTimeoutMs } = this.#options.faults();
    if (kind === 'command') return idleTimeoutMs;
    return this.#options.inventory.fleet.sessionPreferences.idleTimeoutMs ?? idleTimeoutMs;
  }

  #createPlugin(id: string, place: TargetPlace, request: SessionRequest): SessionPlugin {
    const { cluster, task, container } = place;
    if (request.kind === 'port') {
      const name = `${cluster.name}/${task.family}@${container.name}`;
      const network = this.#options.networks.of(name, container.ports);
      return new PortPlugin(request.properties, network);
    }
    const isExec = request.kind === 'command';
    return new TerminalPlugin({
      ...this.#programOf(request),
      space: () => this.#options.spaces.of(task, container),
      workdir: container.workdir ?? '/',
      hostPath: this.#options.hostEnv.PATH ?? '',
      // The cluster's log configuration applies only to ExecuteCommand.
      logRefusal: () => (isExec ? this.#options.logRefusal(cluster) : undefined),
      recording: isExec ? this.#options.record(place, id) : undefined,
      onStarted: (process) => {
        const record = this.records.get(id);
        if (record !== undefined) record.process = process;
      },
    });
  }

  /** Session type, command, and text to type into it. */
  #programOf(request: Exclude<SessionRequest, { kind: 'port' }>) {
    if (request.kind === 'command') {
      return { sessionType: 'InteractiveCommands', command: request.command } as const;
    }
    const { sessionType, parameters } = request;
    if (sessionType === 'InteractiveCommands') {
      return { sessionType, command: parameters.command ?? '' };
    }
    const { shellProfile } = this.#options.inventory.fleet.sessionPreferences;
    const typed = shellProfile === undefined ? undefined : `${shellProfile}\n`;
    return { sessionType, command: 'sh', typed };
  }

  /** Port sessions are never encrypted, even with a key (PROTOCOL 6). */
  #keyOf(place: TargetPlace, { kind }: SessionRequest): string | undefined {
    if (kind === 'port') return undefined;
    if (kind === 'command') return place.cluster.kmsKeyId;
    return this.#options.inventory.fleet.sessionPreferences.kmsKeyId;
  }

  async #run(
    id: string,
    target: string,
    agent: AgentSession,
    gateway: GatewaySession,
  ): Promise<void> {
    const release = await this.#slotsOf(target).take();
    try {
      gateway.close(await agent.run());
    } catch (error) {
      // This is a bug in the simulator: report it visibly.
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
      this.#options.log(`session ${id}: ${text}`);
      gateway.close(text);
    } finally {
      release();
      this.#live.delete(id);
    }
  }

  #slotsOf(target: string): SessionSlots {
    const slots =
      this.#slots.get(target) ??
      new SessionSlots(this.#options.inventory.fleet.sessionLimit.perContainer);
    this.#slots.set(target, slots);
    return slots;
  }

  #encryption(kmsKeyId: string | undefined, place: TargetPlace, target: string) {
    const { keys, faults, mayDecrypt } = this.#options;
    const { plainAgent, otherTarget, otherKey } = faults();
    if (kmsKeyId === undefined || plainAgent) return undefined;
    return {
      keyId: otherKey || kmsKeyId,
      target: otherTarget ? `${target}-before` : target,
      hasChallenge: true,
      decrypt: (ciphertext: string, context: Readonly<Record<string, string>>) => {
        if (mayDecrypt(place)) return keys.decrypt(ciphertext, context);
        throw new Error(
          'AccessDeniedException: The role of the task is not authorized to perform: kms:Decrypt',
        );
      },
    };
  }
}

/** ECS sessions have a fixed name prefix; others are named after the caller (PROTOCOL 1.5, W-2). */
function prefixOf(request: SessionRequest, callerArn: string): string {
  if (request.kind === 'command') return 'ecs-execute-command';
  return callerName(callerArn);
}

const LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789';

function randomName(length: number): string {
  return Array.from({ length }, () => LETTERS.charAt(randomInt(LETTERS.length))).join('');
}
