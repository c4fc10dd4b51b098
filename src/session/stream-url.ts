import { EcshError } from '#domain/errors/errors.ts';

/**
 * Returns the URL of a data channel unchanged.
 *
 * @throws EcshError `stream-url-invalid` if it is not a websocket URL
 */
export function checkedStreamUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === 'wss:' || url?.protocol === 'ws:') return text;
  throw new EcshError('stream-url-invalid', `AWS gave no address of a data channel: "${text}".`, {
    hint: 'Look for a proxy or an endpoint that answers in place of AWS.',
  });
}
