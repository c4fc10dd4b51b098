import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { hasShell, Lab, QUICK } from '#test/helpers/e2e.ts';
import { imageEnvironment, SHELL_NAMES } from '#test/helpers/shells.ts';
import { temporaryFolder } from '#test/helpers/temporary.ts';
import { listTree } from '#test/helpers/tree.ts';

/** The programs that the BARE image lacks: it has only the ones that the envelope needs. */
const BARE = [
  ...['tar', 'gzip', 'mv', 'rm', 'chmod', 'chown', 'touch', 'stat', 'mkdir', 'readlink'],
  ...['cat', 'cksum', 'tee', 'od', 'head', 'tr', 'id'],
];

const shells = SHELL_NAMES.filter((name) => hasShell[name]);
const workdir = temporaryFolder('workdir');
let lab: Lab;
/** Folders of this machine. The containers see them too: `far` is the remote side, `near` the local one. */
let far: string;
let near: string;

beforeAll(async () => {
  const service = (name: string, without: readonly string[], shell = shells[0]) => ({
    name,
    containers: [{ name: 'app', workdir, path: imageEnvironment(shell ?? 'bash', without).PATH }],
  });
  lab = await Lab.start({
    timings: QUICK,
    sessionLimit: { perContainer: 100 },
    clusters: [
      {
        name: 'lab',
        services: [
          { name: 'app', containers: [{ name: 'app', workdir }] },
          ...shells.flatMap((shell) => [
            service(shell, [], shell),
            service(`${shell}-bare`, BARE, shell),
            service(`${shell}-plain`, ['gzip'], shell),
          ]),
          service('no-tar', ['tar']),
          service('no-stty', ['stty']),
          service('no-wc', ['wc']),
          { name: 'odd-tar', containers: [{ name: 'app', workdir, path: oddTar() }] },
          { name: 'busy-tar', containers: [{ name: 'app', workdir, path: busyTar() }] },
          { name: 'odd-gzip', containers: [{ name: 'app', workdir, path: oddGzip() }] },
        ],
      },
    ],
  });
});

afterAll(() => lab.stop());

beforeEach(() => {
  far = temporaryFolder('far');
  near = temporaryFolder('near');
});

const OLD = new Date('2001-02-03T04:05:06Z');

function makeFile(path: string, content: string | Uint8Array = 'content\n', mode = 0o640): string {
  writeFileSync(path, content);
  chmodSync(path, mode);
  utimesSync(path, OLD, OLD);
  return path;
}

/** A PATH with a tar that writes a lot of data that is not an archive. */
function oddTar(): string {
  const { PATH } = imageEnvironment(shells[0] ?? 'bash', ['tar']);
  writeFileSync(`${PATH}/tar`, '#!/bin/sh\nyes | head -c 4000000\n', { mode: 0o755 });
  return `${PATH}`;
}

/** A PATH with a GNU tar that reports a file that changed while it was read. */
function busyTar(): string {
  const { PATH } = imageEnvironment(shells[0] ?? 'bash', ['tar']);
  const said = 'echo "tar: ./log: file changed as we read it" >&2';
  const script = `#!/bin/sh\nPATH=/bin:/usr/bin tar "$@"; ${said}; exit 1\n`;
  writeFileSync(`${PATH}/tar`, script, { mode: 0o755 });
  return `${PATH}`;
}

/** A PATH with a gzip that passes ecsh's test but truncates the content. */
function oddGzip(): string {
  const { PATH } = imageEnvironment(shells[0] ?? 'bash', ['gzip']);
  const script = 'case $1 in -dc) exec cat;; esac; read -r x; [ "$x" = x ] && echo x\n';
  const head = Buffer.from(gzipSync('there').subarray(0, 12)).toString('base64');
  const start = `[ "$x" = x ] || echo ${head} | base64 -d\n`;
  writeFileSync(`${PATH}/gzip`, `#!/bin/sh\n${script}${start}`, { mode: 0o755 });
  return `${PATH}`;
}

/** Runs `ecsh cp -q WORDS`; it must succeed and print nothing. */
async function copy(...words: readonly string[]): Promise<void> {
  expect(await lab.run(['cp', '-q', ...words])).toEqual({ status: 0, stdout: '', stderr: '' });
}

function attributes(path: string) {
  const { mode, mtimeMs } = statSync(path);
  return { mode: mode & 0o777, time: new Date(mtimeMs), content: readFileSync(path) };
}

