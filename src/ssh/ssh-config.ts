/** The parts of the `Host` block that vary. */
export interface SshConfigOptions {
  /** `.ecs`: names of this form are containers. */
  readonly suffix: string;
  /** The command that ssh runs for each connection; %n is the name as the user typed it. */
  readonly proxyCommand: string;
  readonly knownHosts: string;
  /**
   * Path of the sockets of connections that stay open, with ssh's tokens; undefined: each ssh opens a
   * connection of its own.
   */
  readonly controlPath: string | undefined;
  /** Whether this ssh has the option WarnWeakCrypto. */
  readonly knowsWeakCrypto: boolean;
}

/** The host keys of all containers are stored under this name: the server is always ecsh. */
export const HOST_KEY_ALIAS = 'ecsh';

const TITLE = '# Containers of Amazon ECS, written by: ecsh ssh-config';

/**
 * The `Host` block that makes ssh, scp, sftp, rsync and git reach containers. It turns no check off: the host
 * key is stored and compared. `User root` is needed because ssh would send the name of the local user.
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
    // OpenSSH 10.1 warns about key exchanges that are not post-quantum. This one never leaves the machine. An
    // older ssh fails for every host with an option that it does not know, and IgnoreUnknown, which counts
    // only where its own block matches and only once, would take the place of the user's.
    ...(knowsWeakCrypto ? ['WarnWeakCrypto no'] : []),
  ];
  return [TITLE, `Host *${suffix}`, ...lines.map((line) => `  ${line}`), ''].join('\n');
}

/**
 * The longest socket path that every system takes (sun_path of macOS, without its end), less what ssh adds
 * while it makes one (OpenSSH mux.c, muxserver_listen), and the 40 digits of `%C`.
 */
const LONGEST_FOLDER = 103 - 17 - 41;

/**
 * Sockets go into the first of the folders whose path is short enough; ssh fails with a longer one.
 *
 * @returns undefined where there is none, and on Windows, whose ssh has no such connections
 */
export function controlPathIn(folders: readonly string[], platform: string): string | undefined {
  if (platform === 'win32') return undefined;
  const folder = folders.find((path) => Buffer.byteLength(path) <= LONGEST_FOLDER);
  return folder === undefined ? undefined : `${folder}/%C`;
}

/**
 * The file of all blocks with this one added or replaced. ssh takes the first value that matches, so the block
 * of the longest suffix comes first: `.staging.ecs` before `.ecs`.
 */
export function withBlock(text: string, suffix: string, block: string): string {
  return fileOf(new Map([...blocksIn(text), [suffix, block]]));
}

/** The file of all blocks without the one of this suffix. */
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

/** ssh_config(5): arguments with spaces are put in double quotes. */
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
