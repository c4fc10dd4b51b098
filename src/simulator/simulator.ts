import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { EcshError } from '#domain/errors/errors.ts';
import type { Clock } from '#domain/ports/system-ports.ts';
import { type ApiCall, ApiServer } from '#simulator/api/api-server.ts';
import { CONTROL_PREFIX, handleControl } from '#simulator/api/control.ts';
import { createAccessKey } from '#simulator/api/credentials.ts';
import { doorRefusal } from '#simulator/api/door.ts';
import { createOperations, globalOperations } from '#simulator/api/operations.ts';
import { RoleStore } from '#simulator/api/roles.ts';
import { ContainerSpaces } from '#simulator/container/container-space.ts';
import { ContainerStarter } from '#simulator/container/container-starter.ts';
import { killMarkedProcesses } from '#simulator/container/process-tree.ts';
import { loadPtyLibrary } from '#simulator/container/pty-binding.ts';
import type { Fleet, FleetContainer } from '#simulator/fleet/fleet.ts';
import { Inventory } from '#simulator/fleet/inventory.ts';
import type { Faults } from '#simulator/gateway/faults.ts';
import { Gateway } from '#simulator/gateway/gateway.ts';
import { randomSequence } from '#simulator/gateway/relay.ts';
import { SessionBook, type SessionRecord } from '#simulator/gateway/session-book.ts';
import { commandRequest } from '#simulator/gateway/session-request.ts';
import { PortNetworks } from '#simulator/ports/port-network.ts';
import { Buckets } from '#simulator/services/buckets.ts';
import { openContainerLog } from '#simulator/services/container-log.ts';
import { ExecAgents } from '#simulator/services/exec-agent.ts';
import { KeyStore } from '#simulator/services/kms-operations.ts';
import { destinationRefusal } from '#simulator/services/log-destination.ts';
import { LogGroups } from '#simulator/services/log-groups.ts';
import { LogStore } from '#simulator/services/log-store.ts';
import { TaskLife } from '#simulator/tasks/task-life.ts';
import { systemClock } from './clock.ts';

/** Real containers have this variable too; here it also marks our processes. */
const MARKER = 'ECS_CONTAINER_METADATA_URI_V4';
const HOST = '127.0.0.1';

