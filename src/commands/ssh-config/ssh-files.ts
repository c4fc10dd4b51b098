import type { App } from '#commands/app.ts';
import { configPath } from '#commands/paths.ts';
import { EcshError } from '#domain/errors/errors.ts';

/** Where ssh finds what belongs to ecsh. The folder is only the user's (0700). */
export interface SshFiles {
  readonly folder: string;
  readonly hostKey: string;
  readonly knownHosts: string;
  /** The configuration file of one suffix. */
  config(suffix: string): string;
  readonly include: string;
  readonly userConfig: string;
}

/** @throws EcshError `file-unwritable` without a home */
export function sshFiles({ env }: Pick<App, 'env'>): SshFiles {
  const config = configPath(env);
  const home = env.HOME ?? env.USERPROFILE;
  if (config === undefined || home === undefined) {
    throw new EcshError('file-unwritable', 'There is no home folder for the files of ssh.', {
      hint: 'Set HOME.',
    });
  }
  const folder = config.replace(/[^/\\]*$/, 'ssh');
  return {
    folder,
    hostKey: `${folder}/host_key`,
    knownHosts: `${folder}/known_hosts`,
    config: (suffix) => `${folder}/hosts${suffix}.conf`,
    include: `${folder}/*.conf`,
    userConfig: `${home}/.ssh/config`,
  };
}
