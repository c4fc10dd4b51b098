import { mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Finished, Program } from '#test/helpers/program.ts';
import { removeFolder, temporaryFolder } from '#test/helpers/temporary.ts';

const ECSH = process.env.ECSH_TEST_EXECUTABLE ?? '';
/** OpenSSH's client, which is not a program of a container here. */
const SSH = '/usr/bin/ssh';
/** Only the programs that a container of the simulator needs. */
const PROGRAMS = [
  'sh',
  'stty',
  'cat',
  'head',
  'cksum',
  'base64',
  'dd',
  'env',
  'sleep',
  'mkfifo',
  'rm',
];
/** The number of runs needed to get one that is not disturbed. */
const ROUNDS = 9;

describe('the single executable', () => {
  let folder: string;
  let env: Readonly<Record<string, string>>;

  beforeAll(() => {
    folder = temporaryFolder('executable');
    const bin = join(folder, 'bin');
    mkdirSync(bin);
    for (const name of PROGRAMS) symlinkSync(`/bin/${name}`, join(bin, name));
    // No Node.js on PATH, and no settings of the user.
    env = { PATH: bin, HOME: folder, TMPDIR: folder };
  });

  afterAll(() => removeFolder(folder));

  function run(...words: readonly string[]): Promise<Finished> {
    return new Program(words, { env }).finished;
  }

  it('has no Node.js on PATH', async () => {
    expect((await run('/bin/sh', '-c', 'node --version')).status).toBe(127);
  });

  it('prints its version and its help', async () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
    expect(await run(ECSH, '--version')).toEqual({ status: 0, stdout: `${version}\n`, stderr: '' });
    const help = readFileSync('dist/help.txt', 'utf8');
    expect(await run(ECSH, '--help')).toEqual({ status: 0, stdout: help, stderr: '' });
  });

  it('includes its manual', () => {
    const manual = readFileSync(join(dirname(ECSH), 'ecsh.1'), 'utf8');
    expect(manual).toBe(readFileSync('man/ecsh.1', 'utf8'));
  });

  it('runs a command in a container of its own simulator', async () => {
    const words = [
      ECSH,
      'exec',
      '-q',
      'demo/web',
      '--',
      'sh',
      '-c',
      'echo hi; echo err >&2; exit 7',
    ];
    expect(await run(ECSH, 'simulate', '--', ...words)).toEqual({
      status: 7,
      stdout: 'hi\n',
      stderr: 'err\n',
    });
  });

  it('serves ssh', async () => {
    const config = join(folder, 'ssh-config');
    const script = `${ECSH} ssh-config > ${config} &&
      ${SSH} -F ${config} -o ControlPath=none web.demo.ecs 'echo from ssh; exit 4' </dev/null`;
    const { status, stdout } = await run(ECSH, 'simulate', '--', '/bin/sh', '-c', script);
    expect([status, stdout]).toEqual([4, 'from ssh\n']);
  });

  it('shares a session in connect', async () => {
    const script = `${ECSH} exec -q demo/web -- sh -c 'echo one; exit 3'`;
    const words = ['connect', '-q', 'demo/web', '--', '/bin/sh', '-c', script];
    const { status, stdout } = await run(ECSH, 'simulate', '--', ECSH, ...words);
    expect([status, stdout]).toEqual([3, 'one\n']);
  });

  it('installs itself as a plugin', async () => {
    const plugin = join(folder, 'plugin', 'session-manager-plugin');
    await run(ECSH, 'plugin', 'install', '--dir', join(folder, 'plugin'));
    expect((await run(plugin, '--version')).stdout).toBe('1.2.764.0\n');
    const again = await run(ECSH, 'plugin', 'install', '--dir', join(folder, 'plugin'));
    expect([again.status, again.stderr.split('\n')[0]]).toEqual([
      0,
      `${plugin} is already installed.`,
    ]);
    const unknown =
      '\nUnknown operation Chat. \nUse session-manager-plugin --version to check the version.\n\n';
    expect(await run(plugin, 'Chat')).toEqual({ status: 0, stdout: unknown, stderr: '' });
  });

  it('leaves no files behind', async () => {
    await run(ECSH, 'simulate', '--', ECSH, 'exec', '-q', 'demo/web', '--', 'true');
    expect(readdirSync(folder).filter((name) => name.startsWith('ecsh-pty-'))).toEqual([]);
  });

  it('starts as fast as its Node.js with an empty script', async () => {
    const node = process.env.ECSH_TEST_NODE ?? '';
    const times = { ecsh: Number.POSITIVE_INFINITY, node: Number.POSITIVE_INFINITY };
    for (let round = 0; round < ROUNDS; round++) {
      times.ecsh = Math.min(times.ecsh, await timeOf(ECSH, '--version'));
      times.node = Math.min(times.node, await timeOf(node, '-e', '0'));
    }
    expect(times.ecsh / times.node).toBeLessThan(1.5);
  });

  async function timeOf(...words: readonly string[]): Promise<number> {
    const start = performance.now();
    expect((await run(...words)).status).toBe(0);
    return performance.now() - start;
  }
});
