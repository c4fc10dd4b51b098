import type { IncomingMessage } from 'node:http';
import { isSame } from './signature.ts';

/** The local host names that the simulator accepts, with any port, because a port can be forwarded. */
const LOCAL = /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/i;

/**
 * The reason to reject a request before it is read, or undefined. A web page could reach the simulator from the
 * user's browser through a name that resolves to 127.0.0.1; these two headers reveal that.
 */
export function doorRefusal({ headers }: IncomingMessage): string | undefined {
  if (headers.origin !== undefined) return 'The simulator takes no requests from web pages.';
  if (LOCAL.test(headers.host ?? '')) return undefined;
  return 'The simulator answers at 127.0.0.1, localhost and [::1] only.';
}

/** Whether a request carries the secret of this run, as `Authorization: Bearer SECRET`. */
export function hasSecret({ headers }: IncomingMessage, secret: string): boolean {
  const [, given = ''] = /^Bearer (.+)$/i.exec(headers.authorization ?? '') ?? [];
  return isSame(given, secret);
}
