import { loadConfig } from '@smithy/core/config';
import type { AwsConfig } from './config.ts';

/** Variables and keys of the services that sessions use. They take precedence over those for all services. */
const VARIABLES = ['AWS_ENDPOINT_URL_ECS', 'AWS_ENDPOINT_URL_SSM', 'AWS_ENDPOINT_URL'] as const;
const SERVICE_KEYS = ['ecs.endpoint_url', 'ssm.endpoint_url'] as const;

/**
 * The endpoint that the user named for API calls: by flag, variable, or the profile. Undefined: AWS's
 * own. Sources: AWS SDKs reference guide, Service-specific endpoints.
 */
export async function ownEndpoint({
  endpointUrl,
  profile,
}: AwsConfig): Promise<string | undefined> {
  if (endpointUrl !== undefined) return endpointUrl;
  const found = await loadConfig<string>(
    {
      environmentVariableSelector: (env) =>
        VARIABLES.map((name) => env[name]).find((value) => value !== undefined),
      configFileSelector: (section, file) => {
        const services = file?.[`services.${section.services}`];
        const ofService = SERVICE_KEYS.map((key) => services?.[key]).find(Boolean);
        return ofService ?? section.endpoint_url;
      },
      default: '',
    },
    profile === undefined ? {} : { profile },
  )();
  return found === '' ? undefined : found;
}

/** Whether calls go to an endpoint that the user named. */
export async function hasOwnEndpoint(config: AwsConfig): Promise<boolean> {
  return (await ownEndpoint(config)) !== undefined;
}