for (const shell of shells) {
  for (const image of [shell, `${shell}-plain`]) {
    describe(`cp with image ${image}`, () => {
      it('copies a file in and out, byte for byte, with its mode and time', async () => {
        const content = randomBytes(300_000);
        const source = makeFile(join(near, 'a'), content, 0o750);
        await copy(source, `lab/${image}:${far}/b`);
        await copy(`lab/${image}:${far}/b`, join(near, 'c'));
        const expected = { mode: 0o750, time: OLD, content };
        expect(attributes(join(far, 'b'))).toEqual(expected);
        expect(attributes(join(near, 'c'))).toEqual(expected);
        expect(readdirSync(far)).toEqual(['b']);
      });

      it('copies a directory in and out, with all its contents', async () => {
        const source = makeTree(join(near, 'tree'));
        await copy('-r', source, `lab/${image}:${far}/in`);
        await copy('-r', `lab/${image}:${far}/in`, join(near, 'out'));
        expect(listTree(join(far, 'in'))).toEqual(listTree(source));
        expect(listTree(join(near, 'out'))).toEqual(listTree(source));
        expect(readdirSync(far)).toEqual(['in']);
        expect(readdirSync(near).sort()).toEqual(['out', 'tree']);
      });
    });
  }

  it(`cp of a file needs no more programs than exec, with ${shell} as sh`, async () => {
    const content = randomBytes(20_000);
    const source = makeFile(join(near, 'a'), content);
    await copy(source, `lab/${shell}-bare:${far}/b`);
    await copy(`lab/${shell}-bare:${far}/b`, join(near, 'c'));
    expect(readFileSync(join(far, 'b'))).toEqual(content);
    expect(readFileSync(join(near, 'c'))).toEqual(content);
  });
}

/** `links` is its own folder: BusyBox tar changes a folder's time when it creates links in it. */
function makeTree(root: string): string {
  const long = join('d'.repeat(120), 'e'.repeat(120));
  for (const folder of ['', 'empty', 'sub', 'links', long]) {
    mkdirSync(join(root, folder), { recursive: true });
  }
  makeFile(join(root, 'run.sh'), '#!/bin/sh\n', 0o755);
  makeFile(join(root, 'nothing'), '', 0o600);
  makeFile(join(root, 'sub', 'line\nfeed "and" \'quotes\' $(x) ü'), 'odd');
  makeFile(join(root, '-rf'), 'dash');
  makeFile(join(root, long, 'n'.repeat(200)), 'long');
  makeFile(join(root, 'sub', 'big'), randomBytes(100_000).toString('latin1'));
  linkSync(join(root, 'run.sh'), join(root, 'sub', 'hard'));
  symlinkSync('../run.sh', join(root, 'links', 'inside'));
  symlinkSync('/no/such', join(root, 'links', 'outside'));
  for (const folder of ['sub', 'empty', '']) utimesSync(join(root, folder), OLD, OLD);
  for (const folder of ['links', long, 'd'.repeat(120)]) utimesSync(join(root, folder), OLD, OLD);
  utimesSync(root, OLD, OLD);
  return root;
}

describe('cp names the copy', () => {
  const at = (path: string) => `lab/app:${path}`;

  it.each<readonly [string, () => readonly [string, string], () => string]>([
    ['after the source, in a directory', () => [join(near, 'a'), at(far)], () => join(far, 'a')],
    [
      'after the source, if the path ends in a slash',
      () => [join(near, 'a'), at(`${far}/`)],
      () => join(far, 'a'),
    ],
    [
      'as the destination path says',
      () => [join(near, 'a'), at(join(far, 'b:c'))],
      () => join(far, 'b:c'),
    ],
    [
      'relative to the working directory',
      () => [join(near, 'a'), at('relative')],
      () => join(workdir, 'relative'),
    ],
    [
      'with any characters in the name',
      () => [join(near, 'a'), at(join(far, "-n \n'ü'"))],
      () => join(far, "-n \n'ü'"),
    ],
    [
      'after the source, in a local directory',
      () => [at(join(near, 'a')), far],
      () => join(far, 'a'),
    ],
    [
      'as the local destination path says',
      () => [at(join(near, 'a')), join(far, 'b')],
      () => join(far, 'b'),
    ],
  ])('%s', async (_name, words, copied) => {
    makeFile(join(near, 'a'));
    await copy(...words());
    expect(readFileSync(copied(), 'utf8')).toBe('content\n');
  });

  it('after the source directory, inside an existing directory, like cp -r', async () => {
    mkdirSync(join(near, 'tree'));
    makeFile(join(near, 'tree', 'new'));
    mkdirSync(join(far, 'tree'));
    makeFile(join(far, 'tree', 'kept'));
    await copy('-r', join(near, 'tree'), at(far));
    await copy('-r', at(join(far, 'tree')), near);
    expect(readdirSync(join(far, 'tree')).sort()).toEqual(['kept', 'new']);
    expect(readdirSync(join(near, 'tree')).sort()).toEqual(['kept', 'new']);
  });

  it('after each entry of the directory for dir/.', async () => {
    makeFile(join(near, 'a'));
    await copy('-r', `${near}/.`, at(far));
    expect(readdirSync(far)).toEqual(['a']);
  });

  it('after each of several sources', async () => {
    const sources = [makeFile(join(near, 'a')), makeFile(join(near, 'b'))];
    await copy(...sources, at(far));
    expect(readdirSync(far).sort()).toEqual(['a', 'b']);
  });
});

