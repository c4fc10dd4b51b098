import type { App } from '#commands/app.ts';
import { writeJsonLine } from '#commands/json-output.ts';
import type { SharedOptions } from '#commands/shared-options.ts';
import { EcshError } from '#domain/errors/errors.ts';
import type { ProgramFiles } from '#domain/ports/system-ports.ts';
import type { Reporter } from '#ui/reporter.ts';
import { isPluginScript, PLUGIN_MARK, pluginScript } from './plugin-script.ts';
import { PLUGIN_VERSION } from './plugin-word.ts';

export interface PluginInstallOptions extends SharedOptions {
  /** Undefined: the user's folder for programs. */
  readonly dir?: string | undefined;
  /** Replace a plugin that is not ours. */
  readonly force: boolean;
}

const NAME = 'session-manager-plugin';

/** The plugin that is installed: none, this one, one from another ecsh, or a foreign one. */
type Before = 'none' | 'same' | 'ours' | 'foreign';

/**
 * Writes a session-manager-plugin that is this ecsh; a second time it changes nothing.
 *
 * @throws EcshError `plugin-exists`, `plugin-needs-executable`, `file-unwritable`
 */
export async function runPluginInstall(
  app: App,
  reporter: Reporter,
  options: PluginInstallOptions,
): Promise<number> {
  const programs = await app.programs();
  const isWindows = programs.platform === 'win32';
  const dir = programs.resolve(options.dir ?? usualFolder(app.env, isWindows));
  const path = `${dir}${isWindows ? '\\' : '/'}${NAME}${isWindows ? '.exe' : ''}`;
  const before = isWindows
    ? await installExecutable(programs, path, options.force)
    : await installScript(programs, path, options.force);
  report(reporter, { before, path, dir, isWindows, found: await programs.find(NAME) });
  if (options.json) writeJsonLine(app.stdout, { path, version: PLUGIN_VERSION });
  return 0;
}

function usualFolder(env: App['env'], isWindows: boolean): string {
  const { HOME: home = '', LOCALAPPDATA: appData = '' } = env;
  if (isWindows && appData !== '') return `${appData}\\Programs\\ecsh`;
  if (home !== '') return `${home}/.local/bin`;
  throw new EcshError('usage', 'There is no home folder to install the plugin in.', {
    hint: 'Name a folder on PATH:  ecsh plugin install --dir DIR',
    exitCode: 2,
  });
}

async function installScript(
  programs: ProgramFiles,
  path: string,
  force: boolean,
): Promise<Before> {
  const script = pluginScript(programs.ownWords, PLUGIN_VERSION);
  const head = await programs.readHead(path);
  const before = scriptBefore(head, script);
  if (!force) assertReplaceable(before, path);
  // The same text again too: someone may have taken away the right to run it.
  await programs.write(path, script);
  return before;
}

function scriptBefore(head: string | undefined, script: string): Before {
  if (head === undefined) return 'none';
  if (head === script) return 'same';
  return isPluginScript(head) ? 'ours' : 'foreign';
}

async function installExecutable(
  programs: ProgramFiles,
  path: string,
  force: boolean,
): Promise<Before> {
  const executable = executableOf(programs);
  const before = await executableBefore(programs, path, executable);
  if (!force) assertReplaceable(before, path);
  // Windows does not replace a program that runs, such as this very file.
  if (before !== 'same') await programs.link(executable, path);
  return before;
}

async function executableBefore(
  programs: ProgramFiles,
  path: string,
  executable: string,
): Promise<Before> {
  if ((await programs.readHead(path)) === undefined) return 'none';
  if (await programs.isSame(executable, path)) return 'same';
  return (await programs.contains(path, PLUGIN_MARK)) ? 'ours' : 'foreign';
}

function assertReplaceable(before: Before, path: string): void {
  if (before !== 'foreign') return;
  throw new EcshError('plugin-exists', `${path} is another session-manager-plugin.`, {
    hint: 'Replace it with --force, or name a folder that comes earlier on PATH with --dir.',
    exitCode: 1,
  });
}

/** Windows starts a program for the AWS CLI only from an .exe, so this installs a copy of ecsh's own. */
function executableOf({ ownWords }: ProgramFiles): string {
  const [executable = '', ...others] = ownWords;
  if (others.length === 0) return executable;
  throw new EcshError(
    'plugin-needs-executable',
    'On Windows the plugin has to be an .exe, and this ecsh runs on Node.js.',
    {
      hint: 'Use the ecsh.exe of a release:  ecsh.exe plugin install',
      exitCode: 1,
    },
  );
}

interface Installed {
  readonly before: Before;
  readonly path: string;
  readonly dir: string;
  readonly isWindows: boolean;
  /** The paths on PATH, the one that is started first. */
  readonly found: readonly string[];
}

const OUTCOMES: Readonly<Record<Before, (path: string) => string>> = {
  none: (path) => `Installed ${path}.`,
  same: (path) => `${path} is already installed.`,
  ours: (path) => `Updated ${path}.`,
  foreign: (path) => `Replaced ${path}.`,
};

function report(reporter: Reporter, { before, path, dir, isWindows, found }: Installed): void {
  reporter.notice(OUTCOMES[before](path));
  const [first] = found;
  if (first === path) return;
  if (found.includes(path)) {
    reporter.notice(`But ${first} comes earlier on PATH, so that is what the AWS CLI starts.`);
    return;
  }
  const words = isWindows
    ? `set PATH=${dir};%PATH%  (PowerShell: $env:Path="${dir};$env:Path")`
    : `PATH=${dir}:$PATH`;
  reporter.notice(`The AWS CLI does not find it yet. Put its folder on PATH:  ${words}`);
}
