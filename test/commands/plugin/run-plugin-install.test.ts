import { describe, expect, it } from 'vitest';
import { pluginScript } from '#commands/plugin/plugin-script.ts';
import type { ProgramFiles } from '#domain/ports/system-ports.ts';
import { FakeApp, run } from '#test/helpers/app.ts';

const NODE = ['/usr/bin/node', '/opt/ecsh/bin/ecsh.js'];
const SCRIPT = pluginScript(NODE, '1.2.764.0');
const HOME = { HOME: '/home/me' };

interface Machine {
  readonly platform?: string;
  readonly ownWords?: readonly string[];
  /** File contents by path, before and after. */
  readonly disk?: Map<string, string>;
  readonly found?: readonly string[];
}

function app(machine: Machine, env: Readonly<Record<string, string>> = HOME): FakeApp {
  const { platform = 'linux', ownWords = NODE, disk = new Map(), found = [] } = machine;
  const programs: ProgramFiles = {
    platform,
    ownWords,
    resolve: (path) => path,
    find: async () => found,
    readHead: async (path) => disk.get(path),
    isSame: async (one, other) => disk.get(other) === `link to ${one}`,
    contains: async (path, text) => disk.get(path)?.includes(text) === true,
    succeeds: async () => false,
    write: async (path, text) => void disk.set(path, text),
    link: async (from, to) => void disk.set(to, `link to ${from}`),
  };
  return new FakeApp({ programs, env });
}

describe('plugin install', () => {
  it("writes a script to the user's program folder", async () => {
    const path = '/home/me/.local/bin/session-manager-plugin';
    const disk = new Map<string, string>();
    const { status, stdout, stderr } = await run(
      ['plugin', 'install', '--json'],
      app({ disk, found: [path] }),
    );
    expect([status, stderr]).toEqual([0, `Installed ${path}.\n`]);
    expect(JSON.parse(stdout)).toEqual({ path, version: '1.2.764.0' });
    expect([...disk]).toEqual([[path, SCRIPT]]);
  });

  it.each([
    [
      'it is on PATH, but not first',
      ['/usr/bin/session-manager-plugin', '/bin/x/session-manager-plugin'],
      'But /usr/bin/session-manager-plugin comes earlier on PATH, so that is what the AWS CLI starts.\n',
    ],
    [
      'it is not on PATH',
      [],
      'The AWS CLI does not find it yet. Put its folder on PATH:  PATH=/bin/x:$PATH\n',
    ],
  ])('reports that %s', async (_name, found, notice) => {
    const { stderr } = await run(['plugin', 'install', '--dir', '/bin/x'], app({ found }));
    expect(stderr).toBe(`Installed /bin/x/session-manager-plugin.\n${notice}`);
  });

  it('replaces its own script, but another plugin only with --force', async () => {
    const path = '/bin/x/session-manager-plugin';
    const words = ['plugin', 'install', '--dir', '/bin/x'];
    const own = new Map([[path, SCRIPT.replace('1.2.764.0', '1.2.0.0')]]);
    const updated = await run(words, app({ disk: own, found: [path] }));
    expect([updated.status, updated.stderr]).toEqual([0, `Updated ${path}.\n`]);
    expect(own.get(path)).toBe(SCRIPT);
    const again = await run(words, app({ disk: own, found: [path] }));
    expect([again.status, again.stderr]).toEqual([0, `${path} is already installed.\n`]);
    const theirs = new Map([[path, '\x7fELF']]);
    const refused = await run(words, app({ disk: theirs }));
    expect([refused.status, refused.stderr.split('\n')[0]]).toEqual([
      1,
      `ecsh: ${path} is another session-manager-plugin. [plugin-exists]`,
    ]);
    expect(theirs.get(path)).toBe('\x7fELF');
    const forced = await run([...words, '--force'], app({ disk: theirs, found: [path] }));
    expect([forced.status, forced.stderr]).toEqual([0, `Replaced ${path}.\n`]);
    expect(theirs.get(path)).toBe(SCRIPT);
  });

  it('copies the Windows executable under a second name', async () => {
    const disk = new Map<string, string>();
    const windows = { platform: 'win32', ownWords: ['C:\\ecsh.exe'], disk };
    const env = { LOCALAPPDATA: 'C:\\Users\\me\\AppData\\Local' };
    const { status, stderr } = await run(['plugin', 'install'], app(windows, env));
    const folder = 'C:\\Users\\me\\AppData\\Local\\Programs\\ecsh';
    expect(status).toBe(0);
    expect([...disk]).toEqual([[`${folder}\\session-manager-plugin.exe`, 'link to C:\\ecsh.exe']]);
    expect(stderr.split('\n')[1]).toBe(
      `The AWS CLI does not find it yet. Put its folder on PATH:  set PATH=${folder};%PATH%  (PowerShell: $env:Path="${folder};$env:Path")`,
    );
  });

  it('keeps a current Windows executable, updates an older one, and rejects another plugin', async () => {
    const path = 'C:\\bin\\session-manager-plugin.exe';
    const attempt = async (content: string, ...more: readonly string[]) => {
      const disk = new Map([[path, content]]);
      const windows = { platform: 'win32', ownWords: ['C:\\ecsh.exe'], disk, found: [path] };
      const words = ['plugin', 'install', '--dir', 'C:\\bin', ...more];
      const { status, stderr } = await run(words, app(windows, {}));
      return [status, stderr.split('\n')[0], disk.get(path)];
    };
    const ours = 'link to C:\\ecsh.exe';
    const older = 'MZ # session-manager-plugin by ecsh; 0.0.9';
    expect(await attempt(ours)).toEqual([0, `${path} is already installed.`, ours]);
    expect(await attempt(older)).toEqual([0, `Updated ${path}.`, ours]);
    expect(await attempt('MZ of AWS')).toEqual([
      1,
      `ecsh: ${path} is another session-manager-plugin. [plugin-exists]`,
      'MZ of AWS',
    ]);
    expect(await attempt('MZ of AWS', '--force')).toEqual([0, `Replaced ${path}.`, ours]);
  });

  it('reports what it needs on Windows', async () => {
    const { status, stderr } = await run(['plugin', 'install'], app({ platform: 'win32' }));
    expect([status, stderr]).toEqual([1, expect.stringContaining('[plugin-needs-executable]')]);
  });

  it('asks for a folder if there is no home folder', async () => {
    const { status, stderr } = await run(['plugin', 'install'], app({}, {}));
    expect([status, stderr]).toEqual([2, expect.stringContaining('[usage]')]);
  });
});

describe('the script', () => {
  it('quotes the paths of ecsh', () => {
    const script = pluginScript(["/home/o'neil/ecsh"], '1.2.764.0');
    expect(script).toContain(`exec '/home/o'\\''neil/ecsh' __session-manager-plugin "$@"\n`);
  });
});
