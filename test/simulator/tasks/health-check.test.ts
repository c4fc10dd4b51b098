import { describe, expect, it } from 'vitest';
import type { FleetTask } from '#simulator/fleet/fleet.ts';
import { parseFleet } from '#simulator/fleet/fleet-file.ts';
import { Rollouts } from '#simulator/tasks/rollout.ts';
import { TaskLife } from '#simulator/tasks/task-life.ts';
import { ManualClock } from '#test/fakes/manual-clock.ts';

const CHECK = { command: ['CMD', 'true'], interval: 10, retries: 2, startPeriod: 15 };

/** A service of one task; `passes` decides the result of its health checks at a given time. */
function setUp(containers: readonly object[], passes: (container: string) => boolean) {
  const fleet = parseFleet({
    clusters: [
      {
        name: 'c',
        services: [
          {
            name: 'web',
            containers,
            rollout: { taskStartMs: 1_000, agentStartMs: 500, drainMs: 0 },
            deploymentConfiguration: { deploymentCircuitBreaker: { enable: true } },
          },
        ],
      },
    ],
  });
  const web = fleet.clusters[0]?.services[0];
  if (web === undefined) throw new Error('the fleet has a service');
  const clock = new ManualClock();
  const life = new TaskLife({
    clock,
    onStopped: () => undefined,
    checkHealth: async (_, { name }) => passes(name),
  });
  return { web, clock, rollouts: new Rollouts(life) };
}

const stateOf = (task: FleetTask | undefined) => [
  task?.lastStatus,
  ...(task?.containers ?? []).map(
    ({ name, lastStatus, healthStatus }) => `${name} ${lastStatus} ${healthStatus}`,
  ),
];

describe('a container with a health check', () => {
  const waiting = [
    {
      name: 'app',
      definition: { dependsOn: [{ containerName: 'db', condition: 'HEALTHY' }] },
    },
    { name: 'db', essential: false, definition: { healthCheck: CHECK } },
  ];

  it('is HEALTHY at once if the check passes, and lets other containers start', async () => {
    const { web, clock, rollouts } = setUp(waiting, () => true);
    rollouts.start(web);
    await clock.advance(1_000);
    expect(stateOf(web.tasks[1])).toEqual(['RUNNING', 'app RUNNING UNKNOWN', 'db RUNNING HEALTHY']);
  });

  it('becomes UNHEALTHY after its start period and retries, and blocks containers that depend on it', async () => {
    const { web, clock, rollouts } = setUp(waiting, () => false);
    rollouts.start(web);
    // Failures up to 10 s are in the start period and do not count; those at 20 and 30 s do.
    await clock.advance(30_999);
    expect(stateOf(web.tasks[1])).toEqual(['PENDING', 'app PENDING UNKNOWN', 'db RUNNING UNKNOWN']);
    await clock.advance(1);
    expect(stateOf(web.tasks[1])).toEqual([
      'PENDING',
      'app PENDING UNKNOWN',
      'db RUNNING UNHEALTHY',
    ]);
    await clock.advance(3_600_000);
    expect(web.tasks[1]?.lastStatus).toBe('PENDING');
  });

  it('ends the task after its startTimeout', async () => {
    const [app, db] = waiting;
    const definition = { healthCheck: CHECK, startTimeout: 40 };
    const { web, clock, rollouts } = setUp([{ ...app }, { ...db, definition }], () => false);
    rollouts.start(web);
    await clock.advance(40_999);
    expect(web.tasks[1]?.lastStatus).toBe('PENDING');
    await clock.advance(1);
    expect(web.tasks[1]).toMatchObject({
      lastStatus: 'STOPPED',
      stopCode: 'TaskFailedToStart',
      stoppedReason:
        'Container app gave up: db did not reach the condition of its dependsOn within 40 s.',
    });
  });

  it('recovers if the check passes again', async () => {
    let isWell = false;
    const { web, clock, rollouts } = setUp(waiting, () => isWell);
    rollouts.start(web);
    await clock.advance(31_000);
    isWell = true;
    await clock.advance(10_000);
    expect(stateOf(web.tasks[1])).toEqual(['RUNNING', 'app RUNNING UNKNOWN', 'db RUNNING HEALTHY']);
  });

  it('is replaced by its service if it is essential, and counts for the circuit breaker', async () => {
    const { web, clock, rollouts } = setUp(
      [{ name: 'app', definition: { healthCheck: CHECK } }],
      () => false,
    );
    rollouts.start(web);
    await clock.advance(31_001);
    expect(web.tasks[1]).toMatchObject({
      lastStatus: 'STOPPED',
      stopCode: 'ServiceSchedulerInitiated',
      stoppedReason: 'Task failed container health checks',
      containers: [{ name: 'app', healthStatus: 'UNHEALTHY' }],
    });
    expect(web.events.map(({ message }) => message)).toContain(
      `(service web) (task ${web.tasks[1]?.id}) failed container health checks.`,
    );
    expect(web.tasks.map(({ desiredStatus }) => desiredStatus)).toEqual([
      'RUNNING',
      'STOPPED',
      'RUNNING',
    ]);
    await clock.advance(100_000);
    expect(web.deployments[0]).toMatchObject({ rolloutState: 'FAILED', failedTasks: 3 });
  });
});
