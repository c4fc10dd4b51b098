import type { SessionFlags } from '#commands/session-context.ts';
import type { SharedOptions } from '#commands/shared-options.ts';
import { quoteWord } from '#domain/errors/aws-command.ts';
import { EcshError } from '#domain/errors/errors.ts';
import {
  isForward,
  type PortDestination,
  parseDestination,
  parseForward,
  parseProxyPort,
  parseSshForward,
} from '#domain/port-forward.ts';
import type { LocalForward } from '#forward/forward-options.ts';
import { listenAddresses } from './addresses.ts';

export interface ForwardCommandOptions extends SharedOptions, SessionFlags {
  /** TARGET, unless the user picks it, and the ports. */
  readonly words: readonly string[];
  /** Forwards in the syntax of ssh. */
  readonly local?: readonly string[] | undefined;
  /** Ports of proxies. */
  readonly dynamic?: readonly string[] | undefined;
  /** The destination for stdin and stdout. */
  readonly stdio?: string | undefined;
  /** A forward in the other direction, which is refused. */
  readonly remote?: string | undefined;
  readonly via: 'auto' | 'exec' | 'ssm';
  /** An IP address, or `localhost` for those of IPv4 and IPv6. */
  readonly address: string;
  /** The local command to run during the forward; empty: none. */
  readonly command: readonly string[];
}

/** The command line, read and checked. */
export interface ForwardPlan {
  /** Undefined: to be picked. */
  readonly target: string | undefined;
  readonly forwards: readonly LocalForward[];
  /** Where to listen, unless a forward says it. */
  readonly addresses: readonly string[];
  /** Connect stdin and stdout to this, and listen nowhere. */
  readonly stdio: PortDestination | undefined;
  /** Addresses that other machines can reach, as they were typed. */
  readonly openAddresses: readonly string[];
}

/** @throws EcshError `usage`, `forward-invalid`, `destination-forbidden`, `address-unusable` */
export function planForward(options: ForwardCommandOptions): ForwardPlan {
  if (options.remote !== undefined) throw remoteForward();
  const { target, ports } = splitWords(options);
  const asked = [
    ...ports.map(parseForward),
    ...(options.local ?? []).map(parseSshForward),
    ...(options.dynamic ?? []).map(parseProxyPort),
  ];
  const forwards = asked.map(({ address, ...forward }) => ({
    ...forward,
    addresses: address === undefined ? undefined : listenAddresses(address).addresses,
  }));
  const typed = [...asked.map(({ address }) => address ?? options.address)];
  const plan = {
    target,
    forwards,
    addresses: listenAddresses(options.address).addresses,
    stdio: options.stdio === undefined ? undefined : parseDestination(options.stdio),
    openAddresses: [...new Set(typed)].filter((address) => listenAddresses(address).isOpen),
  };
  assertUsable(plan, options);
  return plan;
}

/** With `--pick` there may be no target: then the first word may be a port. */
function splitWords({ words, pick }: ForwardCommandOptions) {
  const [first, ...rest] = words;
  if (first === undefined) return { target: undefined, ports: [] };
  if (pick && isForward(first)) return { target: undefined, ports: words };
  const [second] = rest;
  if (isForward(first) && second !== undefined && !isForward(second)) {
    throw new EcshError('usage', 'TARGET comes before the ports.', {
      hint: `Try:  ecsh forward ${second} ${first}`,
    });
  }
  return { target: first, ports: rest };
}

function assertUsable(
  { target, forwards, stdio }: ForwardPlan,
  { json, command }: ForwardCommandOptions,
): void {
  if (stdio !== undefined) {
    if (forwards.length > 0 || command.length > 0 || json) {
      throw usage(
        '--stdio connects one port and nothing else.',
        'ecsh forward prod/web --stdio 22',
      );
    }
    return;
  }
  if (forwards.length === 0) {
    throw usage(
      'There is no port to forward.',
      `ecsh forward ${quoteWord(target ?? 'prod/web')} 8080:80`,
    );
  }
  if (json && command.length > 0) {
    throw new EcshError('usage', '--json needs stdout, which belongs to the command.', {
      hint: 'The command finds the local port in ECSH_PORT.',
    });
  }
  const ports = forwards.map(({ localPort }) => localPort).filter((port) => port !== 0);
  const twice = ports.find((port, index) => ports.indexOf(port) < index);
  if (twice === undefined) return;
  throw new EcshError('usage', `Local port ${twice} is given twice.`, {
    hint: `Give another one, such as ${twice + 1}:HOST:PORT, or :PORT for any free port.`,
  });
}

function remoteForward(): EcshError {
  return new EcshError('usage', 'ecsh cannot forward a port of the container to this machine.', {
    hint: 'ECS Exec carries connections in one direction only: -L and -D work, -R does not.',
  });
}

function usage(message: string, example: string): EcshError {
  return new EcshError('usage', message, { hint: `For example:  ${example}` });
}
