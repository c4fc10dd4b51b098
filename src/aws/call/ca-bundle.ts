import { loadConfig } from '@smithy/core/config';
import type { AwsConfig } from './config.ts';

/** The CA bundle that AWS_CA_BUNDLE or `ca_bundle` in the profile names, as in the AWS CLI. */
export async function findCaBundle({ profile }: AwsConfig): Promise<string | undefined> {
  const file = await loadConfig<string>(
    {
      environmentVariableSelector: (env) => env.AWS_CA_BUNDLE,
      configFileSelector: (section) => section.ca_bundle,
      default: '',
    },
    profile === undefined ? {} : { profile },
  )();
  return file === '' ? undefined : file;
}
