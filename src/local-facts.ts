import { measureClockSkew } from '#aws/call/clock-skew.ts';
import { hasOwnEndpoint } from '#aws/call/own-endpoint.ts';
import type { AwsConnection } from '#aws/connect.ts';
import type { LocalApi } from '#domain/ports/doctor-ports.ts';
import { programVersion } from '#local/programs.ts';
import { reach } from '#network/reach.ts';
import { atStreamHost } from '#transport/stream-host.ts';

export interface LocalFactsOptions {
  readonly nodeVersion: string;
  /** ECSH_STREAM_HOST. */
  readonly streamHost: string | undefined;
}

/** Facts of this machine for doctor, from the adapters that sessions use. */
export function createLocalFacts(
  { config, identity }: Pick<AwsConnection, 'config' | 'identity'>,
  { nodeVersion, streamHost = '' }: LocalFactsOptions,
): LocalApi {
  return {
    region: identity.region,
    nodeVersion: () => nodeVersion,
    clockSkew: () => measureClockSkew(config, identity),
    async channelUrl(ofRegion) {
      if (streamHost === '' && (await hasOwnEndpoint(config))) return undefined;
      return atStreamHost(ofRegion, streamHost);
    },
    programVersion,
    reach: (host, port) => reach(host, port, config.agents?.httpsAgent),
  };
}
