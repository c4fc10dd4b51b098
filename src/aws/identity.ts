import { ECSClient } from '@aws-sdk/client-ecs';
import { type DefaultProviderInit, defaultProvider } from '@aws-sdk/credential-provider-node';
import {
  type AwsConfig,
  type AwsCredentials,
  clientSettings,
  flagsOf,
  sendingSettings,
} from './config.ts';
import { explained } from './failure.ts';

/**
 * Region and credentials, found once and shared by all clients and by the upgrade signer, so that a
 * credential process or an SSO lookup runs once. Both reject with an explained `EcshError`
 * (`region-missing`, `credentials-missing`, `credentials-expired`, …).
 */
export interface AwsIdentity {
  region(): Promise<string>;
  credentials(): Promise<AwsCredentials>;
}

/** Touches nothing until a method is called; credentials are refreshed when they expire. */
export function createIdentity(config: AwsConfig): AwsIdentity {
  const context = async () => ({ region: config.region, flags: flagsOf(config) });
  let region: Promise<string> | undefined;
  let client: ECSClient | undefined;
  let rejections = 0;
  /** A code that was mistyped is asked for again. */
  const askingAgain = async <T>(provide: () => Promise<T>): Promise<T> => {
    try {
      return await provide();
    } catch (error) {
      if (!isCodeRejected(error)) throw error;
      rejections += 1;
      if (rejections >= MFA_TRIES) throw error;
      return askingAgain(provide);
    }
  };
  const findRegion = () => explained('region', context, () => configuredRegion(config), {});
  const identity: AwsIdentity = {
    region: () => {
      region ??= findRegion();
      return region;
    },
    credentials: async () => {
      const { credentials: own } = config;
      if (own !== undefined) return typeof own === 'function' ? own() : own;
      // The default chain belongs to a client; this one sends nothing.
      client ??= new ECSClient({
        ...clientSettings(config),
        region: identity.region,
        credentialDefaultProvider: (init: DefaultProviderInit) =>
          defaultProvider({ ...init, ...chainSettings(config, () => rejections > 0) }),
      });
      const provide = client.config.credentials;
      const credentials = await explained('credentials', context, () => askingAgain(provide), {});
      config.onCredentials?.();
      return credentials;
    },
  };
  return identity;
}

/**
 * Milliseconds that the instance metadata of EC2 may take for each of two requests. It is the end of
 * the chain: whoever has no credentials, and a network that swallows packets, waits for both.
 */
const METADATA_TIMEOUT = 500;

/** Questions for an MFA code before its rejection is reported. */
const MFA_TRIES = 3;

function isCodeRejected(error: unknown): boolean {
  return error instanceof Error && /MultiFactorAuthentication failed/i.test(error.message);
}

/** Settings that the credential chain does not inherit from its client. */
function chainSettings(config: AwsConfig, wasRejected: () => boolean): DefaultProviderInit {
  const { askMfaCode } = config;
  const { AWS_CONTAINER_CREDENTIALS_RELATIVE_URI, AWS_CONTAINER_CREDENTIALS_FULL_URI } =
    config.env ?? {};
  const isContainer = AWS_CONTAINER_CREDENTIALS_RELATIVE_URI ?? AWS_CONTAINER_CREDENTIALS_FULL_URI;
  return {
    // The same setting holds for container credentials, which may have to be fetched first.
    ...(isContainer === undefined ? { timeout: METADATA_TIMEOUT } : {}),
    // SSO and its tokens come through clients that would ignore proxies and certificates.
    clientConfig: sendingSettings(config),
    ...(askMfaCode === undefined
      ? {}
      : { mfaCodeProvider: (serial: string) => askMfaCode(serial, wasRejected()) }),
  };
}

async function configuredRegion(config: AwsConfig): Promise<string> {
  if (config.region !== undefined) return config.region;
  try {
    return await new ECSClient(clientSettings(config)).config.region();
  } catch (error) {
    // The variable of the AWS CLI, which this SDK does not read. People have it set.
    const fallback = config.env?.AWS_DEFAULT_REGION;
    if (fallback === undefined || fallback === '') throw error;
    return fallback;
  }
}
