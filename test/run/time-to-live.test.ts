import { describe, expect, it } from 'vitest';
import { hasReachedTtl } from '#run/time-to-live.ts';
import { sampleContainer, sampleTask } from '#test/fakes/sample-task.ts';

const CREATED_AT = new Date('2026-03-01T14:40:00Z');
const after = (seconds: number) => new Date(CREATED_AT.getTime() + seconds * 1_000);

/** A task that ran from second 20 to second `stoppedAt`, with a `--ttl` of a minute. */
function reached(stoppedAt: number | undefined, exitCodes: Readonly<Record<string, number>>) {
  const task = sampleTask('4'.repeat(32), {
    createdAt: CREATED_AT,
    startedAt: after(20),
    stoppedAt: stoppedAt === undefined ? undefined : after(stoppedAt),
    containers: Object.entries(exitCodes).map(([name, exitCode]) =>
      sampleContainer(name, { exitCode }),
    ),
  });
  return hasReachedTtl(task, { container: 'app', ttlMs: 60_000, now: after(80).getTime() });
}

describe('a task of ecsh run', () => {
  it.each<readonly [string, number | undefined, Readonly<Record<string, number>>, boolean]>([
    ['after its --ttl', 80, { app: 0 }, true],
    ['after its --ttl, with its sidecars', 80, { app: 0, proxy: 143 }, true],
    ['slightly after the start time that ECS reports', 76, { app: 0 }, true],
    ['after its --ttl, while it is still stopping', undefined, { app: 0 }, true],
    ['before its --ttl', 70, { app: 0 }, false],
    ['because the container failed', 80, { app: 1 }, false],
    ['because another container failed', 80, { app: 0, proxy: 9 }, false],
  ])('ended %s', (_, stoppedAt, exitCodes, expected) => {
    expect(reached(stoppedAt, exitCodes)).toBe(expected);
  });

  it('never ran', () => {
    const task = sampleTask('4'.repeat(32), { createdAt: CREATED_AT, startedAt: undefined });
    const now = after(600).getTime();
    expect(hasReachedTtl(task, { container: 'app', ttlMs: 60_000, now })).toBe(false);
  });
});
