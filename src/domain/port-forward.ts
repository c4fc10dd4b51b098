import { EcshError } from '#domain/errors/errors.ts';

/** The destination of a connection, as seen from the task. */
export interface PortDestination {
  /** Undefined: the container itself. */
  readonly host: string | undefined;
  readonly port: number;
}

/** One `[LOCAL:]PORT` or `[LOCAL:]HOST:PORT`. */
export interface PortForward extends PortDestination {
  /** 0: any free port. */
  readonly localPort: number;
  /** The address to listen on, as for `--address`; undefined: the address that all others share. */
  readonly address?: string;
}

/** The address for connections that name their destination themselves. */
export type ProxyPort = Pick<PortForward, 'address' | 'localPort'>;

const FORMS =
  'Give [LOCAL:]PORT or [LOCAL:]HOST:PORT, for example 8080:80, :80 for any free local port, or 5432:db.internal:5432.';

/** IPv6 addresses need brackets, because their colons look like separators. */
const FORWARD = /^(?:(\d*):)?(?:(\[[\da-f:.]+\]|[^:[\]]*[^:[\]\d][^:[\]]*):)?(\d+)$/i;
/** A forward in which only the host is wrong. */
const MEANT_HOST = /^(?:\d*:)?(.+):\d+$/;
/** Names and addresses (RFC 1123); `_` occurs in names of services. */
const HOST = /^[\w-]+(\.[\w-]+)*\.?$/;

/**
 * Addresses that the agent refuses to forward to (A appconfig/constants.go): metadata, resolver, clock and key
 * services of the instance. The agent also refuses the VPC's own resolver, which only it knows.
 */
const FORBIDDEN_HOSTS: readonly string[] = [
  '169.254.169.254',
  '169.254.169.253',
  '169.254.169.123',
  '169.254.169.250',
  '169.254.169.251',
  'fd00:ec2::254',
  'fd00:ec2::253',
  'fd00:ec2::123',
  'fd00:ec2::240',
];

/** @throws EcshError `forward-invalid`, `destination-forbidden` */
export function parseForward(text: string): PortForward {
  const match = FORWARD.exec(text);
  if (match === null) throw invalid(text, problemOf(text));
  const [, local, name, remote = ''] = match;
  const port = parsePort(text, remote, 1);
  const localPort = local === undefined ? port : parsePort(text, local || '0', 0);
  return { localPort, host: hostOf(text, name), port };
}

/**
 * A forward in the syntax of `ssh -L`: [ADDRESS:]PORT:HOST:PORT. An empty address or `*` is every address.
 *
 * @throws EcshError `forward-invalid`, `destination-forbidden`
 */
export function parseSshForward(text: string): PortForward {
  if (text.includes('/')) throw invalid(text, 'it names a socket, and only ports can be forwarded');
  const [address = '', ...rest] = text.split(COLON);
  if (rest.length < 3) return parseForward(text);
  return { ...parseForward(rest.join(':')), address: address === '' ? '*' : address };
}

/** A colon that is not part of an IPv6 address. */
const COLON = /:(?![^[\]]*\])/;

/**
 * The address of a proxy in the syntax of `ssh -D`: [ADDRESS:]PORT.
 *
 * @throws EcshError `forward-invalid`
 */
export function parseProxyPort(text: string): ProxyPort {
  const match = /^(?:(\[[\da-f:.]+\]|[^:[\]]*):)?(\d+)$/i.exec(text);
  if (match === null) throw notProxyPort(text);
  const [, address, port = ''] = match;
  const localPort = parsePort(text, port, 0);
  if (address === undefined) return { localPort };
  return { localPort, address: address === '' ? '*' : address };
}

function notProxyPort(text: string): EcshError {
  return new EcshError('forward-invalid', `Cannot read the proxy port "${text}".`, {
    hint: 'Give [ADDRESS:]PORT, for example 1080, or 0 for any free local port.',
  });
}

/**
 * A destination alone: HOST:PORT, or PORT of the container.
 *
 * @throws EcshError `forward-invalid`, `destination-forbidden`
 */
export function parseDestination(text: string): PortDestination {
  const match = DESTINATION.exec(text);
  if (match === null) {
    throw new EcshError('forward-invalid', `Cannot read the destination "${text}".`, {
      hint: 'Give HOST:PORT, or PORT for one of the container, for example localhost:22.',
    });
  }
  const [, name, port = ''] = match;
  return { host: hostOf(text, name), port: parsePort(text, port, 1) };
}

const DESTINATION = /^(?:(\[[\da-f:.]+\]|[^:[\]]+):)?(\d+)$/i;

/** Whether the user may have meant this as a forward, not as a target. */
export function isForward(text: string): boolean {
  return FORWARD.test(text);
}

/** In the form that is typed after the local port. */
export function describeDestination({ host, port }: PortDestination): string {
  if (host === undefined) return String(port);
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

function hostOf(text: string, name: string | undefined): string | undefined {
  // As in `ssh -L 8080:localhost:80`, this is the container, which has a session document of its own.
  if (name === undefined || name.toLowerCase() === 'localhost') return undefined;
  const host = name.startsWith('[') ? name.slice(1, -1) : name;
  if (!name.startsWith('[') && !HOST.test(name)) throw invalid(text, `"${name}" is not a host`);
  if (!FORBIDDEN_HOSTS.includes(host.toLowerCase())) return host;
  throw new EcshError(
    'destination-forbidden',
    `The agent does not forward to ${host}: it is an address of AWS's own.`,
    { hint: 'Use it from within the task:  ecsh exec TARGET -- COMMAND' },
  );
}

function parsePort(text: string, digits: string, least: 0 | 1): number {
  const port = Number(digits);
  if (port < least || port > 65_535) throw invalid(text, `there is no port ${digits}`);
  return port;
}

function problemOf(text: string): string {
  if (text.split(':').length > 3 && !text.includes('[')) {
    return 'it has too many parts. Put an IPv6 host in brackets; -L or --address says where to listen';
  }
  const host = MEANT_HOST.exec(text)?.[1];
  return host === undefined ? 'it does not end with a port' : `"${host}" is not a host`;
}

function invalid(text: string, problem: string): EcshError {
  return new EcshError('forward-invalid', `Cannot read the forward "${text}": ${problem}.`, {
    hint: FORMS,
  });
}
