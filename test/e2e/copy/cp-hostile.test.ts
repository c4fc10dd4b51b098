import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { hasShell, Lab, QUICK } from '#test/helpers/e2e.ts';
import { ECSH } from '#test/helpers/program.ts';
import { rounds } from '#test/helpers/rounds.ts';
import { imageEnvironment } from '#test/helpers/shells.ts';
import { temporaryFolder } from '#test/helpers/temporary.ts';

const shell = hasShell.dash ? 'dash' : 'bash';
let lab: Lab;
let far: string;
let near: string;

/** A service whose image has `script` as the program `name`. */
function imageWith(name: string, script: string): object {
  const { PATH } = imageEnvironment(shell, [name]);
  writeFileSync(`${PATH}/${name}`, script, { mode: 0o755 });
  return { name: `odd-${name}`, containers: [{ name: 'app', path: `${PATH}` }] };
}

/** A program that writes a tar archive; `archive` is the body of a generator of entries. */
const tarOf = (archive: string) => `#!${process.execPath}
const block = (name, type, size, link = '') => {
  const head = Buffer.alloc(512);
  head.write(name, 0);
  head.write('0000644\\0' + '0000000\\0' + '0000000\\0', 100);
  head.write(size.toString(8).padStart(11, '0') + '\\0' + '00000000000\\0', 124);
  head.write('        ' + type + link, 148);
  head.write('ustar\\x0000', 257);
  const sum = head.reduce((total, byte) => total + byte, 0);
  head.write(sum.toString(8).padStart(6, '0') + '\\0 ', 148);
  return head;
};
const padded = (text) => { const size = Math.ceil(text.length / 512) * 512; return Buffer.from(text.padEnd(size, '\\0')); };
function* archive() { ${archive} yield Buffer.alloc(1024); }
const out = process.stdout;
process.argv[2] === '-cf' && require('stream').Readable.from(archive()).pipe(out);
`;

const LONG_LINKS = `for (let n = 0; n < 300; n++) {
  const body = 'linkpath=' + 'a'.repeat(1_000_000) + '\\n';
  const record = (body.length + 8) + ' ' + body;
  yield block('pax', 'x', record.length); yield padded(record); yield block('l' + n, '2', 0, 'x');
}`;
const MANY_LINKS =
  "for (let n = 0; n < 1_000_000; n++) yield block('l' + n, '2', 0, 'target' + n);";
const FIFOS = rounds(100_000);
const MANY_FIFOS = `for (let n = 0; n < ${FIFOS}; n++) yield block('fifo' + n, '6', 0);`;

beforeAll(async () => {
  const services = [
    { name: 'app', containers: [{ name: 'app' }] },
    { ...imageWith('tar', tarOf(LONG_LINKS)), name: 'long-links' },
    { ...imageWith('tar', tarOf(MANY_LINKS)), name: 'many-links' },
    { ...imageWith('tar', tarOf(MANY_FIFOS)), name: 'many-fifos' },
    {
      ...imageWith(
        'tar',
        `#!/bin/sh\nyes complaint | head -c ${rounds(3_000_000)} >&2; head -c 1024 /dev/zero; exit 2\n`,
      ),
      name: 'loud',
    },
    { ...imageWith('stat', '#!/bin/sh\necho zz soon 9.9e99\n'), name: 'odd-stat' },
  ];
  const clusters = [{ name: 'lab', services }];
  lab = await Lab.start({ timings: QUICK, sessionLimit: { perContainer: 100 }, clusters });
});

afterAll(() => lab.stop());

beforeEach(() => {
  far = temporaryFolder('far');
  near = temporaryFolder('near');
});

/** Prints the peak memory of the process, in MB, as the last line of stderr. */
const WATCHED = `data:text/javascript,${encodeURIComponent(
  'process.on("exit", () => process._rawDebug(String(Math.round(process.resourceUsage().maxRSS / 1000))))',
)}`;

