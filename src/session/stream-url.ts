import { EcshError } from '#domain/errors/errors.ts';

/**
 * Returns the URL of a data channel unchanged.
 *
 * @throws EcshError `stream-url-invalid` if it is not a websocket URL
 */
export function checkedStreamUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === 'wss:' || url?.protocol === 'ws:') return text;
  throw new EcshError(
    'stream-url-invalid',
    `AWS returned an invalid URL for the data channel: "${text}".`,
    {
      hint: 'Check whether a proxy or a custom endpoint answers in place of AWS.',
    },
  );
}
