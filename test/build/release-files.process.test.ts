import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server } from 'node:http';
import { arch, platform } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Finished, isInstalled, Program } from '#test/helpers/program.ts';
import { removeFolder, temporaryFolder } from '#test/helpers/temporary.ts';
import {
  formula,
  installScript,
  notesOf,
  scoopManifest,
} from '../../build/executables/release-files.js';

const NAMES = ['darwin-arm64', 'darwin-x64', 'linux-arm64', 'linux-x64'];
const ARCHIVES = [...NAMES.map((name) => `ecsh-1.2.3-${name}.tar.xz`), 'ecsh-1.2.3-win32-x64.zip'];
const RELEASE = {
  version: '1.2.3',
  url: 'https://example.org/releases/download/v1.2.3',
  homepage: 'https://example.org',
  sums: ARCHIVES.map((name) => `${sum(name)}  ${name}\n`).join(''),
};

describe('the Homebrew formula', () => {
  it('names each archive with its checksum', () => {
    const pairs = [...formula(RELEASE).matchAll(/url "(.*)"\n *sha256 "(.*)"/g)];
    expect(pairs.map(([, url, hash]) => `${url} ${hash}`).sort()).toEqual(
      ARCHIVES.slice(0, 4).map((name) => `${RELEASE.url}/${name} ${sum(name)}`),
    );
  });

  it('installs the executable, its manual, and its completion', () => {
    const [, lines = ''] = / def install\n([\s\S]*?) {2}end\n/.exec(formula(RELEASE)) ?? [];
    expect(lines.trim().split(/\n */)).toEqual([
      'bin.install "ecsh"',
      'man1.install "ecsh.1"',
      'generate_completions_from_executable(bin/"ecsh", "completion", shells: [:bash, :zsh, :fish])',
    ]);
  });
});

describe('the Scoop manifest', () => {
  it('names the archive for Windows with its checksum', () => {
    const [zip = ''] = ARCHIVES.slice(4);
    expect(JSON.parse(scoopManifest(RELEASE)).architecture).toEqual({
      '64bit': {
        url: `${RELEASE.url}/${zip}`,
        hash: sum(zip),
        extract_dir: 'ecsh-1.2.3-win32-x64',
      },
    });
  });
});

describe('the notes of a release', () => {
  it('are its section of the changelog, without the line of the version', () => {
    const changelog =
      '# Changelog\n\n## [1.2.3] - 2026-01-01\n\n### Added\n\n- It.\n\n## [1.2.2]\n\n- That.\n';
    expect(notesOf('1.2.3', changelog)).toBe('### Added\n\n- It.\n');
    expect(() => notesOf('9.9.9', changelog)).toThrow('CHANGELOG.md has no section for 9.9.9');
  });
});

const HAS_PROGRAMS = isInstalled('curl', '--version') && isInstalled('busybox', 'true');

