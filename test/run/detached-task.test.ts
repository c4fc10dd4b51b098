import { describe, expect, it } from 'vitest';
import { detachedCommand, endOf, isHeld } from '#run/detached-task.ts';
import { sampleTask } from '#test/fakes/sample-task.ts';

const ID = '4'.repeat(32);
const tags = (...keys: readonly (readonly [string, string])[]) => ({
  tags: keys.map(([key, value]) => ({ key: `ecsh:${key}`, value })),
});

describe('a task of ecsh run', () => {
  it('names the container of its command, and the image, if it is detached', () => {
    const detached = tags(['run-id', 'token'], ['run-detached', 'app'], ['run-image', 'app:2']);
    expect(detachedCommand(detached)).toEqual({ container: 'app', image: 'app:2' });
    expect(isHeld(detached)).toBe(false);
  });

  it('names neither if it only waits for a session', () => {
    const held = tags(['run', 'web'], ['run-id', 'token']);
    expect([detachedCommand(held), isHeld(held)]).toEqual([undefined, true]);
    expect(isHeld(tags(['run', 'web']))).toBe(false);
  });

  it('reports the status of the container, or the reason if there is none', () => {
    const stopped = {
      ...sampleTask(ID),
      lastStatus: 'STOPPED',
      stopCode: 'EssentialContainerExited',
      stoppedReason: 'Essential container in task exited',
      containers: [{ name: 'app', lastStatus: 'STOPPED', exitCode: 5, managedAgents: [] }],
    };
    expect(endOf(stopped, 'app')).toMatchObject({
      task: ID,
      container: 'app',
      status: 5,
      stopCode: 'EssentialContainerExited',
      reason: 'Essential container in task exited',
    });
    expect(endOf({ ...stopped, containers: [] }, 'app').status).toBeUndefined();
  });
});
