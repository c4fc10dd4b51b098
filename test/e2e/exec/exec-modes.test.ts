import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasShell, Lab } from '#test/helpers/e2e.ts';
import { hasProc, markedSleep, untilGone } from '#test/helpers/program.ts';
import { SHELL_NAMES } from '#test/helpers/shells.ts';

let lab: Lab;

beforeAll(async () => {
  lab = await Lab.start();
});

afterAll(() => lab.stop());

describe('exec --output-encoding raw', () => {
  const TEXT =
    'grüße 日本 🙂 \u{fffd}\r\n\ttab\u001b[1mbold\u001b[0m\u0001\u007f, and no end of line';

  for (const shell of SHELL_NAMES) {
    it.skipIf(!hasShell[shell]).concurrent(`keeps text exact where sh is ${shell}`, async () => {
      const script = 'printf %s "$1"; printf %s "$1" >&2; exit 3';
      const args = ['exec', '--output-encoding', 'raw', `lab/${shell}`, '--', 'sh', '-c', script];
      expect(await lab.run([...args, 'sh', TEXT])).toEqual({
        status: 3,
        stdout: TEXT,
        stderr: TEXT,
      });
    });
  }

  it.concurrent('keeps 20,000 lines unchanged', async () => {
    const args = ['exec', '--output-encoding', 'raw', 'lab/app', '--', 'seq', '1', '20000'];
    const seen = await lab.run(args);
    const lines = Array.from({ length: 20_000 }, (_, index) => `${index + 1}\n`).join('');
    expect(seen.stdout === lines).toBe(true);
    expect({ ...seen, stdout: '' }).toEqual({ status: 0, stdout: '', stderr: '' });
  });

  it.concurrent('exits with 255 and reports output that it cannot keep unchanged', async () => {
    const file = join(lab.folder, 'random-raw');
    writeFileSync(file, randomBytes(50_000));
    const args = ['exec', '--output-encoding', 'raw', 'lab/app', '--', 'cat', file];
    const { status, stderr } = await lab.run(args);
    expect(status).toBe(255);
    expect(stderr).toMatch(/^ecsh: .+ \[output-damaged\]\n {2}\S.+\n$/);
  });
});

describe('exec --sh', () => {
  it.concurrent('runs a script with arguments', async () => {
    const args = ['exec', '--sh', 'echo "$# <$1> <$2>" | tr a-z A-Z; exit 3', 'lab/app', '--'];
    expect(await lab.run([...args, 'a', 'b  c'])).toEqual({
      status: 3,
      stdout: '2 <A> <B  C>\n',
      stderr: '',
    });
  });
});

describe('exec --sh with a long script', () => {
  const text = `'"\`$x \\n é 日本 \u{1f642} \u0001\u0003\u0004\u0015\u007f {{a}} \r\n`.repeat(
    2_300,
  );
  const script = `printf '<%s>' "$@" "$A"; cat; cat <<'END'\n${text}END\nexit 3\n\n`;

  for (const shell of SHELL_NAMES) {
    it.skipIf(!hasShell[shell]).concurrent(
      `sends 100 KB of arbitrary text to ${shell}`,
      async () => {
        const flags = ['-i', '-e', 'A=1', '--sh', script, `lab/${shell}`, '--', 'a  b'];
        const seen = await lab.run(['exec', ...flags], { input: 'stdin\n' });
        expect(seen.stderr).toBe('');
        expect(seen.stdout === `<a  b><1>stdin\n${text}`).toBe(true);
        expect(seen.status).toBe(3);
      },
    );
  }

  it.concurrent('sends the script to a terminal too', async () => {
    const padded = `# ${text}echo "<$1>"; exit 5`
      .replaceAll('\n', '\n# ')
      .replace('# echo', 'echo');
    const screen = await lab.openTerminal(['exec', '-t', '--sh', padded, 'lab/app', '--', 'a  b']);
    await screen.until(/^<a {2}b>\nstatus=5 settings=kept$/m);
  });
});

