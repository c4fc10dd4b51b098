import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Clock } from '#domain/ports/system-ports.ts';
import { type ApiCall, ApiServer } from '#simulator/api/api-server.ts';
import { CONTROL_PREFIX, handleControl } from '#simulator/api/control.ts';
import { createAccessKey } from '#simulator/api/credentials.ts';
import { doorRefusal } from '#simulator/api/door.ts';
import {
  createOperations,
  globalOperations,
  type OperationServices,
} from '#simulator/api/operations.ts';
import { RoleStore } from '#simulator/api/roles.ts';
import { Containers } from '#simulator/container/containers.ts';
import type { Fleet } from '#simulator/fleet/fleet.ts';
import { Inventory } from '#simulator/fleet/inventory.ts';
import type { Faults } from '#simulator/gateway/faults.ts';
import { Gateway } from '#simulator/gateway/gateway.ts';
import { randomSequence } from '#simulator/gateway/relay.ts';
import { SessionBook } from '#simulator/gateway/session-book.ts';
import { commandRequest } from '#simulator/gateway/session-request.ts';
import { PortNetworks } from '#simulator/ports/port-network.ts';
import { Buckets } from '#simulator/services/buckets.ts';
import { openContainerLog } from '#simulator/services/container-log.ts';
import { ExecAgents } from '#simulator/services/exec-agent.ts';
import { KeyStore } from '#simulator/services/kms-operations.ts';
import { destinationRefusal } from '#simulator/services/log-destination.ts';
import { SimulatedLogGroups } from '#simulator/services/log-groups.ts';
import { LogStore } from '#simulator/services/log-store.ts';
import { recordSession } from '#simulator/services/session-recording.ts';
import { TaskLife } from '#simulator/tasks/task-life.ts';

/** The simulator listens only on this address. */
export const HOST = '127.0.0.1';

export interface AccountOptions {
  readonly fleet: Fleet;
  /** The environment that container processes start from; PATH also finds `setsid`. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly log: (line: string) => void;
  readonly clock: Clock;
}

/** The simulated account: all services, sessions and containers, and the request checks in front of them. */
export class SimulatedAccount {
  readonly calls: ApiCall[] = [];
  readonly key = createAccessKey();
  readonly sessions: SessionBook;
  readonly #options: AccountOptions;
  readonly #inventory: Inventory;
  readonly #stores: Stores;
  readonly #containers: Containers;
  readonly #networks: PortNetworks;
  readonly #life: TaskLife;
  readonly #gateway: Gateway;
  readonly #api: ApiServer;
  #startContainers: () => void = () => undefined;
  #faults: Faults;
  #random: () => number;
  #port = 0;

  constructor(options: AccountOptions) {
    const { fleet, env } = options;
    this.#options = options;
    this.#faults = fleet.faults;
    this.#random = randomSequence(fleet.faults.seed);
    this.#inventory = new Inventory(fleet);
    this.#stores = createStores(this.#inventory);
    this.#networks = new PortNetworks(fleet.hosts);
    this.#containers = new Containers({
      inventory: this.#inventory,
      hostEnv: env,
      metadataBase: () => `${this.endpoint}/v4/`,
      openLog: (place) =>
        openContainerLog(place, { fleet, now: () => this.#now(), ...this.#stores }),
    });
    this.sessions = this.#createSessions();
    this.#life = this.#createLife();
    this.#gateway = this.#createGateway();
    this.#api = this.#createApi();
  }

  /** Makes the account reachable at this port of 127.0.0.1, and starts its containers. */
  open(port: number): void {
    this.#port = port;
    this.#startContainers();
    for (const { place, session } of this.#inventory.sessions()) {
      this.sessions.start(place, commandRequest(session.command), session.owner);
    }
  }

  get endpoint(): string {
    return `http://${HOST}:${this.#port}`;
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const refusal = doorRefusal(request);
      if (refusal !== undefined) this.#refuse(request, response, refusal);
      else if (request.url?.startsWith(CONTROL_PREFIX) === true) {
        await handleControl(this.#controlTarget(), request, response);
      } else await this.#api.handle(request, response);
    } catch {
      // The caller disconnected during its request.
      response.destroy();
    }
  }

  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    // Without a listener, a client that resets the connection would end this process.
    socket.on('error', () => socket.destroy());
    const refusal = doorRefusal(request);
    if (refusal === undefined) {
      this.#gateway.upgrade(request, socket, head);
      return;
    }
    this.#options.log(`refused an upgrade: ${refusal}`);
    socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
  }

