/** The parts of the `Host` block that vary. */
export interface SshConfigOptions {
  /** The suffix of host names that are containers, such as `.ecs`. */
  readonly suffix: string;
  /** The command that ssh runs for each connection; %n is the name as the user typed it. */
  readonly proxyCommand: string;
  readonly knownHosts: string;
  /**
   * Path of the sockets of shared connections, with ssh's tokens; undefined: each ssh opens its own connection.
   */
  readonly controlPath: string | undefined;
  /** Whether this ssh has the option WarnWeakCrypto. */
  readonly knowsWeakCrypto: boolean;
}

/** All containers share this host key name, because the server is always ecsh. */
export const HOST_KEY_ALIAS = 'ecsh';

const TITLE = '# Containers of Amazon ECS, written by: ecsh ssh-config';

/**
 * The `Host` block with which ssh, scp, sftp, rsync and git reach containers. It disables no check: the host key is
 * stored and compared. `User root` is needed because ssh would otherwise send the local user name.
 */
export function sshConfigText({
  suffix,
  proxyCommand,
  knownHosts,
  controlPath,
  knowsWeakCrypto,
}: SshConfigOptions): string {
  const lines = [
    'User root',
    `ProxyCommand ${proxyCommand}`,
    `HostKeyAlias ${HOST_KEY_ALIAS}`,
    `UserKnownHostsFile ${quoted(knownHosts)}`,
    'StrictHostKeyChecking yes',
    'HostKeyAlgorithms ssh-ed25519',
    'PreferredAuthentications none',
    ...(controlPath === undefined
      ? []
      : ['ControlMaster auto', `ControlPath ${quoted(controlPath)}`, 'ControlPersist 10m']),
    // OpenSSH 10.1 warns about key exchanges that are not post-quantum, but this one never leaves the machine. An older
    // ssh fails for every host if it does not know an option. IgnoreUnknown would not help: it applies only in its own
    // block and only once, and would replace the user's setting.
    ...(knowsWeakCrypto ? ['WarnWeakCrypto no'] : []),
  ];
  return [TITLE, `Host *${suffix}`, ...lines.map((line) => `  ${line}`), ''].join('\n');
}

/**
 * The longest socket path that every system accepts (sun_path of macOS, without the NUL), less the suffix that ssh adds
 * while it creates one (OpenSSH mux.c, muxserver_listen), and the 40 digits of `%C`.
 */
const LONGEST_FOLDER = 103 - 17 - 41;

/**
 * Chooses the first folder whose path is short enough for a socket; ssh fails with a longer one.
 *
 * @returns undefined if there is none, and on Windows, whose ssh does not support shared connections
 */
export function controlPathIn(folders: readonly string[], platform: string): string | undefined {
  if (platform === 'win32') return undefined;
  const folder = folders.find((path) => Buffer.byteLength(path) <= LONGEST_FOLDER);
  return folder === undefined ? undefined : `${folder}/%C`;
}

/**
 * Adds or replaces this block in the file of all blocks. ssh uses the first matching value, so the block with the
 * longest suffix comes first: `.staging.ecs` before `.ecs`.
 */
export function withBlock(text: string, suffix: string, block: string): string {
  return fileOf(new Map([...blocksIn(text), [suffix, block]]));
}

/** Removes the block of this suffix from the file of all blocks. */
export function withoutBlock(text: string, suffix: string): string {
  const blocks = new Map(blocksIn(text));
  blocks.delete(suffix);
  return fileOf(blocks);
}

function fileOf(blocks: ReadonlyMap<string, string>): string {
  const sorted = [...blocks].sort(([a], [b]) => b.length - a.length || (a < b ? -1 : 1));
  return sorted.map(([, block]) => block).join('\n');
}

function blocksIn(text: string): readonly (readonly [string, string])[] {
  return text.split(new RegExp(`^(?=${TITLE}$)`, 'm')).flatMap((block) => {
    const [, suffix] = /^Host \*(\S+)$/m.exec(block) ?? [];
    return suffix === undefined ? [] : [[suffix, `${block.trimEnd()}\n`] as const];
  });
}

export function knownHostsText(publicKey: string): string {
  return `${HOST_KEY_ALIAS} ${publicKey.trim()}\n`;
}

/** ssh_config(5): arguments with spaces must be in double quotes. */
function quoted(path: string): string {
  return /[\s"]/.test(path) ? `"${path}"` : path;
}

/** Puts our Include first in the user's configuration: after a `Host` line it would belong to that host. */
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
