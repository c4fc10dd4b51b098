import { Sha256 } from '@smithy/core/checksum';
import { SignatureV4 } from '@smithy/signature-v4';
import type { AwsConfig } from './config.ts';
import { createIdentity } from './identity.ts';

/** Headers that sign the websocket upgrade of a data channel. */
export type UpgradeSigner = (url: string) => Promise<Record<string, string>>;

/** Name of the service that data channels belong to (PROTOCOL 1.5). */
const SERVICE = 'ssmmessages';

/**
 * `ssmmessages.us-east-1.amazonaws.com`, also `-fips`, every partition's domain, `.api.aws`, and
 * `vpce-….ssmmessages.us-east-1.vpce.amazonaws.com`.
 */
const REGION_IN_HOST = /(?:^|\.)ssmmessages(?:-fips)?\.([a-z]{2,}(?:-[a-z0-9]+)+)\./;

/**
 * Signs upgrades with SigV4 over a GET with an empty body (PROTOCOL 1.5, W-1). A URL with `X-Amz-*`
 * parameters is already signed and gets no headers.
 *
 * @throws EcshError `region-missing`, `credentials-…`: the explained reason why nothing can be signed.
 */
export function createUpgradeSigner(
  config: AwsConfig,
  identity = createIdentity(config),
): UpgradeSigner {
  return async (text) => {
    const url = new URL(text);
    if ([...url.searchParams.keys()].some((key) => /^x-amz-/i.test(key))) return {};
    const signer = new SignatureV4({
      service: SERVICE,
      region: REGION_IN_HOST.exec(url.hostname)?.[1] ?? (await identity.region()),
      credentials: await identity.credentials(),
      sha256: Sha256,
      // The signature covers the hash of the empty body. Only S3 wants that hash as a header as well.
      applyChecksum: false,
    });
    const signed = await signer.sign(upgradeRequest(url));
    const { host: _, ...headers } = signed.headers;
    return headers;
  };
}

function upgradeRequest(url: URL) {
  return {
    method: 'GET',
    protocol: url.protocol,
    hostname: url.hostname,
    path: url.pathname,
    query: queryOf(url),
    // In the form of the websocket client: with the port, unless it is the default of the scheme.
    headers: { host: url.host },
  };
}

/** A parameter that occurs more than once keeps all its values. */
function queryOf(url: URL): Record<string, string | string[]> {
  const keys = new Set(url.searchParams.keys());
  return Object.fromEntries([...keys].map((key) => [key, url.searchParams.getAll(key)]));
}
