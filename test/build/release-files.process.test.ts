import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { arch, platform } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isInstalled, Program } from '#test/helpers/program.ts';
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
  it("are its section of the changelog, without the version's line", () => {
    const changelog =
      '# Changelog\n\n## [1.2.3] - 2026-01-01\n\n### Added\n\n- It.\n\n## [1.2.2]\n\n- That.\n';
    expect(notesOf('1.2.3', changelog)).toBe('### Added\n\n- It.\n');
    expect(() => notesOf('9.9.9', changelog)).toThrow('CHANGELOG.md has no section for 9.9.9');
  });
});

describe.skipIf(!isInstalled('curl', '--version'))('install.sh', () => {
  const name = `ecsh-1.2.3-${platform()}-${arch()}`;
  let folder: string;

  beforeAll(() => {
    folder = temporaryFolder('release');
    mkdirSync(join(folder, name));
    writeFileSync(join(folder, name, 'ecsh'), '#!/bin/sh\necho 1.2.3\n');
    chmodSync(join(folder, name, 'ecsh'), 0o755);
    execFileSync('tar', ['-C', folder, '-cJf', join(folder, `${name}.tar.xz`), name]);
    rmSync(join(folder, name), { recursive: true });
  });

  afterAll(() => removeFolder(folder));

  function install(sums: string) {
    const script = join(folder, 'install.sh');
    writeFileSync(script, installScript({ ...RELEASE, sums }));
    const env = {
      PATH: process.env.PATH ?? '',
      HOME: folder,
      ECSH_RELEASE_URL: `file://${folder}`,
    };
    return new Program(['sh', script], { env }).finished;
  }

  it('refuses an archive whose checksum is wrong', async () => {
    expect(await install(`${sum('another')}  ${name}.tar.xz\n`)).toEqual({
      status: 1,
      stdout: '',
      stderr: `The checksum of ${name}.tar.xz is wrong: nothing was installed.\n`,
    });
  });

  it("puts the executable in the folder of the user's own programs", async () => {
    const bytes = readFileSync(join(folder, `${name}.tar.xz`));
    const hash = createHash('sha256').update(bytes).digest('hex');
    expect(await install(`${hash}  ${name}.tar.xz\n`)).toEqual({
      status: 0,
      stdout: `Installed ${folder}/.local/bin/ecsh, version 1.2.3.\n`,
      stderr: '',
    });
  });
});

function sum(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
