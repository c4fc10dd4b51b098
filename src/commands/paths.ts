type Environment = Readonly<Record<string, string | undefined>>;

/** `~/.config/ecsh/config.json`; undefined without a home, as in some containers. */
export function configPath(env: Environment): string | undefined {
  const folder = folderOf(env, 'XDG_CONFIG_HOME', 'APPDATA', '.config');
  return folder === undefined ? undefined : fileIn(folder, 'config.json');
}

/** With the folder's own separator: Windows accepts both, but a mixed path is hard to read. */
export function fileIn(folder: string, name: string): string {
  return `${folder}${folder.includes('\\') ? '\\' : '/'}${name}`;
}

/** `~/.config/ecsh/targets.json`: targets that were saved under a name. */
export function targetsPath(env: Environment): string | undefined {
  return configPath(env)?.replace(/config\.json$/, 'targets.json');
}

/** The folder for ecsh's state, `~/.local/state/ecsh`; undefined without a home. */
export function statePath(env: Environment): string | undefined {
  return folderOf(env, 'XDG_STATE_HOME', 'LOCALAPPDATA', '.local/state');
}

/** The folder for ecsh's cache, `~/.cache/ecsh`; undefined without a home. */
export function cachePath(env: Environment): string | undefined {
  return folderOf(env, 'XDG_CACHE_HOME', 'LOCALAPPDATA', '.cache');
}

/**
 * XDG Base Directory Specification 0.8: an empty or a relative path counts as not set. The variables
 * of Windows are set nowhere else.
 */
function folderOf(env: Environment, xdg: string, windows: string, inHome: string) {
  const { [xdg]: named = '', [windows]: appData = '', HOME: home = '' } = env;
  if (/^[A-Za-z]:[\\/]/.test(named)) return `${named}\\ecsh`;
  if (named.startsWith('/')) return `${named}/ecsh`;
  if (appData !== '') return `${appData}\\ecsh`;
  return home === '' ? undefined : `${home}/${inHome}/ecsh`;
}
