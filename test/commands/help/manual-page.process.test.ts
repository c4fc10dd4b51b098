import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { SETTINGS } from '#commands/settings.ts';
import { run } from '#test/helpers/app.ts';
import { isInstalled } from '#test/helpers/program.ts';

const MACROS = ['TH', 'SH', 'SS', 'PP', 'TP', 'B', 'nf', 'fi', 'nh', 'ad'];

async function manual(): Promise<string> {
  const { status, stdout, stderr } = await run(['__manual']);
  expect([status, stderr]).toEqual([0, '']);
  return stdout;
}

describe('the manual page', () => {
  it('contains no macro by accident', async () => {
    const requests = (await manual()).split('\n').filter((line) => /^[.']/.test(line));
    const names = new Set(requests.map((line) => line.slice(1).split(' ')[0]));
    expect([...names].sort()).toEqual([...MACROS].sort());
  });

  it('names every command, variable and topic', async () => {
    const page = await manual();
    const { stdout: help } = await run(['--help']);
    const commands = [...help.matchAll(/^ {2}([a-z]+) {2}/gm)].map(([, name]) => `.SS ${name}`);
    const variables = SETTINGS.map(({ variable }) => `.B ${variable}`);
    const topics = ['.SH TARGETS', '.SH EXIT STATUS', '.SH ENVIRONMENT'];
    expect(commands).toContain('.SS exec');
    commands.push('.SS config set');
    const lines = page.split('\n');
    expect([...commands, ...variables, ...topics].filter((line) => !lines.includes(line))).toEqual(
      [],
    );
  });

  it('prints the examples as typed', async () => {
    expect(await manual()).toContain('$ ecsh exec \\-it prod/web@app \\-\\- python');
  });

  it.skipIf(!isInstalled('groff', '--version'))(
    'is accepted by groff without a warning',
    async () => {
      const { stdout, stderr, status } = spawnSync('groff', ['-man', '-ww', '-Tutf8', '-P-cbou'], {
        input: await manual(),
        encoding: 'utf8',
      });
      expect([status, stderr]).toEqual([0, '']);
      expect(stdout).toMatch(/^EXIT STATUS$/m);
      expect(stdout).toContain(
        '$ ecsh exec --timeout 30s --sh \'df -h | grep "$1"\' prod/web -- /data',
      );
    },
  );
});
