import { EcshError } from '#domain/errors/errors.ts';

/** The variable that says where data channels are opened in place of the host that AWS names. */
export const STREAM_HOST_VARIABLE = 'ECSH_STREAM_HOST';

/**
 * The stream URL at another host: `HOST`, `HOST:PORT`, or with `wss://` before it. Path and query
 * are AWS's (PROTOCOL O-1 forbids to make up a host, and lets the user name one).
 *
 * @throws EcshError `stream-host-invalid`
 */
export function atStreamHost(streamUrl: string, streamHost: string | undefined): string {
  if (streamHost === undefined || streamHost === '') return streamUrl;
  const url = new URL(streamUrl);
  const text = streamHost.includes('://') ? streamHost : `${url.protocol}//${streamHost}`;
  const other = URL.canParse(text) ? new URL(text) : undefined;
  if (other === undefined || !isOrigin(other)) throw invalid();
  url.protocol = other.protocol;
  url.hostname = other.hostname;
  url.port = other.port;
  return url.href;
}

function isOrigin(url: URL): boolean {
  const rest = url.pathname.replace(/^\/$/, '') + url.search + url.hash;
  const isWebSocket = ['ws:', 'wss:'].includes(url.protocol);
  return isWebSocket && url.hostname !== '' && rest + url.username + url.password === '';
}

function invalid(): EcshError {
  return new EcshError('stream-host-invalid', `${STREAM_HOST_VARIABLE} is not a host.`, {
    hint: 'Give the DNS name of a VPC endpoint for ssmmessages, as HOST, HOST:PORT or wss://HOST:PORT.',
  });
}
