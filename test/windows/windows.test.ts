import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Lab } from '#test/helpers/e2e.ts';
import { markedSleep, untilGone, untilRunning } from '#test/helpers/program.ts';
import { onWindows, Wine } from './wine.ts';

describe('the client on Windows', () => {
  let lab: Lab;
  let wine: Wine;

  beforeAll(async () => {
    lab = await Lab.start();
    wine = new Wine(lab.folder, lab.environment);
    // Creates the Windows folder.
    await wine.run(['--version']);
  });

  afterAll(() => lab.stop());

  it('prints its version', async () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
    const { status, stdout } = await wine.run(['--version']);
    expect([status, stdout.toString()]).toEqual([0, `${version}\n`]);
  });

  it('lists services', async () => {
    const { status, stdout } = await wine.run(['ls', 'services', 'lab', '--names']);
    expect(status).toBe(0);
    expect(stdout.toString()).toContain('lab/app\n');
  });

  it('runs a command, with its status, its streams, and nothing added to its lines', async () => {
    const words = ['exec', '-q', 'lab/app', '--', 'sh', '-c', 'echo out; echo err >&2; exit 7'];
    const { status, stdout, stderr } = await wine.run(words);
    expect([status, stdout.toString(), stderr]).toEqual([7, 'out\n', 'err\n']);
  });

  it('sends stdin byte for byte', async () => {
    const input = randomBytes(100_000);
    const { status, stdout } = await wine.run(['exec', '-q', '-i', 'lab/app', '--', 'cat'], {
      input,
    });
    expect([status, stdout.equals(input)]).toEqual([0, true]);
  });

  it('ends a command after --timeout', async () => {
    const { status } = await wine.run([
      'exec',
      '-q',
      '--timeout',
      '1s',
      'lab/app',
      '--',
      'sleep',
      '30',
    ]);
    expect(status).toBe(124);
  });

  it('copies files in both directions, with Windows paths', async () => {
    const bytes = randomBytes(100_000);
    const [there, back] = [join(lab.folder, 'there.bin'), join(lab.folder, 'back.bin')];
    writeFileSync(there, bytes);
    const remote = `lab/app:${lab.folder}/remote.bin`;
    const up = await wine.run(['cp', '-q', onWindows(there), remote]);
    expect([up.status, readFileSync(join(lab.folder, 'remote.bin')).equals(bytes)]).toEqual([
      0,
      true,
    ]);
    const down = await wine.run(['cp', '-q', remote, onWindows(back)]);
    expect([down.status, readFileSync(back).equals(bytes)]).toEqual([0, true]);
  });

  it('copies a folder', async () => {
    mkdirSync(join(lab.folder, 'tree/inner'), { recursive: true });
    writeFileSync(join(lab.folder, 'tree/inner/file'), 'x');
    const words = [
      'cp',
      '-q',
      '-r',
      `lab/app:${lab.folder}/tree`,
      onWindows(join(lab.folder, 'copied')),
    ];
    expect((await wine.run(words)).status).toBe(0);
    expect(existsSync(join(lab.folder, 'copied/inner/file'))).toBe(true);
  });

  it('keeps its settings in one kind of path', async () => {
    const { status, stdout } = await wine.run(['config', 'path']);
    expect(status).toBe(0);
    expect(stdout.toString()).toMatch(/^C:\\[^/]+\\ecsh\\config\.json\r?\n$/);
    expect((await wine.run(['config', 'set', 'cluster', 'lab'])).status).toBe(0);
    expect((await wine.run(['config', 'get', 'cluster'])).stdout.toString()).toBe('lab\n');
    expect((await wine.run(['config', 'unset', 'cluster'])).status).toBe(0);
  });

  it('prints policies and the completion of PowerShell', async () => {
    expect((await wine.run(['policy', 'task-role'])).status).toBe(0);
    const { stdout } = await wine.run(['completion', 'powershell']);
    expect(stdout.toString()).toContain('Register-ArgumentCompleter');
  });

  it('leaves no command behind when it is killed', async () => {
    const sleeper = markedSleep();
    // The command line of ecsh does not contain the two words with one blank between them.
    const script = `exec ${sleeper.join('  ')}`;
    const { child, finished } = wine.start(['exec', '-q', 'lab/app', '--', 'sh', '-c', script]);
    await untilRunning(sleeper.join(' '));
    child.kill('SIGKILL');
    await finished;
    await untilGone(sleeper.join(' '));
  });

  it('describes a service, and lists sessions', async () => {
    const { status, stdout } = await wine.run(['describe', 'lab/app', '--json']);
    expect([status, JSON.parse(stdout.toString()).service]).toEqual([0, 'app']);
    const sessions = await wine.run(['sessions', 'lab', '--json']);
    expect([sessions.status, sessions.stdout.toString()]).toEqual([0, '[]\n']);
  });

  it('runs a command in its own task', async () => {
    const words = ['run', '-q', '-y', 'lab/app', '--', 'sh', '-c', 'echo fresh; exit 6'];
    const { status, stdout } = await wine.run(words);
    expect([status, stdout.toString()]).toEqual([6, 'fresh\n']);
  });
});

describe('the executable for Windows', () => {
  let lab: Lab;
  let wine: Wine;

  beforeAll(async () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
    lab = await Lab.start();
    const executable = resolve(`executables/ecsh-${version}-win32-x64/ecsh.exe`);
    wine = new Wine(lab.folder, lab.environment, [executable]);
    await wine.run(['--version']);
  });

  afterAll(() => lab.stop());

  it('runs a command, with its status and its streams', async () => {
    const words = ['exec', '-q', 'lab/app', '--', 'sh', '-c', 'echo out; echo err >&2; exit 7'];
    const { status, stdout, stderr } = await wine.run(words);
    expect([status, stdout.toString(), stderr]).toEqual([7, 'out\n', 'err\n']);
  });

  it('installs itself as a plugin, and prints its folder as a Windows path', async () => {
    const folder = onWindows(join(lab.folder, 'plugin'));
    const installed = await wine.run(['plugin', 'install', '--dir', folder]);
    expect(installed.stderr.replaceAll('\r', '')).toBe(
      `Installed ${folder}\\session-manager-plugin.exe.\n` +
        `The AWS CLI does not find it yet. Put its folder on PATH:  set PATH=${folder};%PATH%  (PowerShell: $env:Path="${folder};$env:Path")\n`,
    );
    const again = await wine.run(['plugin', 'install', '--dir', folder]);
    expect([again.status, again.stderr.split(/\r?\n/)[0]]).toEqual([
      0,
      `${folder}\\session-manager-plugin.exe is already installed.`,
    ]);
    const plugin = new Wine(lab.folder, lab.environment, [
      join(lab.folder, 'plugin/session-manager-plugin.exe'),
    ]);
    const { status, stdout } = await plugin.run(['--version']);
    expect([status, stdout.toString().trim()]).toEqual([0, '1.2.764.0']);
  });
});
