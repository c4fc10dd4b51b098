import type { Agent as HttpAgent } from 'node:http';
import type { Agent as HttpsAgent } from 'node:https';
import type { AwsFlags } from '#domain/errors/aws-command.ts';
import type { Credentials } from '#domain/ports/aws-credentials.ts';
import type { AwsPlace } from '#domain/ports/ecs-ports.ts';
import { BoundedHandler } from './bounded-handler.ts';

/**
 * How to reach AWS. The SDK looks up omitted settings: AWS_* variables, `~/.aws/config` and
 * `~/.aws/credentials`, SSO, containers, instance metadata.
 */
export interface AwsConfig {
  readonly region?: string | undefined;
  readonly profile?: string | undefined;
  /** For every service; AWS_ENDPOINT_URL and AWS_ENDPOINT_URL_<SERVICE> work too. */
  readonly endpointUrl?: string | undefined;
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** Replaces the default chain. */
  readonly credentials?: Credentials | undefined;
  /** For proxies and private certificates: the SDK itself ignores HTTPS_PROXY and AWS_CA_BUNDLE. */
  readonly agents?: { readonly httpAgent: HttpAgent; readonly httpsAgent: HttpsAgent } | undefined;
  /**
   * Asks the user for the code of an MFA device, by its serial number, if a profile has an `mfa_serial`;
   * again if AWS rejected the last code. Fails if prompting is impossible.
   */
  readonly askMfaCode?: ((serial: string, wasRejected: boolean) => Promise<string>) | undefined;
  /** Called whenever credentials have been found. */
  readonly onCredentials?: (() => void) | undefined;
  /** Called after every call with its operation and duration, never its content. */
  readonly onCall?: ((text: string) => void) | undefined;
  /** Called if an answer takes longer than ten seconds, with a sentence for the user. */
  readonly onSlow?: ((text: string) => void) | undefined;
}

/** Milliseconds, for each of the SDK's three attempts. By default the SDK waits without a limit. */
const CONNECTION_TIMEOUT = 5_000;
const REQUEST_TIMEOUT = 20_000;

/** The settings of every client, apart from region and credentials. */
export function clientSettings(config: AwsConfig) {
  return {
    ...(config.profile === undefined ? {} : { profile: config.profile }),
    ...(config.endpointUrl === undefined ? {} : { endpoint: config.endpointUrl }),
    ...sendingSettings(config),
  };
}

/** The settings that clients inside the SDK need as well: for STS, SSO and its tokens. */
export function sendingSettings({ agents }: AwsConfig) {
  return {
    logger: SILENT,
    requestHandler: new BoundedHandler({
      connectionTimeout: CONNECTION_TIMEOUT,
      requestTimeout: REQUEST_TIMEOUT,
      throwOnRequestTimeout: true,
      logger: SILENT,
      ...agents,
    }),
  };
}

/** The region and profile that the calls use, from any source. */
export async function placeOf(
  config: AwsConfig,
  identity: { readonly region: () => Promise<string> },
): Promise<AwsPlace> {
  return {
    // The failure to be explained may be that the region cannot be read.
    region: await identity.region().catch(() => config.region),
    profile: config.profile ?? (config.env?.AWS_PROFILE || undefined),
  };
}

/** The flags that a printed AWS CLI command has to repeat. */
export function flagsOf({ profile, region, endpointUrl }: AwsConfig): AwsFlags {
  return { profile, region, endpointUrl };
}

const ignore = (): void => undefined;

/** Without a logger the SDK writes its warnings to the console, over the remote side's output. */
const SILENT = { trace: ignore, debug: ignore, info: ignore, warn: ignore, error: ignore };
