import { EcshError } from '#domain/errors/errors.ts';

/** The variable that replaces the host that AWS names for data channels. */
export const STREAM_HOST_VARIABLE = 'ECSH_STREAM_HOST';

/**
 * The stream URL at another host: `HOST`, `HOST:PORT`, or with `wss://` before it. Path and query
 * are from AWS (PROTOCOL O-1 forbids building a host, but lets the user name one).
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

/** Hosts of Session Manager's data channels, in every partition, VPC and dual-stack endpoints included. */
const SERVICE_HOST =
  /(?:^|\.)ssmmessages(?:-fips)?\.[a-z0-9-]+\.(?:vpce\.)?(?:amazonaws\.com|amazonaws\.com\.cn|amazonaws\.eu|api\.aws|api\.amazonwebservices\.com\.cn|c2s\.ic\.gov|sc2s\.sgov\.gov|cloud\.adc-e\.uk|csp\.hci\.ic\.gov)$/;

/**
 * The session's token and a signature with the caller's credentials go to this URL. It must belong to
 * Session Manager unless the user named an endpoint, and be encrypted unless that endpoint is not.
 *
 * @param ownEndpoint the endpoint that the user named for API calls
 * @throws EcshError `stream-url-invalid`
 */
export function assertTrusted(streamUrl: string, ownEndpoint: string | undefined): void {
  const { protocol, hostname, host } = new URL(streamUrl);
  const isPlainAllowed = ownEndpoint?.startsWith('http:') === true;
  if (protocol !== 'wss:' && !isPlainAllowed) {
    throw untrusted(`AWS named an unencrypted data channel, to ${host}.`, streamUrl);
  }
  if (ownEndpoint !== undefined || SERVICE_HOST.test(hostname)) return;
  throw untrusted(`AWS named ${host} for the data channel, no host of Session Manager.`, streamUrl);
}

function untrusted(message: string, streamUrl: string): EcshError {
  const { protocol, host } = new URL(streamUrl);
  return new EcshError('stream-url-invalid', message, {
    hint: `Nothing was sent to it. Where that host is right, name it:  ${STREAM_HOST_VARIABLE}=${protocol}//${host}`,
  });
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
