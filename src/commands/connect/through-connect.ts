import type { App } from '#commands/app.ts';
import { type RelayedCommand, type RelayPorts, relay } from '#shared/relay-client.ts';
import type { RelayRequest } from '#shared/relay-messages.ts';
import { SHARED_VARIABLE } from '#shared/shared-variable.ts';

/**
 * Runs a command in the session of the `ecsh connect` around this program.
 *
 * @returns undefined if there is none, or if it is for another container
 * @throws EcshError `connect-gone` if it has ended
 */
export async function throughConnect(
  app: Pick<App, 'env' | 'sockets'>,
  request: RelayRequest,
  ports: RelayPorts,
): Promise<RelayedCommand | undefined> {
  const [token = '', ...path] = (app.env[SHARED_VARIABLE] ?? '').split('@');
  if (path.length === 0) return undefined;
  const connection = await app.sockets.connect(path.join('@'));
  if (connection === undefined) return undefined;
  return relay(connection, { ...request, token }, ports);
}
