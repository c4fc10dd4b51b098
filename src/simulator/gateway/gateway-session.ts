import { randomBytes } from 'node:crypto';
import type { WebSocket } from 'ws';
import type { Clock } from '#domain/ports/system-ports.ts';
import { MessageType } from '#protocol/message.ts';
import type { AgentLink, AgentReceiver } from '#simulator/agent/agent-link.ts';
import { AgentSocket, type CutMoment } from '#simulator/agent/agent-socket.ts';
import { ClientSocket } from './client-socket.ts';
import type { Faults } from './faults.ts';
import { IdleLimit } from './idle-limit.ts';
import { Relay } from './relay.ts';
import {
  channelClosedFrame,
  messageTypeOf,
  publicationFrame,
  serviceFrame,
  spoilDigest,
} from './service-frames.ts';

/** Maximum number of frames that wait for a blocked agent before the client's socket is paused. */
const MAX_BACKLOG = 1024;
/** Grace period for the client to close its socket after channel_closed. */
const CLOSE_GRACE_MS = 1000;

const IDLE_TEXT = 'Your session timed out due to inactivity and has been terminated.';

export interface GatewaySessionOptions {
  readonly id: string;
  readonly target: string;
  readonly clock: Clock;
  readonly faults: () => Faults;
  readonly random: () => number;
  /** Ends the command. */
  readonly onCancel: () => void;
  readonly agentBacklog: () => number;
  readonly idleTimeoutMs: () => number;
}

/**
 * A session as the service sees it: one socket of the client, one of the agent, and the relay between them
 * (PROTOCOL 1). It drops frames that it cannot deliver, and acknowledges nothing itself.
 */
export class GatewaySession {
  readonly id: string;
  readonly target: string;
  readonly startedAt: number;
  /** Milliseconds since the epoch; undefined while it is open. */
  endedAt: number | undefined;
  readonly #options: GatewaySessionOptions;
  readonly #toClient: Relay;
  readonly #toAgent: Relay;
  readonly #idleLimit: IdleLimit;
  #token: string | undefined;
  #client: ClientSocket | undefined;
  #agent: AgentSocket | undefined;
  #farewell: Uint8Array | undefined;
  #isClosed = false;
  /** Counts of frames and opens, for tests. */
  readonly counts = { toClient: 0, toAgent: 0, opens: 0 };
  /** Frames that the client sent while `keepFrames` was on. */
  readonly kept: Uint8Array[] = [];