describe('cp of several sources that cannot all be copied', () => {
  it.each(['up', 'down'])('copies the others and reports the one that failed: %s', async (way) => {
    const from = way === 'up' ? near : far;
    const [a, b] = [makeFile(join(from, 'a')), makeFile(join(from, 'b'))];
    const words = [a, join(from, 'none'), b].map((path) =>
      way === 'up' ? path : `lab/app:${path}`,
    );
    const to = way === 'up' ? far : near;
    const { status, stderr } = await lab.run(['cp', ...words, way === 'up' ? `lab/app:${to}` : to]);
    expect(status).toBe(255);
    expect(stderr).toContain(`ecsh: ${words[1]}: `);
    expect(stderr.match(/\[[a-z-]+\]/g)).toEqual(['[source-missing]']);
    expect(readdirSync(to).sort()).toEqual(['a', 'b']);
  });

  it('reports a shared error only once', async () => {
    const sources = [makeFile(join(near, 'a')), makeFile(join(near, 'b'))];
    const { status, stderr } = await lab.run(['cp', ...sources, 'lab/nosuch:/x']);
    expect(status).toBe(255);
    expect(stderr.match(/\[[a-z-]+\]/g)).toEqual(['[service-not-found]']);
  });

  it('opens no session if none can be copied', async () => {
    const sources = [join(near, 'none'), join(near, 'neither')];
    const { status, stderr } = await lab.run(['cp', ...sources, `lab/app:${far}`]);
    expect(status).toBe(255);
    expect(stderr).not.toContain('newest of');
    expect(stderr.match(/\[[a-z-]+\]/g)).toEqual(['[source-missing]', '[source-missing]']);
  });
});

describe('cp over an existing file', () => {
  it.each(['in the container', 'here'])(
    "%s keeps the file's mode and the links to it",
    async (where) => {
      const file = makeFile(join(far, 'file'), 'old', 0o604);
      symlinkSync('file', join(far, 'link'));
      const source = makeFile(join(near, 'new'), 'new', 0o777);
      if (where === 'here') await copy(`lab/app:${source}`, join(far, 'link'));
      else await copy(source, `lab/app:${join(far, 'link')}`);
      expect(attributes(file)).toEqual({ mode: 0o604, time: OLD, content: Buffer.from('new') });
      expect(readdirSync(far)).toEqual(['file', 'link']);
    },
  );

  it('fails inside a directory if a symbolic link is in the way, and does not follow it', async () => {
    const outside = temporaryFolder('outside');
    mkdirSync(join(near, 'tree', 'sub'), { recursive: true });
    makeFile(join(near, 'tree', 'sub', 'a'));
    mkdirSync(join(far, 'tree'));
    symlinkSync(outside, join(far, 'tree', 'sub'));
    const up = await lab.run(['cp', '-r', join(near, 'tree'), `lab/app:${far}`]);
    const down = await lab.run(['cp', '-r', `lab/app:${join(near, 'tree')}`, far]);
    expect([up.status, down.status]).toEqual([255, 255]);
    expect(up.stderr).toContain('[copy-incomplete]');
    expect(down.stderr).toContain('[copy-incomplete]');
    expect(readdirSync(outside)).toEqual([]);
  });
});

it('cp of a log that is being written succeeds with a warning', async () => {
  makeFile(join(far, 'log'));
  const seen = await lab.run(['cp', '-r', `lab/busy-tar:${far}/.`, near]);
  expect(seen).toMatchObject({ status: 0, stdout: '' });
  expect(seen.stderr).toMatch(/^tar: .\/log: file changed as we read it\nCopied 1 file, 8 B, in /);
  expect(readFileSync(join(near, 'log'), 'utf8')).toBe('content\n');
});

