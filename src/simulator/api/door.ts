import type { IncomingMessage } from 'node:http';
import { isSame } from './signature.ts';

/** The names of this machine under which the simulator answers, at any port: one may be forwarded. */
const LOCAL = /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/i;

/**
 * The reason to refuse a request before it is read, or undefined. A web page can reach the simulator
 * from the user's own browser, by a name that it points at 127.0.0.1; both headers show that.
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