describe('cp from a container that tries to exhaust our memory', () => {
  it.each([
    ['links with targets of a megabyte', 'long-links', '[archive-unsafe]'],
    ['a million links', 'many-links', '[archive-unsafe]'],
    ['thousands of FIFOs', 'many-fifos', `and ${FIFOS - 10} more`],
    ['endless error output', 'loud', 'more'],
  ])('with %s fails within 150 MB', async (_name, service, message) => {
    const options = { env: { ...lab.environment, NODE_OPTIONS: `--import ${WATCHED}` } };
    const words = ['cp', '-qr', `lab/${service}:/etc`, join(near, 'copy')];
    const { status, stderr } = await lab.run(words, options);
    expect(status).toBe(255);
    expect(stderr).toContain(message);
    const peak = Number(stderr.trim().split('\n').at(-1));
    expect(peak).toBeGreaterThan(20);
    expect(peak).toBeLessThan(150);
  });

  it('reports odd output of stat as an error of the container', async () => {
    writeFileSync(join(far, 'x'), 'content');
    const { status, stderr } = await lab.run(['cp', `lab/odd-stat:${far}/x`, near]);
    expect({ status, stderr }).toEqual({
      status: 255,
      stderr: expect.stringContaining(
        `ecsh: Copying lab/odd-stat:${far}/x failed: stat in the container printed "zz soon 9.9e99". [copy-failed]\n`,
      ),
    });
    expect(readdirSync(near)).toEqual([]);
  });
});

describe('cp and a symbolic link that a container planted', () => {
  beforeEach(() => {
    mkdirSync(join(far, 'app'));
    writeFileSync(join(near, 'victim'), 'mine');
    symlinkSync(join(near, 'victim'), join(far, 'app', 'latest.log'));
    symlinkSync('../app/inside', join(far, 'app', 'inside'));
  });

  it('reports the link, and replaces it on the next copy', async () => {
    const first = await lab.run(['cp', '-r', `lab/app:${far}/app`, near]);
    expect(first).toMatchObject({ status: 0, stdout: '' });
    expect(first.stderr.split('\n').toSorted()).toEqual([
      '',
      '  inside -> ../app/inside',
      `  latest.log -> ${join(near, 'victim')}`,
      expect.stringMatching(/^Copied 2 files, 0 B, in /),
      'These 2 links lead out of the copy:',
    ]);
    writeFileSync(join(far, 'latest.log'), 'evil');
    const second = await lab.run(['cp', '-q', `lab/app:${far}/latest.log`, join(near, 'app/')]);
    expect(second).toEqual({ status: 0, stdout: '', stderr: '' });
    expect(readFileSync(join(near, 'victim'), 'utf8')).toBe('mine');
    expect(lstatSync(join(near, 'app', 'latest.log')).isSymbolicLink()).toBe(false);
    expect(readFileSync(join(near, 'app', 'latest.log'), 'utf8')).toBe('evil');
  });

  it('follows a link that the user typed', async () => {
    writeFileSync(join(far, 'x'), 'meant');
    symlinkSync(join(near, 'victim'), join(near, 'link'));
    const seen = await lab.run(['cp', '-q', `lab/app:${far}/x`, join(near, 'link')]);
    expect(seen).toEqual({ status: 0, stdout: '', stderr: '' });
    expect(readFileSync(join(near, 'victim'), 'utf8')).toBe('meant');
  });

  it('refuses to copy a directory through a link', async () => {
    mkdirSync(join(near, 'outside'));
    mkdirSync(join(near, 'to'));
    symlinkSync(join(near, 'outside'), join(near, 'to', 'app'));
    const { status, stderr } = await lab.run(['cp', '-r', `lab/app:${far}/app`, join(near, 'to')]);
    expect([status, stderr]).toEqual([255, expect.stringContaining('[destination-not-directory]')]);
    expect(readdirSync(join(near, 'outside'))).toEqual([]);
  });
});

