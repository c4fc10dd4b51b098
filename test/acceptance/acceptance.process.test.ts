import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Lab } from '#test/helpers/e2e.ts';
import { CHECKS } from '../../acceptance/checks/all.js';
import { TASK_CHECKS } from '../../acceptance/checks/tasks.js';
import { readOptions } from '../../acceptance/options.js';
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

describe('marks of unverified behaviour', () => {
  const files = ROWS.flatMap((row) =>
    row
      .split(' | ')
      .at(-1)
      ?.match(/[\w./-]+\.[a-z]\w*|Dockerfile/g),
  );

  it('are only in files that a row names', () => {
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

  it.each([
    ['arn:aws:iam::123456789012:user/team/jane.', 'arn:aws:iam::************:user/****.'],
    [
      'owner arn:aws:sts::123456789012:assumed-role/AWSServiceRoleForECS/ecs-execute-command; none',
      'owner arn:aws:sts::************:assumed-role/AWSServiceRoleForECS/ecs-execute-command; none',
    ],
    [
      '"arn:aws-cn:sts::123456789012:assumed-role/Admin_1/jane.doe@example.com"',
      '"arn:aws-cn:sts::************:assumed-role/Admin_1/****"',
    ],
    ['by jane.doe@example.com in prod/web@app', 'by **** in prod/web@app'],
  ])('masks names of people: %s', (text, masked) => {
    expect(mask(text)).toBe(masked);
  });
});

describe('npm run test:live', () => {
  let lab: Lab;

  beforeAll(async () => {
    lab = await Lab.start('default');
  });

  afterAll(() => lab.stop());

  it('runs its checks, and writes its observations', async () => {
    const report = join(lab.folder, 'report');
    const { status, stderr } = await lab.startProgram(
      [
        ...[process.execPath, 'acceptance/run.js', '--target', 'demo/web', '--report', report],
        ...['--only', 'session-id,streams,command-length,resume,idle'],
      ],
      { env: lab.environment },
    ).finished;
    expect({ status, stderr }).toEqual({
      status: 0,
      stderr: [
        'session-id … seen: ecs-execute-command-…',
        'streams … pass',
        'command-length … seen: 4000, 16000, 25000 bytes',
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
      'command-length seen',
      'resume pass',
      'idle skip',
    ]);
    const page = readFileSync(`${report}.md`, 'utf8');
    expect(page).toContain('2 passed, 0 failed, 2 seen, 1 skipped.');
    expect(page).not.toMatch(/123456789012/);
  }, 60_000);

  it('skips the other checks if the target runs no command', async () => {
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

  it('ends running commands and tasks on a signal, and writes its observations so far', async () => {
    const report = join(lab.folder, 'stopped');
    const suite = lab.startProgram(
      [
        ...[process.execPath, 'acceptance/run.js', '--target', 'demo/web', '--report', report],
        ...['--allow-changes', '--only', 'command,run,protect'],
      ],
      { env: lab.environment },
    );
    const tasks = async () => {
      const words = ['ls', 'tasks', 'demo', '--family', 'web', '--json'];
      const { stdout } = await lab.run(words);
      return (JSON.parse(stdout) as readonly { readonly taskId: string }[])
        .map(({ taskId }) => taskId)
        .sort();
    };
    const before = await tasks();
    await suite.untilOutput('run … ', 'stderr');
    await expect.poll(tasks, { timeout: 15_000 }).toHaveLength(before.length + 1);
    process.kill(suite.pid ?? 0, 'SIGINT');
    const { status, stderr } = await suite.finished;
    expect({ status, stderr }).toEqual({
      status: 130,
      stderr: [
        'command … pass',
        'run … skip: interrupted',
        'protect … skip: interrupted',
        `Wrote ${report}.md and ${report}.json.\n`,
      ].join('\n'),
    });
    expect(await tasks()).toEqual(before);
  });
});

describe('a check that starts or changes a task', () => {
  it.each(TASK_CHECKS.map((check) => [check.id, check] as const))(
    'does nothing without --allow-changes: %s',
    async (_id, check) => {
      const run = () => {
        throw new Error('it has run something');
      };
      const context = { mayChange: false, ecsh: run, exec: run, start: run } as never;
      expect(await check.run(context)).toEqual({
        outcome: 'skip',
        detail: 'needs --allow-changes',
      });
    },
  );
});

describe('the command line of npm run test:live', () => {
  const target = ['--target', 'demo/web'];

  it('runs every check that needs no permission by default', () => {
    expect(readOptions(target, CHECKS)).toEqual({
      target: 'demo/web',
      mayChange: false,
      mayWait: false,
      port: undefined,
      report: 'acceptance-report',
      checks: CHECKS,
    });
  });

  it.each([
    ['no target', [], '--target is missing.'],
    ['an unknown flag', [...target, '--allow-change'], "Unknown option '--allow-change'"],
    ['an argument', [...target, 'x'], "Unexpected argument 'x'"],
    ['a value for a flag', [...target, '--allow-changes=no'], "'--allow-changes' does not take"],
    ['an unknown check', [...target, '--only', 'key,nothing'], 'There is no check "nothing".'],
    ['a missing folder', [...target, '--report', '/nonexistent/r'], 'ENOENT'],
  ])('is refused with %s, before anything runs', (_name, argv, message) => {
    expect(() => readOptions(argv, CHECKS)).toThrow(message);
  });
});

const PLACES = ['src', 'docs', 'acceptance', 'action', 'build', 'packaging', '.github/workflows'];
const FILES = ['README.md', 'SECURITY.md', 'Dockerfile', 'action.yml'];

/** Paths of files that a reader sees, except the page itself. */
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
