import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasShell, Lab, QUICK } from '#test/helpers/e2e.ts';
import { imageEnvironment, SHELL_NAMES } from '#test/helpers/shells.ts';

/** Programs that an image can lack. */
const LACKING = {
  nothing: [],
  stty: ['stty'],
  base64: ['base64'],
  'base64 and od': ['base64', 'od'],
  setsid: ['setsid'],
  dd: ['dd'],
} as const;
type Lack = keyof typeof LACKING;

const shells = SHELL_NAMES.filter((name) => hasShell[name]);
let lab: Lab;

beforeAll(async () => {
  const services = shells.flatMap((shell) =>
    Object.entries(LACKING).map(([lack, without]) => {
      const { PATH } = imageEnvironment(shell, without);
      return { name: serviceName(shell, lack), containers: [{ name: 'app', path: PATH }] };
    }),
  );
  lab = await Lab.start({
    timings: QUICK,
    sessionLimit: { perContainer: 100 },
    clusters: [{ name: 'lab', services }],
  });
});

afterAll(() => lab.stop());

const TEXTS = {
  'text with CRLF': Buffer.from('one\r\ntwo\r\n\r\r\nthree'.repeat(500)),
  'nothing but U+FFFD': Buffer.from('\ufffd'.repeat(5_000)),
  'characters of every length': Buffer.from('aé€\uff21😀\n'.repeat(2_000)),
  'one line of 60 KB': Buffer.from(`${'x'.repeat(60_000)}\n`),
  'text without a final newline': Buffer.from('no newline at the end'),
};

const FILES = {
  nothing: Buffer.alloc(0),
  'one byte': Buffer.from('x'),
  'all 256 values': Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)),
  'control characters': Buffer.from([
    4, 3, 0x1a, 0, 0x11, 0x13, 0x1c, 0x15, 13, 10, 4, 4, 4, 10, 4,
  ]),
  'half a character at the end': Buffer.from([...Buffer.from('né'), 0xe2, 0x82]),
  '60 KB of noise': randomBytes(60_000),
  ...TEXTS,
};

/** All files in one run, for the less common images and shells. */
const ALL = {
  'files in one': Buffer.concat([
    FILES['all 256 values'],
    FILES['control characters'],
    FILES['nothing but U+FFFD'],
    FILES['half a character at the end'],
  ]),
};
const ALL_TEXTS = { 'texts in one': Buffer.concat(Object.values(TEXTS)) };
/** The raw encoding carries the first unchanged, but not the second. */
const RAW = { 'nothing but U+FFFD': FILES['nothing but U+FFFD'], ...ALL };

const [firstShell = 'dash'] = shells;

for (const shell of SHELL_NAMES) {
  describe.skipIf(!hasShell[shell])(`where sh is ${shell}`, () => {
    for (const lack of ['nothing', 'base64', 'setsid'] as const) {
      it.concurrent(`binary files stay unchanged in an image that lacks ${lack}`, async () => {
        const isUsual = lack === 'nothing' && shell === firstShell;
        for (const [name, data] of Object.entries(isUsual ? FILES : ALL)) {
          const seen = await echo(shell, lack, data, []);
          expect({ name, ...seen }).toEqual({ name, ...exactly(data) });
        }
      }, 60_000);
    }

    it.concurrent('text stays unchanged in the raw encoding', async () => {
      for (const [name, data] of Object.entries(ALL_TEXTS)) {
        const seen = await echo(shell, 'nothing', data, ['--output-encoding', 'raw']);
        expect({ name, ...seen }).toEqual({ name, ...exactly(data) });
      }
    }, 30_000);

    for (const lack of ['nothing', 'base64 and od'] as const) {
      it.concurrent(`binary data in the raw encoding stays unchanged or exits with 255 (lacks ${lack})`, async () => {
        for (const [name, data] of Object.entries(RAW)) {
          const { status, stdout, stderr, why } = await echo(shell, lack, data, [
            ...['--output-encoding', 'raw'],
          ]);
          const isExact = stdout.equals(data) && stderr.equals(data);
          expect({ name, status, why }).toEqual({
            name,
            ...(isExact ? { status: 0, why: '' } : { status: 255, why: 'output-damaged' }),
          });
        }
      }, 60_000);
    }

    it.concurrent('output stays unchanged without stty, and stdin is rejected', async () => {
      const target = `lab/${serviceName(shell, 'stty')}`;
      const script = 'printf "\\377\\000\\r\\n\\357\\277\\275"; echo err >&2; exit 5';
      const program = lab.start(['exec', target, '--', 'sh', '-c', script]);
      const { status, stderr } = await program.finished;
      expect({ status, stderr }).toEqual({ status: 5, stderr: 'err\n' });
      expect(program.stdout).toEqual(Buffer.from([255, 0, 13, 10, 0xef, 0xbf, 0xbd]));
      const refused = await lab.run(['exec', '-i', target, '--', 'cat'], { input: 'x' });
      expect(refused).toMatchObject({
        status: 255,
        stdout: '',
        stderr: expect.stringContaining('stdin-needs-stty'),
      });
    });

    it.concurrent('exec fails without dd', async () => {
      const target = `lab/${serviceName(shell, 'dd')}`;
      const seen = await lab.run(['exec', target, '--', 'echo', 'out']);
      expect(seen).toEqual({
        status: 255,
        stdout: '',
        stderr: expect.stringContaining('image-lacks-tools'),
      });
    });
  });
}

it.concurrent('exec exits with every status of the command, also after a signal', async () => {
  const target = `lab/${serviceName(firstShell, 'nothing')}`;
  for (const status of [0, 127, 128, 255]) {
    const seen = await lab.run(['exec', target, '--', 'sh', '-c', `exit ${status}`]);
    expect(seen).toEqual({ status, stdout: '', stderr: '' });
  }
  // SIGQUIT is left out, because bash and busybox ignore it.
  for (const signal of [2, 9, 15]) {
    const seen = await lab.run(['exec', target, '--', 'sh', '-c', `kill -${signal} $$`]);
    expect(seen).toEqual({ status: 128 + signal, stdout: '', stderr: '' });
  }
}, 40_000);

function serviceName(shell: string, lack: string): string {
  return `${shell}-${lack.replaceAll(' ', '-')}`;
}

function exactly(data: Buffer) {
  return { status: 0, stdout: data, stderr: data, why: '' };
}

/** Sends `data` through stdin and back through both stdout and stderr. */
async function echo(shell: string, lack: Lack, data: Buffer, options: readonly string[]) {
  const target = `lab/${serviceName(shell, lack)}`;
  const command = ['sh', '-c', 'tee /dev/stderr'];
  const program = lab.start(['exec', '-i', ...options, target, '--', ...command], { input: data });
  const { status } = await program.finished;
  // The report of ecsh comes last.
  const said = /ecsh: .*\[([a-z-]+)\]\n {2}.*\n$/.exec(program.stderr.toString('latin1'));
  const stderr = said === null ? program.stderr : program.stderr.subarray(0, said.index);
  return { status, stdout: program.stdout, stderr, why: said?.[1] ?? '' };
}