describe('cp and the umask', () => {
  const modes = () =>
    ['file', 'tree', 'tree/sub', 'tree/sub/x'].map((name) =>
      (statSync(join(near, name)).mode & 0o777).toString(8),
    );

  it.each([
    ['applies it to new files and directories', [], ['600', '700', '700', '600']],
    ['keeps modes exactly with -p', ['-p'], ['666', '777', '777', '666']],
    ['keeps modes exactly with -a', ['-a'], ['666', '777', '777', '666']],
  ])('%s', async (_name, flags, expected) => {
    execFileSync('sh', ['-c', 'umask 0; mkdir -p tree/sub; echo x >tree/sub/x; echo x >file'], {
      cwd: far,
    });
    const script = 'umask 077; "$@"';
    for (const [source, name] of [
      ['file', 'file'],
      ['tree', 'tree'],
    ] as const) {
      const words = ['cp', '-qr', ...flags, `lab/app:${far}/${source}`, join(near, name)];
      expect(await lab.script(script, words)).toEqual({ status: 0, stdout: '', stderr: '' });
    }
    expect(modes()).toEqual(expected);
  });

  it('replaces the mode of an existing file with -p only', async () => {
    writeFileSync(join(far, 'x'), 'new', { mode: 0o640 });
    writeFileSync(join(near, 'x'), 'old', { mode: 0o604 });
    await lab.run(['cp', '-q', `lab/app:${far}/x`, near]);
    expect(statSync(join(near, 'x')).mode & 0o777).toBe(0o604);
    await lab.run(['cp', '-qp', `lab/app:${far}/x`, near]);
    expect(statSync(join(near, 'x')).mode & 0o777).toBe(0o640);
    await lab.run(['cp', '-qp', join(near, 'x'), `lab/app:${far}/y`]);
    writeFileSync(join(far, 'y'), 'y', { mode: 0o600 });
    await lab.run(['cp', '-qp', join(near, 'x'), `lab/app:${far}/y`]);
    expect(statSync(join(far, 'y')).mode & 0o777).toBe(0o640);
  });
});

describe('cp and a FIFO or a device', () => {
  it.each(['fifo', '/dev/zero'])('fails at once if it is the remote source: %s', async (name) => {
    execFileSync('mkfifo', [join(far, 'fifo')]);
    const source = `lab/app:${name.startsWith('/') ? name : join(far, name)}`;
    for (const words of [
      [source, join(near, 'x')],
      ['-r', source, near],
      [source, '-'],
    ]) {
      const { status, stderr } = await lab.run(['cp', '-q', ...words]);
      expect([status, stderr]).toEqual([255, expect.stringContaining('[source-not-file]')]);
    }
    expect(readdirSync(near)).toEqual([]);
  });

  it.each(['fifo', '/dev/zero'])('fails at once if it is the local source: %s', async (name) => {
    execFileSync('mkfifo', [join(near, 'fifo')]);
    const { status, stderr } = await lab.run(['cp', '-q', resolve(near, name), `lab/app:${far}/x`]);
    expect([status, stderr]).toEqual([255, expect.stringContaining('[source-not-file]')]);
  });

  /** Opens a FIFO as descriptor 9 and stdout; the program at its other end neither reads nor writes. */
  const silent = (fifo: string, ...words: readonly string[]) =>
    lab.startProgram(['sh', '-c', 'exec 9<>"$0"; exec "$@" >&9', fifo, ...ECSH, 'cp', ...words]);

  it.each([
    ['reading from', ['/dev/fd/9', 'AWAY']],
    ['writing to', ['AWAY', 'FIFO']],
    ['writing stdout to', ['AWAY', '-']],
  ])('exits on SIGTERM while %s a pipe that is stuck', async (_name, words) => {
    const [fifo, away] = [join(near, 'fifo'), join(far, 'x')];
    execFileSync('mkfifo', [fifo]);
    writeFileSync(away, randomBytes(1_000_000));
    const named = words.map((word) =>
      word.replace('AWAY', `lab/app:${away}`).replace('FIFO', fifo),
    );
    const program = silent(fifo, '--debug', ...named);
    await program.untilOutput('first output', 'stderr');
    program.signal('SIGTERM');
    expect((await program.finished).status).toBe(143);
  });

  it('fails if the destination is a FIFO without a reader, on either side', async () => {
    execFileSync('mkfifo', [join(far, 'fifo'), join(near, 'fifo')]);
    writeFileSync(join(far, 'x'), 'x');
    const up = await lab.run(['cp', '-q', join(far, 'x'), `lab/app:${far}/fifo`]);
    const down = await lab.run(['cp', '-q', `lab/app:${far}/x`, join(near, 'fifo')]);
    expect([up.status, down.status]).toEqual([255, 255]);
    expect(up.stderr).toContain('[destination-unwritable]');
    expect(down.stderr).toContain('[destination-unwritable]');
  });
});