describe('cp with -', () => {
  it('copies from stdin', async () => {
    const input = randomBytes(100_000);
    const seen = await lab.run(['cp', '-q', '-', `lab/app:${far}/x`], { input });
    expect(seen).toEqual({ status: 0, stdout: '', stderr: '' });
    expect(readFileSync(join(far, 'x'))).toEqual(input);
  });

  it('writes the content to stdout, and nothing else', async () => {
    const content = randomBytes(100_000);
    makeFile(join(far, 'x'), content);
    const program = lab.start(['cp', `lab/app:${far}/x`, '-']);
    expect(await program.finished).toMatchObject({ status: 0, stderr: '' });
    expect(program.stdout).toEqual(content);
  });

  it('and -r copies a directory from one container to another as a tar archive', async () => {
    const source = makeTree(join(near, 'tree'));
    const first = lab.start(['cp', '-r', `lab/app:${source}`, '-']);
    expect(await first.finished).toMatchObject({ status: 0, stderr: '' });
    const second = await lab.run(['cp', '-qr', '-', `lab/app:${far}/copy`], {
      input: first.stdout,
    });
    expect(second).toEqual({ status: 0, stdout: '', stderr: '' });
    expect(listTree(join(far, 'copy'))).toEqual(listTree(source));
  });

  it('reports a stdin that is not a tar archive, or is empty', async () => {
    for (const input of ['no archive', '', gzipSync('x'.repeat(99))]) {
      for (const image of shells) {
        const seen = await lab.run(['cp', '-r', '-', `lab/${image}:${far}/x`], { input });
        expect(seen.status).toBe(255);
        expect(seen.stderr).toContain('stdin is not a tar archive');
      }
    }
    expect(readdirSync(far)).toEqual([]);
  });

  it('reports content that ends too early', async () => {
    makeFile(join(far, 'x'), 'there');
    const { status, stderr } = await lab.run(['cp', `lab/odd-gzip:${far}/x`, '-']);
    expect({ status, stderr }).toEqual({
      status: 255,
      stderr: expect.stringContaining('[copy-damaged]\n  '),
    });
  });

  it.skipIf(!existsSync('/dev/full'))('reports a full stdout only once', async () => {
    makeFile(join(far, 'x'), randomBytes(100_000));
    const seen = await lab.script('"$@" >/dev/full', ['cp', `lab/app:${far}/x`, '-']);
    expect(seen).toEqual({
      status: 255,
      stdout: '',
      stderr: expect.stringMatching(/^ecsh: The output could not be written: .*\[output-lost\]\n$/),
    });
  });

  it('exits with 141 if the reader of its stdout closes the pipe', async () => {
    makeFile(join(far, 'x'), 'line\n'.repeat(400_000));
    const script = '{ "$@"; echo "status $?" >&2; } | head -n 1';
    expect(await lab.script(script, ['cp', `lab/app:${far}/x`, '-'])).toEqual({
      status: 0,
      stdout: 'line\n',
      stderr: 'status 141\n',
    });
  });
});

