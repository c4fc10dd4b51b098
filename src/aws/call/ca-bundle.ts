import { loadConfig } from '@smithy/core/config';
import type { AwsConfig } from './config.ts';

/** The file of AWS_CA_BUNDLE, or of `ca_bundle` in the profile, as the AWS CLI reads them. */
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
