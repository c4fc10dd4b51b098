/** The parts of the `Host` block that vary. */
export interface SshConfigOptions {
  /** `.ecs`: names of this form are containers. */
  readonly suffix: string;
  /** The command that ssh runs for each connection; %n is the name as it was typed. */
  readonly proxyCommand: string;
  readonly knownHosts: string;
  /** For the sockets of connections that stay open. */
  readonly folder: string;
}

/** Every host key of ecsh is filed under this name, whatever the container. */
export const HOST_KEY_ALIAS = 'ecsh';

/**
 * The `Host` block that makes ssh, scp, sftp, rsync and git reach containers. No check is switched off:
 * the host key is ours, stored and compared. `User root` because ssh would send the local name.
 */
export function sshConfigText({
  suffix,
  proxyCommand,
  knownHosts,
  folder,
}: SshConfigOptions): string {
  const lines = [
    'User root',
    `ProxyCommand ${proxyCommand}`,
    `HostKeyAlias ${HOST_KEY_ALIAS}`,
    `UserKnownHostsFile ${quoted(knownHosts)}`,
    'StrictHostKeyChecking yes',
    'HostKeyAlgorithms ssh-ed25519',
    'PreferredAuthentications none',
    'ControlMaster auto',
    `ControlPath ${quoted(`${folder}/%C`)}`,
    'ControlPersist 10m',
    // OpenSSH 10.1 warns of a key exchange that is not post-quantum; this one never leaves the machine.
    'IgnoreUnknown WarnWeakCrypto',
    'WarnWeakCrypto no',
  ];
  return [
    '# Containers of Amazon ECS, written by: ecsh ssh-config',
    `Host *${suffix}`,
    ...lines.map((line) => `  ${line}`),
    '',
  ].join('\n');
}

export function knownHostsText(publicKey: string): string {
  return `${HOST_KEY_ALIAS} ${publicKey.trim()}\n`;
}

/** ssh_config(5): arguments with spaces stand in double quotes. */
function quoted(path: string): string {
  return /[\s"]/.test(path) ? `"${path}"` : path;
}

/** The user's configuration with our Include first: after a `Host` line it would belong to that host. */
export function withInclude(text: string, path: string): string {
  const line = includeLine(path);
  return text.split('\n').includes(line) ? text : `${line}\n${text === '' ? '' : `\n${text}`}`;
}

export function withoutInclude(text: string, path: string): string {
  const line = includeLine(path);
  return text.startsWith(`${line}\n\n`)
    ? text.slice(line.length + 2)
    : text.replace(`${line}\n`, '');
}

function includeLine(path: string): string {
  return `Include ${quoted(path)}`;
}
