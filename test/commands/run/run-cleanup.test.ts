import { beforeEach, describe, expect, it } from 'vitest';
import { fakeAdmin } from '#test/fakes/fake-admin.ts';
import { fakeEcs } from '#test/fakes/fake-ecs.ts';
import { sampleTask } from '#test/fakes/sample-task.ts';
import { FakeApp, run } from '#test/helpers/app.ts';

/** The manual clock begins here. */
const NOW = Date.UTC(2025, 0, 1);

let stopped: (readonly string[])[];

beforeEach(() => {
  stopped = [];
});

/** Cluster prod with a task of `ecsh run` for each source. */
function cloud(...sources: readonly string[]) {
  const tasks = sources.map((value, index) =>
    sampleTask(`${index + 1}`.repeat(32), {
      group: 'family:site',
      startedBy: 'ecsh-run',
      createdAt: new Date(NOW - 90_000),
      tags: [{ key: 'ecsh:run', value }],
    }),
  );
  return new FakeApp({
    ecs: fakeEcs({ clusters: { prod: tasks } }),
    admin: fakeAdmin({ stopTask: async (...words) => void stopped.push(words) }),
  });
}

const line = (digit: string) => `${digit.repeat(32)}  site:42  RUNNING, started 90s ago\n`;

describe('ecsh run --cleanup', () => {
  it('stops the tasks that are left in the cluster', async () => {
    const app = cloud('web', 'family:jobs');
    expect(await run(['run', '--cleanup', 'prod', '-y'], app)).toEqual({
      status: 0,
      stdout: line('1') + line('2'),
      stderr: '',
    });
    const reason = 'Stopped with ecsh run --cleanup';
    expect(stopped).toEqual([
      ['prod', '1'.repeat(32), reason],
      ['prod', '2'.repeat(32), reason],
    ]);
  });

  it.each([
    ['prod/web', '1'],
    ['prod/family:jobs', '2'],
  ])('only lists those of %s with --dry-run', async (place, digit) => {
    const app = cloud('web', 'family:jobs');
    expect(await run(['run', '--cleanup', place, '--dry-run'], app)).toEqual({
      status: 1,
      stdout: line(digit),
      stderr: '',
    });
    expect(stopped).toEqual([]);
  });

  it('reports that none is left, and a cluster that does not exist', async () => {
    expect(await run(['run', '--cleanup', 'prod/api'], cloud('web'))).toEqual({
      status: 0,
      stdout: '',
      stderr: 'No task of ecsh run is left of api in cluster prod.\n',
    });
    const { status, stderr } = await run(['run', '--cleanup', 'pord'], cloud());
    expect([status, stderr]).toEqual([
      255,
      expect.stringContaining('There is no cluster "pord" in us-east-1. [cluster-not-found]'),
    ]);
  });
});
