import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Socket } from 'node:net';
import type { SecureContext } from 'node:tls';
import { EcshError } from '#domain/errors/errors.ts';
import { explainUntrusted, isUntrusted } from '#domain/errors/network-errors.ts';
import type { Destination, HttpProxy } from './proxy-choice.ts';

/** Shorter than the SDK's time limit for a connection, whose message would not name the proxy. */
const CONNECT_LIMIT_MS = 4_500;

/**
 * A connection to `destination` through an HTTP proxy (CONNECT, RFC 9110 9.3.6).
 *
 * @throws EcshError `proxy-unreachable`, `proxy-auth-required`, `proxy-refused`, or `tls-untrusted`
 *   if the proxy itself uses TLS
 */
export function openTunnel(
  proxy: HttpProxy,
  destination: Destination,
  secureContext: SecureContext | undefined,
): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const request = connectRequest(proxy, destination, secureContext);
    const limit = setTimeout(() => {
      reject(unreachable(proxy, `no answer within ${CONNECT_LIMIT_MS / 1000} seconds`));
      request.destroy();
    }, CONNECT_LIMIT_MS);
    const settle = (run: () => void) => {
      clearTimeout(limit);
      run();
    };
    request.once('connect', (response: IncomingMessage, socket: Socket, head: Buffer) => {
      settle(() => {
        if (response.statusCode !== 200) {
          socket.destroy();
          reject(refused(proxy, destination, response));
          return;
        }
        if (head.length > 0) socket.unshift(head);
        resolve(socket);
      });
    });
    // A server without CONNECT may answer as to any other request.
    request.once('response', (response) => {
      settle(() => reject(refused(proxy, destination, response)));
      request.destroy();
    });
    request.on('error', (error) => settle(() => reject(failed(proxy, error))));
    request.end();
  });
}

function connectRequest(
  proxy: HttpProxy,
  destination: Destination,
  secureContext: SecureContext | undefined,
): ClientRequest {
  const authority = authorityOf(destination);
  const options = {
    method: 'CONNECT',
    host: proxy.hostname,
    port: proxy.port,
    path: authority,
    agent: false,
    headers: {
      host: authority,
      ...(proxy.authorization === undefined ? {} : { 'proxy-authorization': proxy.authorization }),
    },
  };
  if (!proxy.isSecure) return httpRequest(options);
  return httpsRequest({ ...options, ...(secureContext === undefined ? {} : { secureContext }) });
}

function authorityOf({ hostname, port }: { hostname: string; port: number }): string {
  return `${hostname.includes(':') ? `[${hostname}]` : hostname}:${port}`;
}

function failed(proxy: HttpProxy, error: Error): EcshError {
  const errno = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (!isUntrusted(errno)) return unreachable(proxy, detailOf(error), error);
  const whose = `the proxy ${authorityOf(proxy)}`;
  const { code, message, hint } = explainUntrusted(whose, error.message, errno);
  return new EcshError(code, message, { hint, cause: error });
}

function unreachable(proxy: HttpProxy, detail: string, cause?: Error): EcshError {
  return new EcshError(
    'proxy-unreachable',
    `Cannot reach the proxy ${authorityOf(proxy)}: ${detail}.`,
    {
      hint: `${proxy.variable} names it. Correct or unset that variable, or list hosts to reach directly in NO_PROXY.`,
      cause,
    },
  );
}

/** Parts of an AggregateError (happy eyeballs) contain details that the whole does not. */
function detailOf(error: Error): string {
  if (!(error instanceof AggregateError)) return error.message;
  const parts = error.errors.filter((part) => part instanceof Error);
  return parts.map(({ message }) => message).join(', ');
}

/** tinyproxy answers a wrong password with 401. */
const AUTHENTICATE = [407, 401];

function refused(proxy: HttpProxy, destination: Destination, { statusCode }: IncomingMessage) {
  const where = authorityOf(proxy);
  if (!AUTHENTICATE.includes(statusCode ?? 0)) {
    return new EcshError(
      'proxy-refused',
      `The proxy ${where} does not connect to ${authorityOf(destination)} (HTTP status ${statusCode}).`,
      {
        hint: 'Have it allow CONNECT to that host, or list the host in NO_PROXY if it can be reached directly.',
      },
    );
  }
  const hint =
    proxy.authorization === undefined
      ? `Put user and password into ${proxy.variable}:  http://USER:PASSWORD@${where}`
      : `It does not accept the user and password of ${proxy.variable}. Special characters in them are written as %XX.`;
  return new EcshError('proxy-auth-required', `The proxy ${where} asks for a password.`, { hint });
}
