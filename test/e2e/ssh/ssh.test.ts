import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Lab } from '#test/helpers/e2e.ts';
import { type Finished, isInstalled } from '#test/helpers/program.ts';

const hasSsh = isInstalled('ssh', '-V');
const HOST = 'app.lab.ecs';

let lab: Lab;
let config: string;
let folder: string;
let web: Server;
let page: string;

beforeAll(async () => {
  lab = await Lab.start();
  folder = join(lab.folder, 'files');
  mkdirSync(folder);
  const installed = await lab.run(['ssh-config', '--install', '-y']);
  expect(installed).toMatchObject({ status: 0 });
  config = join(lab.folder, '.ssh/config');
  page = randomBytes(50_000).toString('hex');
  web = createServer((_request, response) => response.end(page)).listen(0, '127.0.0.1');
});

afterAll(async () => {
  web.close();
  if (hasSsh) await ssh(['-O', 'exit', HOST]);
  await lab.stop();
});

function tool(
  [program = '', ...words]: readonly string[],
  options: Parameters<Lab['startProgram']>[1] = {},
): Promise<Finished> {
  return lab.startProgram([program, '-F', config, ...words], options).finished;
}

const ssh = (words: readonly string[], options: Parameters<Lab['startProgram']>[1] = {}) =>
  tool(['ssh', ...words], options);

function webPort(): number {
  const address = web.address();
  if (address === null || typeof address === 'string') throw new Error('not listening');
  return address.port;
}

describe.skipIf(!hasSsh)('ssh', () => {
  it('passes stdin, output and status through', async () => {
    const seen = await ssh([HOST, 'cat; echo err >&2; exit 7'], { input: 'exact\0in' });
    expect([seen.status, seen.stdout, seen.stderr]).toEqual([7, 'exact\0in', 'err\n']);
  });

  it('keeps a command line that is not UTF-8', async () => {
    const line = `ssh -F ${config} ${HOST} "printf %s '$(printf '\\351\\377')'" | od -An -tx1`;
    const { stdout } = await lab.startProgram(['sh', '-c', line]).finished;
    expect(stdout.trim()).toBe('e9 ff');
  });

  it('accepts command lines as long as sshd does', async () => {
    const { stdout } = await ssh([HOST, `echo ${'x'.repeat(100_000)} | wc -c`]);
    expect(stdout.trim()).toBe('100001');
  });

  it('runs many commands at once', async () => {
    const runs = Array.from({ length: 10 }, (_, i) => ssh([HOST, `echo out${i}; exit ${i}`]));
    const seen = await Promise.all(runs);
    expect(seen.map(({ status, stdout }) => [status, stdout])).toEqual(
      seen.map((_, i) => [i, `out${i}\n`]),
    );
  });

  it('opens a terminal that stays open after the end of stdin', async () => {
    const { status, stdout } = await ssh(['-tt', HOST, 'test -t 0 && echo $TERM; sleep 1; exit 4']);
    expect([status, stdout.trim()]).toEqual([4, expect.stringMatching(/\w/)]);
  });

  it('reports why a container cannot be entered, and leaves no master behind', async () => {
    const { status, stderr } = await ssh(['nosuch.lab.ecs', 'true']);
    expect([status, stderr]).toEqual([255, expect.stringContaining('[service-not-found]')]);
    expect((await ssh(['-O', 'check', 'nosuch.lab.ecs'])).status).toBe(255);
  });

  it('rejects an unknown subsystem, and the connection stays open', async () => {
    expect((await ssh(['-s', HOST, 'nosuch'])).status).toBe(255);
    expect((await ssh([HOST, 'echo on'])).stdout).toBe('on\n');
  });

  it('connects to ports, and reports one that refuses', async () => {
    const request = 'GET / HTTP/1.0\r\n\r\n';
    const answer = await ssh(['-W', `127.0.0.1:${webPort()}`, HOST], { input: request });
    expect(answer.stdout.endsWith(page)).toBe(true);
    expect((await ssh(['-W', '127.0.0.1:1', HOST])).status).toBe(255);
  });
});

