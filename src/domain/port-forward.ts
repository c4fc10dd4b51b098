import { EcshError } from '#domain/errors/errors.ts';

/** Where connections go, as seen from the task. */
export interface PortDestination {
  /** Undefined: the container itself. */
  readonly host: string | undefined;
  readonly port: number;
}

/** One `[LOCAL:]PORT` or `[LOCAL:]HOST:PORT`. */
export interface PortForward extends PortDestination {
  /** 0: any that is free. */
  readonly localPort: number;
}

const FORMS =
  'Give [LOCAL:]PORT or [LOCAL:]HOST:PORT, for example 8080:80, :80 for any free local port, or 5432:db.internal:5432.';

/** IPv6 addresses stand in brackets: their colons would be taken for ours. */
const FORWARD = /^(?:(\d*):)?(?:(\[[\da-f:.]+\]|[^:[\]]*[^:[\]\d][^:[\]]*):)?(\d+)$/i;
/** What was meant as a host when nothing is wrong but that. */
const MEANT_HOST = /^(?:\d*:)?(.+):\d+$/;
/** Names and addresses (RFC 1123); `_` is seen in names of services. */
const HOST = /^[\w-]+(\.[\w-]+)*\.?$/;

/**
 * What the agent forwards to nowhere (A appconfig/constants.go): the metadata of the instance, its
 * resolver, clock and key services. The VPC's own resolver only the agent knows.
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

/** Whether it may be meant as one of these, rather than as a target. */
export function isForward(text: string): boolean {
  return FORWARD.test(text);
}

/** As it can be typed behind the local port. */
export function describeDestination({ host, port }: PortDestination): string {
  if (host === undefined) return String(port);
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

function hostOf(text: string, name: string | undefined): string | undefined {
  // As in `ssh -L 8080:localhost:80`: the container, which needs no more than its own document.
  if (name === undefined || name.toLowerCase() === 'localhost') return undefined;
  const host = name.startsWith('[') ? name.slice(1, -1) : name;
  if (!name.startsWith('[') && !HOST.test(name)) throw invalid(text, `"${name}" is no host`);
  if (!FORBIDDEN_HOSTS.includes(host.toLowerCase())) return host;
  throw new EcshError(
    'destination-forbidden',
    `The agent forwards nothing to ${host}: it is an address of AWS's own.`,
    { hint: 'Ask it from within the task:  ecsh exec TARGET -- COMMAND' },
  );
}

function parsePort(text: string, digits: string, least: 0 | 1): number {
  const port = Number(digits);
  if (port < least || port > 65_535) throw invalid(text, `there is no port ${digits}`);
  return port;
}

function problemOf(text: string): string {
  if (text.split(':').length > 3 && !text.includes('[')) {
    return 'it has too many parts; an IPv6 host stands in brackets, and --address says where to listen';
  }
  const host = MEANT_HOST.exec(text)?.[1];
  return host === undefined ? 'it has to end with a port' : `"${host}" is no host`;
}

function invalid(text: string, problem: string): EcshError {
  return new EcshError('forward-invalid', `Cannot read the forward "${text}": ${problem}.`, {
    hint: FORMS,
  });
}
