import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Lab, QUICK } from '#test/helpers/e2e.ts';

let lab: Lab;

beforeAll(async () => {
  const containers = [{ name: 'app' }];
  const quickly = { taskStartMs: 300, agentStartMs: 200 };
  lab = await Lab.start({
    timings: QUICK,
    clusters: [
      {
        name: 'demo',
        services: [
          { name: 'web', containers, runTask: quickly },
          { name: 'slow', containers },
        ],
      },
    ],
  });
});

afterAll(() => lab.stop());

/** Tasks of `ecsh run` in cluster demo that have not been asked to stop. */
async function left(): Promise<readonly string[]> {
  const { stdout } = await lab.run(['ls', 'tasks', 'demo', '--json']);
  const tasks: { readonly service: string | null; readonly task: string }[] = JSON.parse(
    stdout === '' ? '[]' : stdout,
  );
  return tasks.filter(({ service }) => service === null).map(({ task }) => task);
}

async function untilNoneLeft(): Promise<void> {
  const limit = Date.now() + 15_000;
  while ((await left()).length > 0) {
    if (Date.now() > limit) throw new Error(`still there: ${(await left()).join(' ')}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

describe('ecsh run', () => {
  it('passes stdin, output and status through, and stops its task', async () => {
    const words = ['sh', '-c', 'cat; echo err >&2; exit 7'];
    const seen = await lab.run(['run', '-i', 'demo/web', '--', ...words], { input: 'exact\0in' });
    expect([seen.status, seen.stdout]).toEqual([7, 'exact\0in']);
    expect(seen.stderr).toMatch(/^Started task demo\/[0-9a-f]{32}\.\n/);
    expect(seen.stderr).toContain('\nerr\n');
    await untilNoneLeft();
  });

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('stops its task on %s', async (signal) => {
    const program = lab.start(['run', 'demo/web', '--', 'sh', '-c', 'echo ready; sleep 60']);
    await program.untilOutput('ready\n');
    program.signal(signal);
    const { status } = await program.finished;
    expect(status).toBe({ SIGHUP: 129, SIGINT: 130, SIGTERM: 143 }[signal]);
    await untilNoneLeft();
  });

  it('stops its task on a signal while the task is starting', async () => {
    const program = lab.start(['run', 'demo/slow', '--', 'true']);
    await program.untilOutput('Started task', 'stderr');
    program.signal('SIGTERM');
    const { status, stderr } = await program.finished;
    expect([status, stderr]).toEqual([143, expect.stringContaining('[interrupted]')]);
    await untilNoneLeft();
  });

  it('leaves no task behind after SIGKILL', async () => {
    const program = lab.start(['run', 'demo/web', '--', 'sh', '-c', 'echo ready; sleep 60']);
    await program.untilOutput('ready\n');
    program.signal('SIGKILL');
    await program.finished;
    await untilNoneLeft();
  });

  it('keeps the task with --detach, and --wait returns its log, status and revision', async () => {
    const words = ['-e', 'WORD=said', 'demo/web', '--', 'sh', '-c', 'echo $WORD; exit 5'];
    const image = ['--image', 'example.com/web:9'];
    const { stdout, stderr, status } = await lab.run(['run', '--detach', ...image, ...words]);
    expect(status).toBe(0);
    const [, revision] =
      /^Registered (web:\d+), in which container app has image /.exec(stderr) ?? [];
    expect(stderr).toContain(`Its log, and its exit status at the end:  ecsh run --wait ${stdout}`);
    expect(await lab.run(['run', '--wait', stdout.trim()])).toMatchObject({
      status: 5,
      stdout: 'said\n',
      stderr: `Deregistered ${revision}, which --image had registered.\n`,
    });
  });

  it('finds and stops leftover tasks with --cleanup', async () => {
    await lab.run(['run', '--detach', 'demo/web', '--', 'sleep', '60']);
    const refused = await lab.run(['run', '--cleanup', '-C', 'demo']);
    expect([refused.status, refused.stderr]).toEqual([
      2,
      expect.stringContaining('[confirmation-missing]'),
    ]);
    const done = await lab.run(['run', '--cleanup', '-C', 'demo', '-y']);
    expect([done.status, done.stdout]).toEqual([0, expect.stringMatching(/^[0-9a-f]{32} {2}web:/)]);
    await untilNoneLeft();
    const again = await lab.run(['run', '--cleanup', '-C', 'demo', '-y']);
    expect(again.stderr).toBe('No task of ecsh run is left in cluster demo.\n');
  });
});
