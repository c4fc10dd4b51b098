import { isIP, type Socket } from 'node:net';
import type { FleetHost, PortMap } from '#simulator/fleet/fleet-ports.ts';
import { RESERVED_ADDRESSES, RESOLVER } from '#simulator/services/network-ids.ts';
import { DemoHttp } from './demo-http.ts';
import { dialTcp } from './port-socket.ts';

/** A container is a process of this machine, so it shares this machine's addresses. */
const LOOPBACK = '127.0.0.1';
const OWN_ADDRESSES = [LOOPBACK, '::1'];

/** A container's access to ports. */
export interface PortNetwork {
  /** Addresses of a host; empty if its name does not resolve. */
  resolve(host: string): readonly string[];
  /** Connects to a port of the container itself, or of an address. */
  dial(port: number, address?: string): Promise<Socket>;
  /** Address of its DNS resolver. */
  readonly resolver: string;
  /** Addresses reserved by the VPC, the resolver included. */
  readonly reserved: readonly string[];
}

/** Maps ports of containers and hosts to ports of this machine, always on loopback. */
export class PortNetworks {
  readonly #hosts: readonly FleetHost[];
  readonly #demo = new DemoHttp();

  constructor(hosts: readonly FleetHost[]) {
    this.#hosts = hosts;
  }

  /** The network as seen by the container with that name. */
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

  /** A port without a mapping is the same port on this machine. */
  async #dial(name: string, ports: PortMap, port: number): Promise<Socket> {
    const mapped = ports.get(port);
    if (mapped === undefined) return dialTcp('localhost', port);
    return dialTcp(LOOPBACK, mapped === 'http' ? await this.#demo.portOf(name) : mapped);
  }
}