describe('exec --no-shell', () => {
  it.concurrent('passes the output through, and reports that the status is unknown', async () => {
    const seen = await lab.run(['exec', '--no-shell', 'lab/app', '--', 'printf', 'a\\nb\\n']);
    expect(seen).toEqual({
      status: 255,
      stdout: 'a\nb\n',
      stderr: expect.stringMatching(/^ecsh: .+ \[status-unknown\]\n {2}\S.+\n$/),
    });
  });

  it.skipIf(!hasProc).concurrent('ends the command at SIGTERM (T-2)', async () => {
    const sleeper = markedSleep().join(' ');
    const command = ['sh', '-c', `echo ready; ${sleeper}; :`];
    const program = lab.start(['exec', '--no-shell', 'lab/app', '--', ...command]);
    await program.untilOutput('ready\n');
    program.signal('SIGTERM');
    expect(await program.finished).toEqual({ status: 143, stdout: 'ready\n', stderr: '' });
    await untilGone(sleeper);
  });
});

describe('exec -u', () => {
  const isRoot = process.getuid?.() === 0;

  it.skipIf(!isRoot).concurrent('runs as another user', async () => {
    const seen = await lab.run(['exec', '-u', 'nobody', 'lab/app', '--', 'id', '-un']);
    expect(seen).toEqual({ status: 0, stdout: 'nobody\n', stderr: '' });
  });
});

describe('exec --json', () => {
  const run = async (args: readonly string[]): Promise<unknown> => {
    const { status, stdout } = await lab.run(['exec', '--json', ...args]);
    return { exit: status, ...toRecord(JSON.parse(stdout)) };
  };

  it.concurrent('prints everything about the run as one object', async () => {
    const command = ['sh', '-c', 'echo out; echo err >&2; exit 7'];
    expect(await run(['lab/app', '--', ...command])).toEqual({
      exit: 7,
      status: 7,
      exitCode: 7,
      stdout: 'out\n',
      stderr: 'err\n',
      encoding: 'utf8',
      cluster: 'lab',
      task: expect.stringMatching(/^arn:aws:ecs:us-east-1:123456789012:task\/lab\/[0-9a-f]{32}$/),
      container: 'app',
      sessionId: expect.stringMatching(/^ecs-execute-command-\w+$/),
      durationMs: expect.any(Number),
      error: null,
    });
  });

  it.concurrent('reports a timeout', async () => {
    const command = ['sh', '-c', 'echo out; exec sleep 60'];
    const seen = await run(['--timeout', '6s', 'lab/app', '--', ...command]);
    expect(seen).toMatchObject({ exit: 124, status: 143, exitCode: 124, stdout: 'out\n' });
  });

  it.concurrent('reports a failure of ecsh itself', async () => {
    expect(await run(['lab/nosuch', '--', 'true'])).toMatchObject({
      exit: 255,
      status: null,
      exitCode: 255,
      stdout: '',
      error: { code: 'service-not-found' },
    });
  });
});

describe('exec --all', () => {
  it.concurrent('runs in every task, prefixes the lines, and exits with the worst status', async () => {
    const script = 'echo out; echo err >&2; exit 7';
    const seen = await lab.run(['exec', '--all', 'lab/three', '--', 'sh', '-c', script]);
    expect(seen.status).toBe(7);
    const marks = Array.from(seen.stdout.matchAll(/^([0-9a-f]{8}) \| out$/gm), ([, mark]) => mark);
    expect(new Set(marks).size).toBe(3);
    expect(linesOf(seen.stdout)).toEqual(marks.map((mark) => `${mark} | out`).sort());
    expect(linesOf(seen.stderr)).toEqual(
      marks.flatMap((mark) => [`${mark} | err`, `Task ${mark}: status 7.`]).sort(),
    );
  });
});

function linesOf(text: string): readonly string[] {
  return text.trimEnd().split('\n').sort();
}

/** Returns the value if it is an object; otherwise the test fails. */
function toRecord(value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null) throw new TypeError(`no object: ${value}`);
  return Object.fromEntries(Object.entries(value));
}