  constructor(options: GatewaySessionOptions) {
    this.#options = options;
    this.id = options.id;
    this.target = options.target;
    this.startedAt = options.clock.now();
    this.#token = newToken();
    const { clock, faults, random } = options;
    this.#toClient = new Relay({
      clock,
      faults,
      random,
      deliver: (frame) => this.#sendToClient(frame),
    });
    this.#toAgent = new Relay({
      clock,
      faults,
      random,
      deliver: (frame) => this.#agent?.receive(frame),
    });
    this.#idleLimit = new IdleLimit({
      clock,
      timeoutMs: options.idleTimeoutMs,
      onIdle: () => this.close(IDLE_TEXT),
    });
  }

  get state(): 'connected' | 'disconnected' | 'closed' {
    if (this.#isClosed) return 'closed';
    return this.#client === undefined ? 'disconnected' : 'connected';
  }

  get token(): string | undefined {
    return this.#token;
  }

  /** Issues a new token for ResumeSession and revokes the old one; undefined once the session has ended. */
  renewToken(): string | undefined {
    this.#token = this.#isClosed ? undefined : newToken();
    return this.#token;
  }

  /** Whether this token opens the session; each token works once (S-17). */
  useToken(token: string): boolean {
    if (this.#token !== token || this.#options.faults().expireTokens) return false;
    this.#token = undefined;
    return true;
  }

  attachAgent(receiver: AgentReceiver): AgentLink {
    const { clock, faults, random } = this.#options;
    const agent = new AgentSocket({
      receiver,
      clock,
      faults,
      random,
      onFrame: (frame) => this.#fromAgent(frame),
      onBroken: () => this.#notifyClient(false),
      onConnected: () => this.#publish(),
    });
    this.#agent = agent;
    // The agent needs its link first, or it would miss pause_publication.
    queueMicrotask(() => this.#publish());
    return {
      send: (frame) => agent.send(frame),
      whenWritable: () => this.#client?.whenWritable() ?? Promise.resolve(),
      close: () => this.#detachAgent(agent),
    };
  }

  /** Disconnects the agent, which reconnects after `agentAwayMs`. */
  cutAgent(moment: CutMoment): void {
    this.#agent?.cut(moment);
  }

  attachClient(webSocket: WebSocket): void {
    const { clock, faults } = this.#options;
    const before = this.#client;
    const client = new ClientSocket(webSocket, clock);
    this.#client = client;
    this.counts.opens += 1;
    if (this.#farewell !== undefined) {
      this.#sendToClient(this.#farewell);
      client.closeAfter(CLOSE_GRACE_MS);
      return;
    }
    before?.close(1000, 'replaced');
    webSocket.on('message', (data, isBinary) => this.#fromClient(client, data, isBinary));
    webSocket.on('close', () => this.#detachClient(client));
    const { cutEveryMs } = faults();
    if (cutEveryMs > 0) client.terminateAfter(cutEveryMs);
    if (this.#agent !== undefined) this.#publish();
  }

  /** Ends the session: sends `channel_closed` to both ends, after frames already in flight (PROTOCOL 3.2). */
  close(output: string): void {
    if (this.#isClosed) return;
    const { clock, onCancel, id, target } = this.#options;
    const frame = channelClosedFrame({ sessionId: id, target, output }, clock.now());
    this.#toClient.push(frame);
    this.#isClosed = true;
    this.endedAt = clock.now();
    // A client that has not connected yet may still do so; it receives channel_closed at once.
    if (this.counts.opens === 0) this.#farewell = frame;
    else this.#token = undefined;
    this.#idleLimit.cancel();
    onCancel();
    this.#client?.closeAfter(CLOSE_GRACE_MS);
  }

  /** Disconnects the client without a closing handshake. */
  cut(): void {
    this.#client?.terminate();
  }

  /** The client's socket stays open but goes silent, pongs included (W-3). */
  freeze(): void {
    this.#client?.freeze();
  }

  /** Sends the client a frame unchanged. */
  inject(frame: Uint8Array): void {
    this.#sendToClient(frame);
  }

  /** Closes sockets and clears timers at once. */
  destroy(): void {
    this.#isClosed = true;
    this.#idleLimit.cancel();
    this.#toClient.stop();
    this.#toAgent.stop();
    this.#client?.terminate();
    this.#agent?.close();
  }

  #fromAgent(frame: Uint8Array): void {
    if (this.#isClosed) return;
    const type = messageTypeOf(frame);
    // Meant for the service, not for the client (PROTOCOL 3.8).
    if (type === MessageType.sessionState) return;
    if (type === MessageType.output) this.#idleLimit.noteActivity();
    const { corrupt } = this.#options.faults();
    const isSpoilt = corrupt > 0 && this.#options.random() < corrupt;
    this.#toClient.push(isSpoilt ? spoilDigest(frame) : frame);
  }

  #fromClient(client: ClientSocket, data: unknown, isBinary: boolean): void {
    if (this.#isClosed) return;
    if (!isBinary || !Buffer.isBuffer(data)) {
      client.close(1003, 'binary frames only');
      return;
    }
    if (messageTypeOf(data) === MessageType.input) this.#idleLimit.noteActivity();
    this.counts.toAgent += 1;
    if (this.#options.faults().keepFrames) this.kept.push(data);
    this.#toAgent.push(data);
    const { agentBacklog } = this.#options;
    if (agentBacklog() > MAX_BACKLOG) client.holdUntil(() => agentBacklog() <= MAX_BACKLOG / 2);
  }

  #sendToClient(frame: Uint8Array): void {
    if (this.#client?.send(frame) === true) this.counts.toClient += 1;
  }

  #detachAgent(agent: AgentSocket): void {
    agent.close();
    this.#agent = undefined;
    this.#notifyClient(false);
  }

  /** Notifies the client that the agent has connected or disconnected (PROTOCOL 3.3). */
  #notifyClient(isOn: boolean): void {
    if (this.#isClosed) return;
    this.#toClient.push(publicationFrame(isOn, this.#options.clock.now()));
  }

  #detachClient(client: ClientSocket): void {
    if (this.#client !== client) return;
    this.#client = undefined;
    if (!this.#isClosed) this.#publishToAgent(false);
  }

  /** Notifies both ends whether the other end is connected (PROTOCOL 3.3). */
  #publish(): void {
    const hasClient = this.#client !== undefined;
    this.#publishToAgent(hasClient);
    if (!hasClient || this.#agent?.isConnected === false) return;
    const now = this.#options.clock.now();
    if (this.#options.faults().unknownTypes) {
      this.#sendToClient(serviceFrame('service_announcement', '{}', now));
    }
    this.#sendToClient(publicationFrame(true, now));
  }

  #publishToAgent(isOn: boolean): void {
    this.#agent?.receive(publicationFrame(isOn, this.#options.clock.now()));
  }
}

function newToken(): string {
  return `AAEAA${randomBytes(240).toString('base64')}`;
}