describe('cp reports', () => {
  it.each<readonly [string, string, () => readonly string[]]>([
    ['a missing source', 'source-missing', () => [`lab/app:${far}/none`, near]],
    ['a missing local source', 'source-missing', () => [`${near}/none`, `lab/app:${far}`]],
    ['a directory without -r', 'source-is-directory', () => [`lab/app:${far}`, near]],
    ['a local directory without -r', 'source-is-directory', () => [near, `lab/app:${far}`]],
    ['a missing directory', 'destination-missing', () => ['FILE', `lab/app:${far}/no/x`]],
    ['a missing local directory', 'destination-missing', () => ['REMOTE', `${near}/no/x`]],
    ['a file whose path ends in a slash', 'destination-missing', () => ['FILE', 'REMOTE/']],
    ['stdin copied to a directory', 'destination-is-directory', () => ['-', `lab/app:${far}`]],
    ['a directory copied over a file', 'destination-not-directory', () => ['-r', near, 'REMOTE']],
    ['an image without tar', 'image-lacks-tools', () => ['-r', near, `lab/no-tar:${far}/x`]],
    ['a source image without tar', 'image-lacks-tools', () => ['-r', `lab/no-tar:${far}`, near]],
    ['an image without stty', 'image-lacks-tools', () => ['FILE', `lab/no-stty:${far}/x`]],
    ['an image without wc', 'image-lacks-tools', () => ['FILE', `lab/no-wc:${far}/x`]],
    ['a download that is not an archive', 'copy-damaged', () => ['-r', `lab/odd-tar:${far}`, near]],
    ['a download that ends too early', 'copy-damaged', () => [`lab/odd-gzip:${far}/there`, near]],
    ['an unwritable destination', 'destination-unwritable', () => ['FILE', 'lab/app:/proc/x']],
    ['an unwritable local destination', 'destination-unwritable', () => ['REMOTE', '/proc/x']],
    ['two remote sides', 'usage', () => ['REMOTE', 'REMOTE']],
    ['no remote side', 'usage', () => [near, far]],
    ['an empty path', 'usage', () => ['FILE', 'lab/app:']],
    ['a missing service', 'service-not-found', () => ['FILE', `lab/nosuch:${far}`]],
  ])('%s', async (_name, code, words) => {
    const file = makeFile(join(near, 'file'));
    const remote = `lab/app:${makeFile(join(far, 'there'), 'there')}`;
    const args = words().map((word) => word.replace('FILE', file).replace('REMOTE', remote));
    const seen = await lab.run(['cp', ...args]);
    expect(seen).toMatchObject({ status: 255, stdout: '' });
    expect(seen.stderr).toContain(`[${code}]\n  `);
    expect(readdirSync(far)).toEqual(['there']);
    expect(readFileSync(join(far, 'there'), 'utf8')).toBe('there');
  });

  it('errors as one object with --json', async () => {
    const words = ['cp', '--json', `lab/app:${far}/none`, near];
    const { status, stdout } = await lab.run(words);
    expect(status).toBe(255);
    expect(JSON.parse(stdout)).toMatchObject({
      files: 0,
      bytes: 0,
      exitCode: 255,
      container: 'app',
      sessionId: expect.stringContaining('ecs-execute-command-'),
      error: { code: 'source-missing' },
    });
  });
});

it('cp --json reports what was copied', async () => {
  makeTree(join(near, 'tree'));
  const words = ['cp', '-r', '--json', join(near, 'tree'), `lab/app:${far}/copy`];
  const { status, stdout, stderr } = await lab.run(words);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(JSON.parse(stdout)).toMatchObject({
    source: join(near, 'tree'),
    destination: `lab/app:${far}/copy`,
    files: 9,
    bytes: expect.any(Number),
    cluster: 'lab',
    container: 'app',
    exitCode: 0,
    error: null,
  });
});

describe('cp that is interrupted', () => {
  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGKILL', 'SIGKILL'],
  ] as const)('by %s during an upload leaves the file as it was', async (signal, status) => {
    makeFile(join(far, 'x'), 'old');
    const program = lab.start(['cp', '-q', '-', `lab/app:${far}/x`], {
      input: randomBytes(200_000),
      keepsInputOpen: true,
    });
    await until(() => readdirSync(far).some((name) => name.startsWith('.ecsh-')));
    program.signal(signal);
    expect(await program.finished).toMatchObject({ status });
    await until(() => readdirSync(far).length === 1);
    expect(readFileSync(join(far, 'x'), 'utf8')).toBe('old');
  });

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('by %s during a download leaves the file as it was', async (signal, status) => {
    makeFile(join(near, 'x'), 'old');
    const program = lab.start(['cp', '-q', slowFile(), join(near, 'x')]);
    await until(() => readdirSync(near).some((name) => name.startsWith('.ecsh-')));
    program.signal(signal);
    expect(await program.finished).toMatchObject({ status, stdout: '', stderr: '' });
    expect(readdirSync(near)).toEqual(['x']);
    expect(readFileSync(join(near, 'x'), 'utf8')).toBe('old');
  });

  it('exits with 124 on --timeout and does not count an incomplete file', async () => {
    const words = ['cp', '--json', '--timeout', '4s', slowFile(), join(near, 'x')];
    const { status, stdout, stderr } = await lab.run(words);
    expect({ status, stderr }).toEqual({ status: 124, stderr: '' });
    expect(JSON.parse(stdout)).toMatchObject({ files: 0, exitCode: 124, error: null });
    expect(existsSync(join(near, 'x'))).toBe(false);
  });
});

/** A file that takes minutes to copy: it is large, and this image cannot compress. */
function slowFile(): string {
  truncateSync(makeFile(join(far, 'slow')), 1_000_000_000);
  return `lab/${shells[0]}-plain:${join(far, 'slow')}`;
}

async function until(isSo: () => boolean): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!isSo()) {
    if (Date.now() > deadline) throw new Error('it has not come to that');
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
}