  setFaults(faults: Faults): void {
    this.#faults = faults;
    this.#random = randomSequence(faults.seed);
  }

  async stop(): Promise<void> {
    await this.#life.halt();
    await this.sessions.stop();
    await this.#networks.stop();
    this.#gateway.close();
    await this.#containers.stop();
  }

  /** Does not read the body, so the connection cannot be reused. */
  #refuse(request: IncomingMessage, response: ServerResponse, reason: string): void {
    this.#options.log(`refused ${request.method} from another host or a web page`);
    response.writeHead(403, { 'content-type': 'text/plain', connection: 'close' });
    response.end(`${reason}\n`);
  }

  #controlTarget() {
    return {
      secret: this.key.secretAccessKey,
      records: this.sessions.records,
      calls: this.calls,
      setFaults: (faults: Faults) => this.setFaults(faults),
    };
  }

  #createSessions(): SessionBook {
    const { clock, log, env } = this.#options;
    return new SessionBook({
      inventory: this.#inventory,
      clock,
      keys: this.#stores.keys,
      networks: this.#networks,
      logRefusal: (cluster) => destinationRefusal(cluster, this.#stores),
      record: (place, sessionId) =>
        recordSession(place, sessionId, {
          ...this.#stores,
          region: this.#options.fleet.region,
          now: () => this.#now(),
        }),
      mayDecrypt: (place) => this.#stores.agents.mayDecrypt(place),
      log,
      faults: () => this.#faults,
      random: () => this.#random(),
      streamBase: () => this.endpoint.replace('http:', 'ws:'),
      hostEnv: env,
      spaces: this.#containers.spaces,
    });
  }

  #createLife(): TaskLife {
    return new TaskLife({
      clock: this.#options.clock,
      onStopped: (task) => {
        this.sessions.endTask(task.id);
        this.#containers.end(task);
      },
      startContainer: (task, container) => this.#containers.start(task, container),
      checkHealth: (task, container) => this.#containers.checkHealth(task, container),
      agentFate: (task, container) => this.#stores.agents.fateOf(task, container),
    });
  }

  #createGateway(): Gateway {
    const { fleet, log } = this.#options;
    return new Gateway({
      fleet,
      log,
      key: this.key,
      now: () => this.#now(),
      sessions: this.sessions.gateways,
      faults: () => this.#faults,
    });
  }

  #createApi(): ApiServer {
    const { fleet, log, clock } = this.#options;
    const services: OperationServices = {
      ...this.#stores,
      sessions: this.sessions,
      clock,
      life: this.#life,
      faults: () => this.#faults,
    };
    const operations = createOperations(this.#inventory, services);
    this.#startContainers = operations.startContainers;
    const elsewhere = new Inventory({ ...fleet, clusters: [] });
    return new ApiServer({
      fleet,
      now: () => this.#now(),
      key: this.key,
      buckets: this.#stores.buckets,
      operations,
      elsewhere: createOperations(elsewhere, {
        ...services,
        groups: new SimulatedLogGroups(elsewhere),
        logs: new LogStore(),
      }),
      global: globalOperations(fleet, this.#stores.roles),
      onCall: (call) => {
        this.calls.push(call);
        log(`api: ${call.operation}${call.error === undefined ? '' : `: ${call.error}`}`);
      },
    });
  }

  #now(): number {
    return this.#options.clock.now();
  }
}

/** The state of the services. */
interface Stores {
  readonly keys: KeyStore;
  readonly groups: SimulatedLogGroups;
  readonly logs: LogStore;
  readonly roles: RoleStore;
  readonly buckets: Buckets;
  readonly agents: ExecAgents;
}

function createStores(inventory: Inventory): Stores {
  const roles = new RoleStore(inventory.fleet);
  return {
    roles,
    keys: new KeyStore(),
    groups: new SimulatedLogGroups(inventory),
    logs: new LogStore(),
    buckets: new Buckets(inventory.fleet),
    agents: new ExecAgents(inventory, roles),
  };
}
