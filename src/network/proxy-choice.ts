import { EcshError } from '#domain/errors/errors.ts';
import { type Environment, readProxyVariable } from './proxy-variables.ts';

/** A proxy as its environment variable names it. */
export interface HttpProxy {
  /** The variable, for messages: its value may hold a password. */
  readonly variable: string;
  readonly isSecure: boolean;
  readonly hostname: string;
  readonly port: number;
  /** Value of `Proxy-Authorization`; undefined when the URL names no user. */
  readonly authorization: string | undefined;
}

/** Where a request goes. */
export interface Destination {
  /** `wss:` is chosen for as `https:` is, `ws:` as `http:`. */
  readonly isSecure: boolean;
  readonly hostname: string;
  readonly port: number;
}

/**
 * The proxy for a request, as curl and Go choose it: HTTPS_PROXY or HTTP_PROXY by scheme, then
 * ALL_PROXY, unless NO_PROXY lists the host; the lower-case name of a variable goes first. A proxy
 * without a scheme is an HTTP one.
 *
 * @throws EcshError `proxy-invalid`
 */
export function chooseProxy(destination: Destination, env: Environment): HttpProxy | undefined {
  const found =
    readProxyVariable(env, destination.isSecure ? 'https_proxy' : 'http_proxy') ??
    readProxyVariable(env, 'all_proxy');
  if (found === undefined || isExcluded(destination, readProxyVariable(env, 'no_proxy')?.value))
    return undefined;
  return parseProxy(found.name, found.value);
}

/** A listed name covers its subdomains too, with or without a dot or `*.` before it. */
function isExcluded({ hostname, port }: Destination, list = ''): boolean {
  const host = unbracketed(hostname);
  return list
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((entry) => entry !== '')
    .some((entry) => {
      if (entry === '*') return true;
      const [, name = entry, onlyPort] = /^(\[.+\]|[^:]+):(\d+)$/.exec(entry) ?? [];
      if (onlyPort !== undefined && Number(onlyPort) !== port) return false;
      const listed = unbracketed(name).replace(/^\*?\./, '');
      return host === listed || host.endsWith(`.${listed}`);
    });
}

function unbracketed(hostname: string): string {
  return hostname.toLowerCase().replace(/^\[(.+)\]$/, '$1');
}

const SCHEMES = ['http:', 'https:'];

function parseProxy(variable: string, value: string): HttpProxy {
  const url = parseUrl(value.includes('://') ? value : `http://${value}`);
  if (url === undefined || url.hostname === '')
    throw invalid(variable, 'is not the URL of a proxy');
  if (!SCHEMES.includes(url.protocol)) {
    throw invalid(variable, `names a proxy of a kind that ecsh does not speak (${url.protocol})`);
  }
  const isSecure = url.protocol === 'https:';
  return {
    variable,
    isSecure,
    hostname: unbracketed(url.hostname),
    port: url.port === '' ? (isSecure ? 443 : 80) : Number(url.port),
    authorization: authorizationOf(variable, url),
  };
}

function authorizationOf(variable: string, { username, password }: URL): string | undefined {
  if (username === '' && password === '') return undefined;
  try {
    const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
    return `Basic ${Buffer.from(pair).toString('base64')}`;
  } catch {
    throw invalid(variable, 'has a "%" in its user or password that is not part of an escape');
  }
}

/** The error of `new URL` would repeat the value. */
function parseUrl(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined;
}

function invalid(variable: string, what: string): EcshError {
  return new EcshError('proxy-invalid', `${variable} ${what}.`, {
    hint: 'Write  http://HOST:PORT  or  http://USER:PASSWORD@HOST:PORT  with special characters as %XX.',
  });
}
