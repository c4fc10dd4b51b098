import { loadConfig } from '@smithy/core/config';
import type { AwsConfig } from './config.ts';

/** Whether services are asked at an endpoint of the user's: by flag, AWS_ENDPOINT_URL, or the profile. */
export async function hasOwnEndpoint({ endpointUrl, profile }: AwsConfig): Promise<boolean> {
  if (endpointUrl !== undefined) return true;
  const found = await loadConfig<string>(
    {
      environmentVariableSelector: (env) => env.AWS_ENDPOINT_URL,
      configFileSelector: (section) => section.endpoint_url,
      default: '',
    },
    profile === undefined ? {} : { profile },
  )();
  return found !== '';
}
