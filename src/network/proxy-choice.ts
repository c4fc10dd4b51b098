import { EcshError } from '#domain/errors/errors.ts';
import { type Environment, readProxyVariable } from './proxy-variables.ts';

/** A proxy from an environment variable. */
export interface HttpProxy {
  /** The name of the variable, for messages: its value may contain a password. */
  readonly variable: string;
  readonly isSecure: boolean;
  readonly hostname: string;
  readonly port: number;
  /** Value of `Proxy-Authorization`; undefined if the URL has no user. */
  readonly authorization: string | undefined;
}

/** The destination of a request. */
export interface Destination {
  /** `wss:` is treated like `https:`, and `ws:` like `http:`. */
  readonly isSecure: boolean;
  readonly hostname: string;
  readonly port: number;
}

/**
 * Chooses the proxy for a request like curl and Go: HTTPS_PROXY or HTTP_PROXY by scheme, then
 * ALL_PROXY, unless NO_PROXY lists the host; the lower-case name of a variable takes precedence. A proxy
 * without a scheme is an HTTP proxy.
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

/** A listed name includes its subdomains, with or without a dot or `*.` before it. */
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
