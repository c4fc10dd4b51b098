import { EcshError } from '#domain/errors/errors.ts';
import { suggestNames } from '#domain/resolve/suggestion.ts';
import type { App } from './app.ts';
import { profileNames } from './completion/profiles.ts';
import type { SharedOptions } from './shared-options.ts';

/** Failures that a profile that does not exist leads to. */
const SUSPECT: readonly string[] = [
  'region-missing',
  'credentials-missing',
  'credentials-invalid',
  'credentials-expired',
];
const LISTED = 10;

/** Explains a failure to find credentials or a region by a profile that does not exist. */
export async function withMissingProfile(
  error: EcshError,
  app: App,
  { profile, given }: Pick<SharedOptions, 'profile' | 'given'>,
): Promise<EcshError> {
  if (!SUSPECT.includes(error.code)) return error;
  const { env } = app;
  const isFlag = given?.profile !== undefined;
  const name = profile ?? env.AWS_PROFILE ?? '';
  const names = await profileNames(app).catch(() => undefined);
  if (name === '' || name === 'default' || names === undefined || names.includes(name)) {
    return error;
  }
  const [nearest] = suggestNames(name, names);
  const question = nearest === undefined ? '' : `Did you mean ${nearest}? `;
  const more = names.length > LISTED ? `, and ${names.length - LISTED} more` : '';
  const list =
    names.length === 0
      ? 'There are none: create one with  aws configure'
      : `Profiles: ${names.slice(0, LISTED).join(', ')}${more}.`;
  return new EcshError(
    'profile-not-found',
    `There is no profile ${name} in ~/.aws (from ${sourceOf(profile, isFlag, env)}).`,
    { hint: question + list, exitCode: error.exitCode, cause: error },
  );
}

function sourceOf(profile: string | undefined, isFlag: boolean, env: App['env']): string {
  if (profile === undefined) return 'AWS_PROFILE';
  if (isFlag) return '--profile';
  return env.ECSH_PROFILE === profile ? 'ECSH_PROFILE' : 'config.json';
}
