import { createServer, type Server } from 'node:http';
import { EcshError } from '#domain/errors/errors.ts';
import type { ApiCall } from '#simulator/api/api-server.ts';
import { loadPtyLibrary } from '#simulator/container/pty-binding.ts';
import type { Faults } from '#simulator/gateway/faults.ts';
import type { SessionRecord } from '#simulator/gateway/session-book.ts';
import { machineClock } from './clock.ts';
import { type AccountOptions, HOST, SimulatedAccount } from './simulated-account.ts';

export interface SimulatorOptions extends Pick<AccountOptions, 'fleet' | 'env'> {
  /** The default, 0, means any free port. */
  readonly port?: number;
  readonly log?: AccountOptions['log'];
  readonly clock?: AccountOptions['clock'];
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
 * Starts a small AWS on loopback: API, message gateway, and agents whose containers are processes of this
 * machine.
 *
 * @throws EcshError `pty-missing`, or `port-in-use`
 */
export async function startSimulator(options: SimulatorOptions): Promise<Simulator> {
  await loadPtyLibrary();
  const { fleet, env, clock = machineClock, log = () => undefined } = options;
  const account = new SimulatedAccount({ fleet, env, clock, log });
  const server = createServer((request, response) => void account.handle(request, response));
  server.on('upgrade', (request, socket, head) => account.upgrade(request, socket, head));
  const port = await listen(server, options.port ?? 0);
  account.open(port);
  return {
    endpoint: account.endpoint,
    region: fleet.region,
    environment: {
      AWS_ENDPOINT_URL: account.endpoint,
      AWS_ACCESS_KEY_ID: account.key.accessKeyId,
      AWS_SECRET_ACCESS_KEY: account.key.secretAccessKey,
      AWS_REGION: fleet.region,
      AWS_DEFAULT_REGION: fleet.region,
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