it('a download removes the temporary files of a killed download', async () => {
  truncateSync(file(join(far, 'big')), 1_000_000_000);
  const { PATH } = imageEnvironment(shell, []);
  expect(PATH).toBeDefined();
  for (const words of [
    [`lab/app:/proc/self/../..${far}/big`, near],
    ['-r', `lab/app:${far}`, join(near, 'tree')],
  ]) {
    mkdirSync(join(near, 'tree'), { recursive: true });
    const folder = words.includes('-r') ? join(near, 'tree') : near;
    const left = () => readdirSync(folder).filter((name) => name.startsWith('.ecsh-'));
    const program = lab.start(['cp', '-q', ...words]);
    await until(() => left().length > 0);
    program.signal('SIGKILL');
    await program.finished;
    expect(left()).toHaveLength(1);
    writeFileSync(join(folder, '.ecsh-other'), '');
    await lab.run(['cp', '-q', 'lab/app:/etc/hosts', folder]);
    expect(left()).toEqual(['.ecsh-other']);
    expect(existsSync(join(folder, 'hosts'))).toBe(true);
  }
});

describe.skipIf(process.platform !== 'linux')('cp of names that are not UTF-8', () => {
  const bytes = (name: string) => Buffer.from(name, 'latin1');

  it('copies the name byte for byte, in both directions', async () => {
    writeFileSync(bytes(`${near}/caf\xe9`), 'content');
    const up = await lab.script('cd "$0"; shift 0; "$@" caf*', ['cp', '-q']);
    expect(up.status).toBe(255);
    const script = (words: string) => `n=$(printf 'caf\\351'); ${words}`;
    const into = await lab.script(script(`"$@" "${near}/$n" "lab/app:${far}/"`), ['cp', '-q']);
    expect(into).toEqual({ status: 0, stdout: '', stderr: '' });
    expect(readFileSync(bytes(`${far}/caf\xe9`), 'utf8')).toBe('content');
    const out = await lab.script(script(`"$@" "lab/app:${far}/$n" "${near}/x$n"`), ['cp', '-q']);
    expect(out).toEqual({ status: 0, stdout: '', stderr: '' });
    expect(readFileSync(bytes(`${near}/xcaf\xe9`), 'utf8')).toBe('content');
  });

  it('reports a missing one', async () => {
    const script = `n=$(printf 'caf\\351'); "$@" "lab/app:${far}/$n" "${near}"`;
    const { status, stderr } = await lab.script(script, ['cp', '-q']);
    expect([status, stderr]).toEqual([
      255,
      expect.stringContaining(
        `lab/app:${far}/caf\ufffd: no such file or directory. [source-missing]`,
      ),
    ]);
  });
});

function file(path: string): string {
  writeFileSync(path, '');
  return path;
}

async function until(isSo: () => boolean): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!isSo()) {
    if (Date.now() > deadline) throw new Error('this never happened');
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
}
