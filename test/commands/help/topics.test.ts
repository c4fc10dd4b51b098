import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { EXIT_STATUSES } from '#commands/help/topics.ts';
import { FILE_KEYS } from '#commands/settings.ts';
import { FakeApp, run } from '#test/helpers/app.ts';

const read = (path: string) => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');
const README = read('README.md');

it.each([
  ['topics', ['help', 'targets']],
  ['codes', ['help', 'exec-disabled']],
  ['flags', ['cp', '--help']],
])('%s are wrapped between words at 40 columns', async (_name, argv) => {
  const app = new FakeApp();
  Object.assign(app.stdout, { columns: 40 });
  const { stdout } = await run(argv, app);
  const [beforeExamples = ''] = stdout.split('\nExamples:');
  // Commands are not wrapped, so that they can be pasted.
  const prose = beforeExamples.split('\n').filter((line) => !/^(?:Usage:| {2,}ecsh) /.test(line));
  expect(prose.filter((line) => line.length > 40 && line.trim().includes(' '))).toEqual([]);
});

describe('the README', () => {
  it('lists the same exit statuses as ecsh help exit-status', () => {
    const section = README.split('\n## ').find((part) => part.startsWith('Exit status')) ?? '';
    const rows = section.split('\n').filter((line) => line.startsWith('| '));
    const cells = rows.slice(2).map((row) => row.replaceAll('`', '').replaceAll('\\|', '\0'));
    const statuses = cells.map((row) =>
      row
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim().replaceAll('\0', '|')),
    );
    expect(statuses).toEqual(EXIT_STATUSES);
  });

  it('fits on three screens', () => {
    expect(README.split('\n').length).toBeLessThanOrEqual(200);
  });
});

it('docs/config.md lists every key of the configuration file', () => {
  const page = read('docs/config.md');
  expect(FILE_KEYS.filter((key) => !page.includes(`\`${key}\``))).toEqual([]);
});

it('at 40 columns, a description follows on the line after its flag', async () => {
  const app = new FakeApp();
  Object.assign(app.stdout, { columns: 40 });
  const { stdout } = await run(['exec', '--help'], app);
  const options = stdout.slice(stdout.indexOf('Options:'), stdout.indexOf('-h, --help'));
  expect(options.split('\n').slice(0, 5)).toEqual([
    'Options:',
    '  --strict',
    '      refuse to choose between several',
    '      tasks (ECSH_STRICT)',
    '  --pick',
  ]);
  expect(options.split('\n').filter((line) => line.length > 40)).toEqual([]);
});
