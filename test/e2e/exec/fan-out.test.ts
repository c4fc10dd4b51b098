import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Lab, QUICK } from '#test/helpers/e2e.ts';
import { hasProc, markedSleep, untilGone } from '#test/helpers/program.ts';

const TASKS = 20;
let lab: Lab;

beforeAll(async () => {
  const container = (index: number) => ({ name: 'app', env: { INDEX: `${index}` } });
  const tasks = Array.from({ length: TASKS }, (_, index) => ({
    containers: [container(index)],
    enableExecuteCommand: index !== 7,
  }));
  lab = await Lab.start({
    timings: QUICK,
    clusters: [
      {
        name: 'lab',
        services: [
          { name: 'many', tasks },
          { name: 'few', count: 3, containers: [{ name: 'app' }] },
        ],
      },
    ],
  });
});

afterAll(() => lab.stop());

describe('exec --all on twenty tasks, one failing with 3, one not enabled', () => {
  const command = ['sh', '-c', 'echo "one $INDEX"; echo "two $INDEX"; [ "$INDEX" != 3 ] || exit 3'];

  it.concurrent('prefixes whole lines with the task, and exits with the worst status', async () => {
    const seen = await lab.run(['exec', '--all', 'lab/many', '--', ...command]);
    const lines = seen.stdout.trimEnd().split('\n');
    expect(lines).toHaveLength(2 * (TASKS - 1));
    for (const line of lines) expect(line).toMatch(/^[0-9a-f]{8} \| (one|two) \d+$/);
    // 255, because ecsh could not run it in one of them.
    expect(seen.status).toBe(255);
    expect(seen.stderr).toContain('status 3');
    expect(seen.stderr).toContain('[exec-disabled]');
  });

  it.concurrent('prints one JSON object a line with --json', async () => {
    const seen = await lab.run(['exec', '--all', '--json', 'lab/many', '--', ...command]);
    const reports = seen.stdout.trimEnd().split('\n').map(toReport);
    expect(reports).toHaveLength(TASKS);
    expect(new Set(reports.map(({ task }) => task)).size).toBe(TASKS);
    expect(reports.map(({ status }) => String(status)).sort()).toEqual(
      [...Array.from({ length: TASKS - 2 }, () => '0'), '3', 'null'].sort(),
    );
    expect(seen.status).toBe(255);
  });

  it.concurrent('describes all tasks in one call', async () => {
    const quiet = await Lab.start('default');
    await quiet.run(['exec', '--all', 'demo/web', '--', 'true']);
    const names = JSON.stringify(await quiet.control('calls'));
    await quiet.stop();
    expect(names.match(/DescribeTasks/g)).toHaveLength(1);
  });
});

describe.skipIf(!hasProc)('exec --all', () => {
  it.concurrent.each([
    ['SIGINT', 130],
    ['SIGHUP', 129],
    ['SIGTERM', 143],
  ] as const)(
    'ends all of them on %s, after they had time to clean up',
    async (signal, exitCode) => {
      const sleeper = markedSleep().join(' ');
      const script = `trap 'echo cleaned; exit 7' INT HUP TERM; echo ready; ${sleeper} & wait`;
      const program = lab.start([
        'exec',
        '--all',
        '--no-prefix',
        'lab/few',
        '--',
        'sh',
        '-c',
        script,
      ]);
      await program.untilOutput('ready\nready\nready\n');
      program.signal(signal);
      const { status, stdout } = await program.finished;
      expect({ status, stdout }).toEqual({
        status: exitCode,
        stdout: `${'ready\n'.repeat(3)}${'cleaned\n'.repeat(3)}`,
      });
      await untilGone(sleeper);
    },
  );

  it.concurrent('ends the others with --fail-fast if one fails', async () => {
    const sleeper = markedSleep().join(' ');
    const script = `[ "$INDEX" = 2 ] && sleep 1 && exit 5; (${sleeper}; :)`;
    const args = ['exec', '--all', '--fail-fast', '--parallel', '20', 'lab/many'];
    const { status, stderr } = await lab.run([...args, '--', 'sh', '-c', script]);
    // 255: ECS Exec is off for one of the twenty, and that one fails first.
    expect(status).toBe(255);
    expect(stderr).toContain('[exec-disabled]');
    await untilGone(sleeper);
  });
});

function toReport(line: string): { readonly task: unknown; readonly status: unknown } {
  const report: unknown = JSON.parse(line);
  return {
    task: Reflect.get(Object(report), 'task'),
    status: Reflect.get(Object(report), 'status'),
  };
}
