import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Lab } from '#test/helpers/e2e.ts';
import { ECSH } from '#test/helpers/program.ts';

let lab: Lab;

beforeAll(async () => {
  lab = await Lab.start();
});

afterAll(() => lab.stop());

/** Runs a shell script in which `ecsh` is the built program. */
async function sh(script: string) {
  const screen = await lab.openScreen([
    'sh',
    '-c',
    `ecsh() { ${ECSH.map((word) => `'${word}'`).join(' ')} "$@"; }; ${script}; echo "status=$?"`,
  ]);
  await screen.until(/^status=\d+$/m);
  return screen.text;
}

describe('words after TARGET', () => {
  it.concurrent.each([
    [['lab/app', 'echo', '-n', '--', 'a b'], '-- a b'],
    [['exec', 'lab/app', 'sh', '-c', 'echo "$0"', '--version'], '--version\n'],
    [['lab/app', '--', 'printf', '%s', '-v'], '-v'],
    [['lab/app', 'echo a; echo "$((1 + 1))"'], 'a\n2\n'],
    [['--strict', 'exec', 'lab/app', 'sh', '-c', 'echo $1', 'sh', '--help'], '--help\n'],
  ])('are the command: %j', async (words, stdout) => {
    expect(await lab.run(words)).toEqual({ status: 0, stdout, stderr: expect.any(String) });
  });

  it.concurrent('do not stop stdin from reaching it, as with ssh', async () => {
    expect(await sh('echo from-stdin | ecsh lab/app cat')).toMatch(/^from-stdin\nstatus=0$/m);
  });

  it.concurrent('get a terminal only with -t', async () => {
    expect(await sh('ecsh -t lab/app tty')).toMatch(/^\/dev\/pts\/\d+\nstatus=0$/m);
    expect(await sh('ecsh lab/app tty')).toMatch(/^not a tty\nstatus=1$/m);
  });
});

describe('stdin without -i', () => {
  it.concurrent('is reported if a pipe or a file was meant for the command', async () => {
    const list = join(lab.folder, 'list');
    writeFileSync(list, '1\n2\n');
    const hint = /stdin was not sent to the command\. To send it:\s+ecsh exec -i lab\/app -- true/;
    expect(await sh(`echo x | ${ECSH.join(' ')} exec lab/app -- true`)).toMatch(hint);
    expect(await sh(`ecsh exec lab/app -- true < ${list}`)).toMatch(hint);
  });

  it.concurrent('is not reported if a loop reads it', async () => {
    const list = join(lab.folder, 'loop');
    writeFileSync(list, '1\n2\n');
    const loop = 'while read -r n; do ecsh exec lab/app -- echo "n=$n"; done';
    for (const script of [
      `${loop} < ${list}`,
      `cat ${list} | ${loop}`,
      'ecsh exec lab/app -- true',
    ]) {
      expect(await sh(script)).not.toContain('stdin was not sent');
    }
  });
});

it('doctor runs in the background of a terminal', async () => {
  const text = await sh(`timeout 20 sh -c '"$@"' sh ${ECSH.join(' ')} doctor --quick lab/app`);
  expect(text).toMatch(/ready/);
  expect(text).toMatch(/^status=0$/m);
});
