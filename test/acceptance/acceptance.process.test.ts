import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Lab } from '#test/helpers/e2e.ts';
import { CHECKS } from '../../acceptance/checks/all.js';
import { mask } from '../../acceptance/report.js';

const PAGE = readFileSync('docs/unverified.md', 'utf8');
const ROWS = PAGE.split('\n').filter((line) => /^\| U-\d+ \|/.test(line));

describe('docs/unverified.md', () => {
  it('numbers each question once', () => {
    const ids = ROWS.map((row) => row.split(' | ')[0]?.slice(2));
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('has a row for each question of a check, and a check for each row that names one', () => {
    const asked = CHECKS.flatMap(({ id, questions }) => questions.map((each) => `${each} ${id}`));
    const [, live = ''] = PAGE.split('## ');
    const named = [...live.matchAll(/^\| (U-\d+) \|.*\| `([\w-]+)`(?: \(`--[\w-]+`\))? \|/gm)];
    expect(asked.sort()).toEqual(named.map(([, id, check]) => `${id} ${check}`).sort());
  });
});

describe('marks of what is unverified', () => {
  const files = ROWS.flatMap((row) =>
    row
      .split(' | ')
      .at(-1)
      ?.match(/[\w./-]+\.[a-z]\w*|Dockerfile/g),
  );

  it('are all in a file that a row names', () => {
    const marked = [...filesWith(/UNVERIFIED/)].filter(
      (path) => !files.some((file) => path === file || path.endsWith(`/${file}`)),
    );
    expect(marked).toEqual([]);
  });

  it('are in every file that a row names', () => {
    const marked = [...filesWith(/unverified/i)];
    const without = files.filter(
      (file) => !marked.some((path) => path === file || path.endsWith(`/${file}`)),
    );
    expect(without).toEqual([]);
  });
});

describe('the report of npm run test:live', () => {
  it('masks account ids and keys, and nothing else', () => {
    const id = '0f9de17a6465404e8b1b2356dc13c2f8';
    expect(mask(`arn:aws:ecs:us-east-1:123456789012:task/demo/${id} AKIAIOSFODNN7EXAMPLE`)).toBe(
      `arn:aws:ecs:us-east-1:************:task/demo/${id} ****`,
    );
  });
});

describe('npm run test:live', () => {
  let lab: Lab;

  beforeAll(async () => {
    lab = await Lab.start('default');
  });

  afterAll(() => lab.stop());

  it('runs its checks, and writes what it saw', async () => {
    const report = join(lab.folder, 'report');
    const { status, stderr } = await lab.startProgram(
      [
        ...[process.execPath, 'acceptance/run.js', '--target', 'demo/web', '--report', report],
        ...['--only', 'session-id,streams,resume,idle'],
      ],
      { env: lab.environment },
    ).finished;
    expect({ status, stderr }).toEqual({
      status: 0,
      stderr: [
        'session-id … seen: ecs-execute-command-…',
        'streams … pass',
        'resume … pass',
        'idle … skip: needs --long',
        `Wrote ${report}.md and ${report}.json.\n`,
      ].join('\n'),
    });
    const { results } = JSON.parse(readFileSync(`${report}.json`, 'utf8')) as {
      readonly results: readonly { readonly id: string; readonly outcome: string }[];
    };
    expect(results.map(({ id, outcome }) => `${id} ${outcome}`)).toEqual([
      'session-id seen',
      'streams pass',
      'resume pass',
      'idle skip',
    ]);
    const page = readFileSync(`${report}.md`, 'utf8');
    expect(page).toContain('2 passed, 0 failed, 1 seen, 1 skipped.');
    expect(page).not.toMatch(/123456789012/);
  }, 60_000);

  it('takes no failure for an answer: where no command runs it asks nothing else', async () => {
    const report = join(lab.folder, 'none');
    const { status, stderr } = await lab.startProgram(
      [
        ...[process.execPath, 'acceptance/run.js', '--target', 'demo/off', '--report', report],
        ...['--only', 'command,session-id,first-output'],
      ],
      { env: lab.environment },
    ).finished;
    expect({
      status,
      lines: stderr.split('\n').map((line) => line.replace(/ECS Exec.*/, '…')),
    }).toEqual({
      status: 1,
      lines: [
        'command … fail: ecsh: …',
        'session-id … skip: no command runs there: see the check `command`',
        'first-output … skip: no command runs there: see the check `command`',
        `Wrote ${report}.md and ${report}.json.`,
        '',
      ],
    });
  });

  it('fails a check whose command failed', async () => {
    const report = join(lab.folder, 'failed');
    const { status, stderr } = await lab.startProgram(
      [
        ...[process.execPath, 'acceptance/run.js', '--target', 'demo/off', '--report', report],
        ...['--only', 'session-id'],
      ],
      { env: lab.environment },
    ).finished;
    expect([status, stderr]).toEqual([1, expect.stringContaining('session-id … fail: ')]);
  });
});

const PLACES = ['src', 'docs', 'acceptance', 'action', 'build', 'packaging', '.github/workflows'];
const FILES = ['README.md', 'SECURITY.md', 'Dockerfile', 'action.yml'];

/** Paths of files that a reader sees, but for the page itself. */
function* filesWith(pattern: RegExp): Generator<string> {
  const inPlaces = PLACES.flatMap((place) =>
    readdirSync(place, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name !== 'unverified.md')
      .map(({ parentPath, name }) => join(parentPath, name)),
  );
  for (const path of [...inPlaces, ...FILES]) {
    if (pattern.test(readFileSync(path, 'utf8'))) yield path;
  }
}
