import type { App } from '#commands/app.ts';
import { writeJsonLine } from '#commands/json-output.ts';
import type { SharedOptions } from '#commands/shared-options.ts';
import { EcshError } from '#domain/errors/errors.ts';
import type { ProgramFiles } from '#domain/ports/system-ports.ts';
import type { Reporter } from '#ui/reporter.ts';
import { isPluginScript, pluginScript } from './plugin-script.ts';
import { PLUGIN_VERSION } from './plugin-word.ts';

export interface PluginInstallOptions extends SharedOptions {
  /** Undefined: the folder of the user's own programs. */
  readonly dir?: string | undefined;
  /** Replace a plugin that is not ours. */
  readonly force: boolean;
}

const NAME = 'session-manager-plugin';

/**
 * Writes a session-manager-plugin that is this ecsh.
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
  await assertReplaceable(programs, path, options.force);
  if (isWindows) await programs.link(executableOf(programs), path);
  else await programs.write(path, pluginScript(programs.ownWords, PLUGIN_VERSION));
  report(reporter, { path, dir, isWindows, found: await programs.find(NAME) });
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

async function assertReplaceable(
  programs: ProgramFiles,
  path: string,
  force: boolean,
): Promise<void> {
  if (force) return;
  const head = await programs.readHead(path);
  if (head === undefined || isPluginScript(head)) return;
  throw new EcshError('plugin-exists', `${path} is another session-manager-plugin.`, {
    hint: 'Replace it with --force, or name a folder that comes earlier on PATH with --dir.',
    exitCode: 1,
  });
}

/** Windows starts a program for the AWS CLI only from an .exe, so a copy of ecsh's own is what it gets. */
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
  readonly path: string;
  readonly dir: string;
  readonly isWindows: boolean;
  /** The paths on PATH, the one that is started first. */
  readonly found: readonly string[];
}

function report(reporter: Reporter, { path, dir, isWindows, found }: Installed): void {
  reporter.notice(`Installed ${path}.`);
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