export interface SimulatorOptions {
  readonly fleet: Fleet;
  /** 0, the default, is any free port. */
  readonly port?: number;
  /** The environment that container processes start from; PATH also finds `setsid`. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly log?: (line: string) => void;
  readonly clock?: Clock;
}

/** A running simulator. */
export interface Simulator {
  /** `http://127.0.0.1:PORT`, for all services. */
  readonly endpoint: string;
  readonly region: string;
  /** Variables that make the AWS CLI and SDKs use it. */
  readonly environment: Readonly<Record<string, string>>;
  /** Every API call, oldest first. */
  readonly calls: readonly ApiCall[];
  /** All sessions so far, oldest first, by id. */
  readonly sessions: ReadonlyMap<string, SessionRecord>;
  /** Applies faults to every frame of every session from now on. */
  setFaults(faults: Faults): void;
  /** Ends every child process, socket and timer. */
  stop(): Promise<void>;
}

/**
 * Starts a small AWS on loopback: API, message gateway, and agents whose containers are processes of
 * this machine.
 *
 * @throws EcshError `pty-missing`, or `port-in-use`
 */
export async function startSimulator(options: SimulatorOptions): Promise<Simulator> {
  await loadPtyLibrary();
  const account = new SimulatedAccount(options);
  const server = createServer((request, response) => void account.handle(request, response));
  server.on('upgrade', (request, socket, head) => account.upgrade(request, socket, head));
  const port = await listen(server, options.port ?? 0);
  account.open(port);
  return {
    endpoint: account.endpoint,
    region: options.fleet.region,
    environment: {
      AWS_ENDPOINT_URL: account.endpoint,
      AWS_ACCESS_KEY_ID: account.key.accessKeyId,
      AWS_SECRET_ACCESS_KEY: account.key.secretAccessKey,
      AWS_REGION: options.fleet.region,
      AWS_DEFAULT_REGION: options.fleet.region,
    },
    calls: account.calls,
    sessions: account.sessions.records,
    setFaults: (faults) => account.setFaults(faults),
    stop: async () => {
      await account.stop();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** The simulated account: all services, sessions and containers. */
class SimulatedAccount {
  readonly calls: ApiCall[] = [];
  readonly key = createAccessKey();
  readonly sessions: SessionBook;
  readonly #gateway: Gateway;
  readonly #log: (line: string) => void;
  readonly #api: ApiServer;
  readonly #life: TaskLife;
  readonly #startContainers: () => void;
  readonly #networks: PortNetworks;
  readonly #spaces: ContainerSpaces;
  readonly #inventory: Inventory;
  #faults: Faults;
  #random: () => number;
  port = 0;

  constructor({ fleet, env, clock = systemClock, log = () => undefined }: SimulatorOptions) {
    const inventory = new Inventory(fleet);
    this.#inventory = inventory;
    const keys = new KeyStore();
    const groups = new LogGroups(inventory);
    const logs = new LogStore();
    const roles = new RoleStore(fleet);
    const agents = new ExecAgents(inventory, roles);
    const buckets = new Buckets(fleet);
    const markerEnv = ({ runtimeId }: FleetContainer) => ({
      [MARKER]: `${this.#metadataBase}${runtimeId}`,
    });
    const killContainer = ({ runtimeId }: FleetContainer) =>
      killMarkedProcesses(`${MARKER}=${this.#metadataBase}${runtimeId}`);
    const spaces = new ContainerSpaces({ hostEnv: env, markerEnv });
    this.#spaces = spaces;
    this.#networks = new PortNetworks(fleet.hosts);
    this.#faults = fleet.faults;
    this.#random = randomSequence(fleet.faults.seed);
    this.sessions = new SessionBook({
      inventory,
      clock,
      keys,
      networks: this.#networks,
      logRefusal: (cluster) => destinationRefusal(cluster, { groups, buckets }),
      log,
      faults: () => this.#faults,
      random: () => this.#random(),
      streamBase: () => this.endpoint.replace('http:', 'ws:'),
      hostEnv: env,
      spaces,
    });
    const starter = new ContainerStarter({
      inventory,
      spaces,
      hostEnv: env,
      markerEnv,
      openLog: (place) => openContainerLog(place, { fleet, groups, logs, now: () => clock.now() }),
      killContainer,
    });
    this.#life = new TaskLife({
      clock,
      onStopped: (task) => {
        this.sessions.endTask(task.id);
        for (const container of task.containers) {
          if (spaces.isUsed(container)) void killContainer(container);
        }
      },
      startContainer: (task, container) => starter.start(task, container),
      agentFate: (task, container) => agents.fateOf(task, container),
    });
    this.#log = log;
    this.#gateway = new Gateway({
      fleet,
      key: this.key,
      now: () => clock.now(),
      sessions: this.sessions.gateways,
      faults: () => this.#faults,
      log,
    });
    const services = {
      sessions: this.sessions,
      keys,
      logs,
      clock,
      agents,
      life: this.#life,
      faults: () => this.#faults,
    };
    const operations = createOperations(inventory, { ...services, groups });
    this.#startContainers = operations.startContainers;
    const elsewhere = new Inventory({ ...fleet, clusters: [] });
    this.#api = new ApiServer({
      fleet,
      now: () => clock.now(),
      key: this.key,
      buckets,
      operations,
      elsewhere: createOperations(elsewhere, {
        ...services,
        groups: new LogGroups(elsewhere),
        logs: new LogStore(),
      }),
      global: globalOperations(fleet, roles),
      onCall: (call) => {
        this.calls.push(call);
        log(`api: ${call.operation}${call.error === undefined ? '' : `: ${call.error}`}`);
      },
    });
  }

  /** The account is reachable at this port of 127.0.0.1; its containers start. */
  open(port: number): void {
    this.port = port;
    this.#startContainers();
    for (const { place, session } of this.#inventory.sessions()) {
      this.sessions.start(place, commandRequest(session.command), session.owner);
    }
  }

  get endpoint(): string {
    return `http://${HOST}:${this.port}`;
  }

  get #metadataBase(): string {
    return `${this.endpoint}/v4/`;
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const refusal = doorRefusal(request, this.port);
      if (refusal !== undefined) return this.#refuse(request, response, refusal);
      const isControl = request.url?.startsWith(CONTROL_PREFIX) === true;
      if (!isControl) return await this.#api.handle(request, response);
      await handleControl(
        {
          secret: this.key.secretAccessKey,
          records: this.sessions.records,
          calls: this.calls,
          setFaults: (faults) => this.setFaults(faults),
        },
        request,
        response,
      );
    } catch {
      // The caller went away in the middle of its request.
      response.destroy();
    }
  }

  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    // Without a listener, a client that resets the connection would end this process.
    socket.on('error', () => socket.destroy());
    const refusal = doorRefusal(request, this.port);
    if (refusal === undefined) {
      this.#gateway.upgrade(request, socket, head);
      return;
    }
    this.#log(`refused an upgrade: ${refusal}`);
    socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
  }

  /** The body is not read, so that the connection cannot be used again. */
  #refuse(request: IncomingMessage, response: ServerResponse, reason: string): void {
    this.#log(`refused ${request.method} from another host or a web page`);
    response.writeHead(403, { 'content-type': 'text/plain', connection: 'close' });
    response.end(`${reason}\n`);
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
    await killMarkedProcesses(`${MARKER}=${this.#metadataBase}`);
    await this.#spaces.remove();
  }
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) => {
      reject(
        new EcshError('port-in-use', `The simulator cannot listen on port ${port}.`, {
          hint: 'Choose another port, or leave it out to take any free one.',
          exitCode: 1,
          cause,
        }),
      );
    });
    server.listen(port, HOST, () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}
