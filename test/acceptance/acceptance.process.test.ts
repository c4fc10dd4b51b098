import { readFileSync } from 'node:fs';
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
    const named = [...live.matchAll(/^\| (U-\d+) \|.*\| `([\w-]+)`(?: \(`--long`\))? \|/gm)];
    expect(asked.sort()).toEqual(named.map(([, id, check]) => `${id} ${check}`).sort());
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
});
