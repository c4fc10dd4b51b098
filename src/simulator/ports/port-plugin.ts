import type { Socket } from 'node:net';
import type { PluginContext, SessionPlugin } from '#simulator/agent/session-plugin.ts';
import { forwardBasic } from './port-basic.ts';
import { forwardMultiplexed } from './port-mux.ts';
import type { PortNetwork } from './port-network.ts';

/** Older clients get one connection at a time, and newer ones no keepalive (PROTOCOL 7.2). */
const FIRST_WITH_MUX = '1.1.70';
const LAST_WITH_KEEPALIVE = '1.2.331.0';

/** Addresses that the agent refuses to forward to: metadata, resolver, clock, KMS of Windows. */
const FORBIDDEN = [
  '169.254.169.254',
  'fd00:ec2::254',
  '169.254.169.253',
  'fd00:ec2::253',
  '169.254.169.123',
  'fd00:ec2::123',
  '169.254.169.250',
  '169.254.169.251',
  'fd00:ec2::240',
];

/** The plugin behind the port forwarding documents (PROTOCOL 7). Never encrypted, never logged. */
export class PortPlugin implements SessionPlugin {
  readonly sessionType = 'Port';
  readonly properties: Readonly<Record<string, string>>;
  readonly requiresHandshake = true;
  readonly #network: PortNetwork;

  /** Properties of the document: `portNumber`, `host` for a remote host, and the `type`. */
  constructor(properties: Readonly<Record<string, string>>, network: PortNetwork) {
    this.properties = properties;
    this.#network = network;
  }

  async run(context: PluginContext): Promise<string> {
    const { clientVersion } = context;
    const { host = '' } = this.properties;
    const addresses = host === '' ? [] : this.#network.resolve(host);
    // A name that does not resolve ends the session; a refused port does not.
    if (host !== '' && addresses.length === 0) {
      return `lookup ${host} on ${this.#network.resolver}:53: no such host`;
    }
    if (addresses.some((address) => this.#isForbidden(address))) {
      return `Forwarding to IP address ${host} is forbidden.`;
    }
    const dial = () => this.#dial(host, addresses);
    const isForwarding = this.properties.type === 'LocalPortForwarding';
    if (!isForwarding || compareVersions(clientVersion, FIRST_WITH_MUX) < 0) {
      return forwardBasic(context, dial, isForwarding);
    }
    const isKeptAlive = compareVersions(clientVersion, LAST_WITH_KEEPALIVE) <= 0;
    await forwardMultiplexed(context, { dial, isKeptAlive });
    return '';
  }

  #isForbidden(address: string): boolean {
    return FORBIDDEN.includes(address) || this.#network.reserved.includes(address);
  }

  /** Connects to the first address that accepts; if none does, fails with the first error. */
  async #dial(host: string, addresses: readonly string[]): Promise<Socket> {
    const port = Number(this.properties.portNumber);
    if (host === '') return this.#network.dial(port);
    let first: unknown;
    for (const address of addresses) {
      try {
        return await this.#network.dial(port, address);
      } catch (error) {
        first ??= error;
      }
    }
    throw first;
  }
}

/** Compares part by part as numbers; a missing or non-numeric part counts as 0. */
function compareVersions(one: string, other: string): number {
  const numbers = (version: string) => version.split('.').map((part) => Number(part) || 0);
  const [left, right] = [numbers(one), numbers(other)];
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
