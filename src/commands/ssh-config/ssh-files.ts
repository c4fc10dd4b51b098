import type { App } from '#commands/app.ts';
import { configPath } from '#commands/paths.ts';
import { EcshError } from '#domain/errors/errors.ts';

/** Paths of the files that ssh reads for ecsh. Only the user can enter `folder` (0700). */
export interface SshFiles {
  readonly folder: string;
  readonly hostKey: string;
  readonly knownHosts: string;
  /** The `Host` blocks of all suffixes. */
  readonly config: string;
  /** `~/.ssh`. */
  readonly userFolder: string;
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
    config: `${folder}/hosts.conf`,
    userFolder: `${home}/.ssh`,
    userConfig: `${home}/.ssh/config`,
  };
}
