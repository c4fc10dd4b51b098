import { expect, it } from 'vitest';
import { parseFleet } from '#simulator/fleet/fleet-file.ts';
import { Rollouts } from '#simulator/tasks/rollout.ts';
import { TaskLife } from '#simulator/tasks/task-life.ts';

// Timers of Node.js with different times fire in any order once they are late.
it('a task keeps running even if late timers fire in the wrong order', () => {
  const fleet = parseFleet({
    clusters: [{ name: 'c', services: [{ name: 'web', containers: [{ name: 'app' }] }] }],
  });
  const web = fleet.clusters[0]?.services[0];
  if (web === undefined) throw new Error('the fleet has a service');
  const timers: (() => void)[] = [];
  const clock = {
    now: () => 0,
    after: (_milliseconds: number, run: () => void) => {
      timers.push(run);
      return () => undefined;
    },
  };
  new Rollouts(new TaskLife({ clock, onStopped: () => undefined })).start(web);
  for (let run = timers.pop(); run !== undefined; run = timers.pop()) run();
  expect(web.tasks.map(({ lastStatus }) => lastStatus)).toEqual(['STOPPED', 'RUNNING']);
});
