import type { App } from '#commands/app.ts';

/** Sections of `~/.aws/config` and `~/.aws/credentials` that are profiles. */
export async function profileNames({
  env,
  files,
}: Pick<App, 'env' | 'files'>): Promise<readonly string[]> {
  const folder = `${env.HOME ?? env.USERPROFILE ?? ''}/.aws`;
  const paths = [
    env.AWS_CONFIG_FILE ?? `${folder}/config`,
    env.AWS_SHARED_CREDENTIALS_FILE ?? `${folder}/credentials`,
  ];
  const texts = await Promise.all(paths.map((path) => files.read(path)));
  const sections = texts.flatMap((text) => [...(text ?? '').matchAll(/^\s*\[([^\]]+)\]/gm)]);
  const names = sections.flatMap(([, section = '']) => {
    const words = section.trim().split(/\s+/);
    // `sso-session x` and `services x` are not profiles.
    if (words.length > 1 && words[0] !== 'profile') return [];
    return words.at(-1) ?? [];
  });
  return [...new Set(names)].sort();
}
