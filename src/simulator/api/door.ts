import type { IncomingMessage } from 'node:http';
import { isSame } from './signature.ts';

/** The names of this machine under which the simulator answers. */
const LOCAL_NAMES = ['127.0.0.1', 'localhost', '[::1]'];

/**
 * The reason to refuse a request before it is read, or undefined. A web page can reach the simulator
 * from the user's own browser, by a name that it points at 127.0.0.1; both headers show that.
 */
export function doorRefusal({ headers }: IncomingMessage, port: number): string | undefined {
  if (headers.origin !== undefined) return 'The simulator takes no requests from web pages.';
  const host = headers.host?.toLowerCase();
  // Clients leave out the port of HTTP.
  const suffixes = port === 80 ? ['', ':80'] : [`:${port}`];
  const isLocal = LOCAL_NAMES.some((name) => suffixes.some((suffix) => host === name + suffix));
  if (isLocal) return undefined;
  return `The simulator answers at 127.0.0.1:${port} only.`;
}

/** Whether a request carries the secret of this run, as `Authorization: Bearer SECRET`. */
export function hasSecret({ headers }: IncomingMessage, secret: string): boolean {
  const [, given = ''] = /^Bearer (.+)$/i.exec(headers.authorization ?? '') ?? [];
  return isSame(given, secret);
}
