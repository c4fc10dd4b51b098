import type { Agent } from 'node:https';
import { request } from 'node:https';
import type { Socket } from 'node:net';
import { EcshError } from '#domain/errors/errors.ts';
import { explainUntrusted, isUntrusted } from '#domain/errors/network-errors.ts';

/** The same time limit as for the connection of an API call. */
const LIMIT_MS = 5_000;

/**
 * Opens a TLS connection to a host, through its proxy if there is one, and closes it.
 *
 * @param agent the route out of this machine; Node's own if undefined
 * @throws EcshError `host-unreachable`, `tls-untrusted`, `proxy-…`
 */
export function reach(host: string, port: number, agent: Agent | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const attempt = request({ host, port, ...(agent === undefined ? {} : { agent }) });
    const limit = setTimeout(() => {
      attempt.destroy(new Error(`no answer within ${LIMIT_MS / 1000} seconds`));
    }, LIMIT_MS);
    const reached = () => {
      clearTimeout(limit);
      resolve();
      attempt.destroy();
    };
    attempt.once('socket', (socket: Socket) => {
      if (attempt.reusedSocket) reached();
      else socket.once('secureConnect', reached);
    });
    attempt.on('error', (error) => {
      clearTimeout(limit);
      reject(explained(`${host}:${port}`, error));
    });
  });
}

function explained(where: string, cause: Error): EcshError {
  if (cause instanceof EcshError) return cause;
  const errno = 'code' in cause && typeof cause.code === 'string' ? cause.code : '';
  if (isUntrusted(errno)) {
    const { code, message, hint } = explainUntrusted(where, cause.message, errno);
    return new EcshError(code, message, { hint, cause });
  }
  const detail = cause.message === '' ? errno : cause.message;
  return new EcshError('host-unreachable', `Cannot reach ${where}: ${detail}.`, {
    hint: 'Check firewall, proxy and DNS of this machine.',
    cause,
  });
}
