import { isIP, type Socket } from 'node:net';
import type { FleetHost, PortMap } from '#simulator/fleet/fleet-ports.ts';
import { RESERVED_ADDRESSES, RESOLVER } from '#simulator/services/network-ids.ts';
import { DemoHttp } from './demo-http.ts';
import { dialTcp } from './port-socket.ts';

/** A container is a process of this machine, so its own addresses are those of this machine. */
const LOOPBACK = '127.0.0.1';
const OWN_ADDRESSES = [LOOPBACK, '::1'];

/** A container's way to ports. */
export interface PortNetwork {
  /** Addresses of a host; none when nobody knows its name. */
  resolve(host: string): readonly string[];
  /** A connection to a port of the container itself, or of an address. */
  dial(port: number, address?: string): Promise<Socket>;
  /** Whom it asks for names. */
  readonly resolver: string;
  /** Addresses that the VPC keeps for itself, the resolver among them. */
  readonly reserved: readonly string[];
}

/** Where the ports of containers, and of the hosts that they know, are on this machine: always on loopback. */
export class PortNetworks {
  readonly #hosts: readonly FleetHost[];
  readonly #demo = new DemoHttp();

  constructor(hosts: readonly FleetHost[]) {
    this.#hosts = hosts;
  }

  /** As a container of that name sees it. */
  of(name: string, ports: PortMap): PortNetwork {
    return {
      resolver: RESOLVER,
      reserved: RESERVED_ADDRESSES,
      resolve: (host) => this.#resolve(host),
      dial: async (port, address) => {
        if (address === undefined || OWN_ADDRESSES.includes(address)) {
          return this.#dial(name, ports, port);
        }
        const host = this.#hosts.find((known) => known.address === address);
        if (host === undefined) throw new Error(`dial tcp ${address}:${port}: no route to host`);
        return this.#dial(host.name, host.ports, port);
      },
    };
  }

  stop(): Promise<void> {
    return this.#demo.stop();
  }

  #resolve(host: string): readonly string[] {
    if (host === 'localhost') return [LOOPBACK];
    if (isIP(host) !== 0) return [host];
    return this.#hosts.filter(({ name }) => name === host).map(({ address }) => address);
  }

  /** A port that is not mapped is the same one on this machine. */
  async #dial(name: string, ports: PortMap, port: number): Promise<Socket> {
    const mapped = ports.get(port);
    if (mapped === undefined) return dialTcp('localhost', port);
    return dialTcp(LOOPBACK, mapped === 'http' ? await this.#demo.portOf(name) : mapped);
  }
}