describe.skipIf(!HAS_PROGRAMS)('install.sh', () => {
  const name = `ecsh-1.2.3-${platform()}-${arch()}`;
  const archive = `${name}.tar.xz`;
  let folder: string;
  let server: Server;
  let url: string;

  beforeAll(async () => {
    folder = temporaryFolder('release');
    pack('#!/bin/sh\necho 1.2.3\n');
    server = createServer((request, response) => {
      if (request.url === `/${archive}`) response.end(readFileSync(join(folder, archive)));
      else response.writeHead(404).end();
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    url = `http://127.0.0.1:${Object(server.address()).port}`;
  });

  afterAll(() => {
    server.close();
    return removeFolder(folder);
  });

  function pack(program: string): string {
    mkdirSync(join(folder, name));
    writeFileSync(join(folder, name, 'ecsh'), program);
    chmodSync(join(folder, name, 'ecsh'), 0o755);
    execFileSync('tar', ['-C', folder, '-cJf', join(folder, archive), name]);
    rmSync(join(folder, name), { recursive: true });
    const hash = createHash('sha256')
      .update(readFileSync(join(folder, archive)))
      .digest('hex');
    return `${hash}  ${archive}\n`;
  }

  function install(
    sums: string,
    {
      shell = ['sh'],
      to = [] as readonly string[],
      path = process.env.PATH ?? '',
      from = url,
    } = {},
  ): Promise<Finished> {
    const script = join(folder, 'install.sh');
    writeFileSync(script, installScript({ ...RELEASE, sums }));
    const env = { PATH: path, HOME: folder, ECSH_RELEASE_URL: from };
    return new Program([...shell, script, ...to], { env }).finished;
  }

  const hint = () => `The folder is not on PATH:  PATH=${folder}/.local/bin:$PATH\n`;

  it('refuses an archive whose checksum is wrong', async () => {
    expect(await install(`${sum('another')}  ${archive}\n`)).toEqual({
      status: 1,
      stdout: '',
      stderr: `The checksum of ${archive} is wrong: nothing was installed.\n`,
    });
    expect(readdirSync(join(folder, '.local/bin'))).toEqual([]);
  });

  it.each([
    ['dash', ['dash']],
    ['BusyBox', ['busybox', 'sh']],
    ['bash', ['bash']],
  ])("installs the executable in the user's own folder for programs: %s", async (_name, shell) => {
    expect(await install(pack('#!/bin/sh\necho 1.2.3\n'), { shell })).toEqual({
      status: 0,
      stdout: `Installed ${folder}/.local/bin/ecsh, version 1.2.3.\n${hint()}`,
      stderr: '',
    });
    expect(readdirSync(join(folder, '.local/bin'))).toEqual(['ecsh']);
  });

  it('downloads with wget if there is no curl', async () => {
    const path = join(folder, 'programs');
    mkdirSync(path);
    const needed = 'uname grep cut mkdir mktemp rm sha256sum tar xz cp chmod mv sh'.split(' ');
    for (const each of needed) symlinkSync(placeOf(each), join(path, each));
    symlinkSync(placeOf('busybox'), join(path, 'wget'));
    const sums = pack('#!/bin/sh\necho 1.2.3\n');
    const to = [join(folder, 'own')];
    expect(await install(sums, { shell: ['/bin/sh'], path: `${path}:${to[0]}`, to })).toEqual({
      status: 0,
      stdout: `Installed ${to[0]}/ecsh, version 1.2.3.\n`,
      stderr: '',
    });
    rmSync(join(path, 'wget'));
    expect(await install(sums, { shell: ['/bin/sh'], path, to })).toEqual({
      status: 1,
      stdout: '',
      stderr: 'Downloading ecsh needs curl or wget.\n',
    });
  });

  it('names the file that it could not download', async () => {
    const sums = pack('#!/bin/sh\necho 1.2.3\n');
    const { status, stderr } = await install(sums, { from: `${url}/none` });
    expect([status, stderr]).toEqual([
      1,
      expect.stringMatching(new RegExp(`\nCannot download ${url}/none/${archive}\\.\n$`)),
    ]);
  });

  it('keeps the old executable if the new one does not run', async () => {
    const to = [join(folder, 'old')];
    mkdirSync(join(folder, 'old'));
    writeFileSync(join(folder, 'old/ecsh'), 'old');
    expect(await install(pack('#!/bin/sh\nexit 1\n'), { to })).toEqual({
      status: 1,
      stdout: '',
      stderr: 'This ecsh does not run on this machine. With Node.js:  npm install -g ecsh\n',
    });
    expect(readdirSync(join(folder, 'old'))).toEqual(['ecsh']);
    expect(readFileSync(join(folder, 'old/ecsh'), 'utf8')).toBe('old');
  });

  it('reports a folder that is not writable', async () => {
    writeFileSync(join(folder, 'file'), '');
    const to = [join(folder, 'file/bin')];
    const { status, stderr } = await install(pack('#!/bin/sh\necho 1.2.3\n'), { to });
    expect([status, stderr]).toEqual([
      1,
      expect.stringMatching(
        /\nCannot write to .*file\/bin\. Name another folder: {2}sh install\.sh FOLDER\n$/,
      ),
    ]);
  });
});

function placeOf(program: string): string {
  return execFileSync('sh', ['-c', 'command -v "$1"', 'sh', program], { encoding: 'utf8' }).trim();
}

function sum(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
