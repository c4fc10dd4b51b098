import { ECSClient } from '@aws-sdk/client-ecs';
import { type DefaultProviderInit, defaultProvider } from '@aws-sdk/credential-provider-node';
import { EcshError } from '#domain/errors/errors.ts';
import type { AwsCredentials } from '#domain/ports/aws-credentials.ts';
import { once } from '#once.ts';
import { type AwsConfig, clientSettings, flagsOf, sendingSettings } from './config.ts';
import { explainedFailure, property } from './failure.ts';

/**
 * Region and credentials, looked up once and shared by all clients and by the upgrade signer, so that a
 * credential process or an SSO lookup runs once. Both reject with an explained `EcshError`
 * (`region-missing`, `credentials-missing`, `credentials-expired`, …).
 */
export interface AwsIdentity {
  region(): Promise<string>;
  credentials(): Promise<AwsCredentials>;
}

/** Looks up nothing until a method is called. Refreshes credentials when they expire. */
export function createIdentity(config: AwsConfig): AwsIdentity {
  const context = async () => ({ region: config.region, flags: flagsOf(config) });
  const mfaTries = new MfaTries();
  let client: ECSClient | undefined;
  const own = config.credentials === undefined ? undefined : givenCredentials(config.credentials);
  const identity: AwsIdentity = {
    region: once(() => explainedFailure('region', context, () => configuredRegion(config), {})),
    credentials: async () => {
      if (own !== undefined) return own();
      // The SDK builds its default chain in a client. This client sends nothing.
      client ??= new ECSClient({
        ...clientSettings(config),
        region: identity.region,
        credentialDefaultProvider: (init: DefaultProviderInit) =>
          defaultProvider({ ...init, ...chainSettings(config, () => mfaTries.wasRejected) }),
      });
      const provide = client.config.credentials;
      const credentials = await explainedFailure(
        'credentials',
        context,
        () => mfaTries.run(provide),
        {},
      );
      config.onCredentials?.();
      return credentials;
    },
  };
  return identity;
}

/** Credentials of the caller. A function is called once, and again when its result is about to expire. */
function givenCredentials(
  given: NonNullable<AwsConfig['credentials']>,
): () => Promise<AwsCredentials> {
  if (typeof given !== 'function') return async () => assertCredentials(given);
  let found: Promise<AwsCredentials> | undefined;
  return async () => {
    const { expiration } = (await found) ?? {};
    if (expiration !== undefined && expiration.getTime() < Date.now() + EXPIRY_MARGIN) {
      found = undefined;
    }
    found ??= given().then(assertCredentials);
    found.catch(() => {
      found = undefined;
    });
    return found;
  };
}

/** Credentials are renewed this long before they expire (ms), as in the SDK. */
const EXPIRY_MARGIN = 300_000;

/** @throws EcshError `credentials-invalid`; the values are never shown */
function assertCredentials(given: unknown): AwsCredentials {
  if (isCredentials(given)) return given;
  throw new EcshError(
    'credentials-invalid',
    'The credentials have no accessKeyId and secretAccessKey.',
    {
      hint: 'createClient takes { accessKeyId, secretAccessKey, sessionToken }, or a function that resolves with them.',
    },
  );
}

function isCredentials(given: unknown): given is AwsCredentials {
  return [property(given, 'accessKeyId'), property(given, 'secretAccessKey')].every(
    (part) => typeof part === 'string' && part !== '',
  );
}

/**
 * The timeout of each of two requests to the instance metadata service of EC2 (ms). The service is the
 * last in the chain: without credentials, and on a network that drops packets, ecsh waits for both.
 */
const METADATA_TIMEOUT = 500;

/** How often ecsh asks for an MFA code before it reports that the code was rejected. */
const MFA_TRIES = 3;

/** Asks for the MFA code again if AWS rejects it. */
class MfaTries {
  #rejections = 0;

  get wasRejected(): boolean {
    return this.#rejections > 0;
  }

  async run<T>(provide: () => Promise<T>): Promise<T> {
    try {
      return await provide();
    } catch (error) {
      if (!isCodeRejected(error)) throw error;
      this.#rejections += 1;
      if (this.#rejections >= MFA_TRIES) throw error;
      return this.run(provide);
    }
  }
}

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
    // The timeout would also apply to container credentials, which can take longer.
    ...(isContainer === undefined ? { timeout: METADATA_TIMEOUT } : {}),
    // The chain creates its own clients for SSO, which would ignore our proxy and CA certificates.
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
    // The AWS CLI reads this variable and people set it, but this SDK does not read it.
    const fallback = config.env?.AWS_DEFAULT_REGION;
    if (fallback === undefined || fallback === '') throw error;
    return fallback;
  }
}