describe.skipIf(!hasSsh)('scp and sftp, which need no program in the image,', () => {
  it('copy files unchanged in both directions, and rename them into place only when complete', async () => {
    const bytes = randomBytes(300_000);
    writeFileSync(join(folder, 'up'), bytes, { mode: 0o640 });
    const remote = `${HOST}:${folder}`;
    expect((await tool(['scp', '-p', join(folder, 'up'), `${remote}/there`])).status).toBe(0);
    expect((await tool(['scp', `${remote}/there`, join(folder, 'back')])).status).toBe(0);
    expect(readFileSync(join(folder, 'back')).equals(bytes)).toBe(true);
    expect(statSync(join(folder, 'there')).mode & 0o777).toBe(0o640);
    expect(readdirSync(folder).filter((name) => name.startsWith('.ecsh'))).toEqual([]);
  });

  it('report a missing file', async () => {
    const { status, stderr } = await tool(['scp', `${HOST}:${folder}/nosuch`, join(folder, 'x')]);
    expect([status, stderr]).toEqual([1, expect.stringContaining('No such file or directory')]);
  });

  it('copy directories with unusual names', async () => {
    const tree = join(folder, 'tree');
    mkdirSync(join(tree, 'sub'), { recursive: true });
    for (const name of ['a b', '-dash', 'quote\'"', 'sub/ünï'])
      writeFileSync(join(tree, name), name);
    expect((await tool(['scp', '-rp', tree, `${HOST}:${folder}/copy`])).status).toBe(0);
    expect(execFileSync('diff', ['-r', tree, join(folder, 'copy')]).toString()).toBe('');
  });

  it('create, rename, list and remove', async () => {
    writeFileSync(join(folder, 'one'), 'one');
    const script = [
      `cd ${folder}`,
      'mkdir d',
      `put ${join(folder, 'one')} d/one`,
      'rename d/one d/two',
      'ln -s two d/link',
      'chmod 600 d/two',
      'cp d/two d/three',
      'ls d',
      `get d/two ${join(folder, 'got')}`,
      `get d/three ${join(folder, 'copied')}`,
      'rm d/three',
      'rm d/link',
      'rm d/two',
      'rmdir d',
    ].join('\n');
    const { status, stdout } = await tool(['sftp', '-b', '-', HOST], { input: `${script}\n` });
    expect(status).toBe(0);
    expect(stdout).toMatch(/d\/link\s+d\/three\s+d\/two/);
    expect(readFileSync(join(folder, 'got'), 'utf8')).toBe('one');
    expect(readFileSync(join(folder, 'copied'), 'utf8')).toBe('one');
  });

  it('continue an incomplete file', async () => {
    const bytes = randomBytes(60_000);
    writeFileSync(join(folder, 'whole'), bytes);
    writeFileSync(join(folder, 'part'), bytes.subarray(0, 20_000));
    const script = `reput ${join(folder, 'whole')} ${join(folder, 'part')}\n`;
    expect((await tool(['sftp', '-b', '-', HOST], { input: script })).status).toBe(0);
    expect(readFileSync(join(folder, 'part')).equals(bytes)).toBe(true);
  });
});

describe.skipIf(!hasSsh || !isInstalled('rsync', '--version'))('rsync', () => {
  it('copies a directory, and then transfers nothing', async () => {
    const tree = join(folder, 'sync');
    mkdirSync(tree);
    for (let i = 0; i < 20; i++) writeFileSync(join(tree, `f${i}`), randomBytes(1_000));
    const words = ['rsync', '-a', '-e', `ssh -F ${config}`, '--stats'];
    const target = `${HOST}:${folder}/synced/`;
    expect((await lab.startProgram([...words, `${tree}/`, target]).finished).status).toBe(0);
    expect(execFileSync('diff', ['-r', tree, join(folder, 'synced')]).toString()).toBe('');
    const again = await lab.startProgram([...words, `${tree}/`, target]).finished;
    expect(again.stdout).toContain('Number of regular files transferred: 0');
  });
});

describe('ecsh ssh-config', () => {
  it.skipIf(!hasSsh)('preserves other hosts, and every byte and the mode of the file', async () => {
    const home = join(lab.folder, 'foreign');
    const config = join(home, '.ssh/config');
    mkdirSync(join(home, '.ssh'), { recursive: true });
    const before = Buffer.from(
      '# M\xfcller\nIgnoreUnknown UseKeychain\nHost other\n  UseKeychain yes\n  User me\n',
      'latin1',
    );
    writeFileSync(config, before, { mode: 0o644 });
    const env = { ...lab.environment, HOME: home };
    for (const suffix of ['.ecs', '.staging']) {
      await lab.run(['ssh-config', '--install', '-y', '--suffix', suffix], { env });
    }
    for (const name of ['other', 'web.prod.ecs', 'web.prod.staging']) {
      const { status, stdout } = await lab.startProgram(['ssh', '-F', config, '-G', name], {
        env,
      }).finished;
      expect([name, status, stdout.match(/^user (.*)$/m)?.[1]]).toEqual([
        name,
        0,
        name === 'other' ? 'me' : 'root',
      ]);
    }
    for (const suffix of ['.ecs', '.staging']) {
      await lab.run(['ssh-config', '--uninstall', '-y', '--suffix', suffix], { env });
    }
    expect(readFileSync(config)).toEqual(before);
    expect(statSync(config).mode & 0o777).toBe(0o644);
  });

  it('shows its changes, keeps existing lines, and can be uninstalled', async () => {
    const home = join(lab.folder, 'other');
    mkdirSync(join(home, '.ssh'), { recursive: true });
    const before = 'Host a\n  User b\n';
    writeFileSync(join(home, '.ssh/config'), before);
    const env = { ...lab.environment, HOME: home };
    const installed = await lab.run(['ssh-config', '--install', '-y'], { env });
    expect(installed.stderr).toContain(`+ Include ${home}/.config/ecsh/ssh/hosts.conf`);
    expect(readFileSync(join(home, '.ssh/config.before-ecsh'), 'utf8')).toBe(before);
    expect(statSync(join(home, '.config/ecsh/ssh/host_key')).mode & 0o777).toBe(0o600);
    await lab.run(['ssh-config', '--uninstall', '-y'], { env });
    expect(readFileSync(join(home, '.ssh/config'), 'utf8')).toBe(before);
  });
});
