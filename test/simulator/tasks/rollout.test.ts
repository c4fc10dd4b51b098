import { describe, expect, it } from 'vitest';
import type { FleetService, FleetTask } from '#simulator/fleet/fleet.ts';
import { parseFleet } from '#simulator/fleet/fleet-file.ts';
import { Rollouts } from '#simulator/tasks/rollout.ts';
import { TaskLife } from '#simulator/tasks/task-life.ts';
import { ManualClock } from '#test/fakes/manual-clock.ts';

const TIMES = { taskStartMs: 1_000, agentStartMs: 500, drainMs: 300 };

function setUp(service: object = {}) {
  const fleet = parseFleet({
    clusters: [
      {
        name: 'c',
        services: [
          {
            name: 'web',
            count: 2,
            enableExecuteCommand: false,
            containers: [{ name: 'app' }],
            rollout: TIMES,
            ...service,
          },
        ],
      },
    ],
  });
  const web = fleet.clusters[0]?.services[0];
  if (web === undefined) throw new Error('the fleet has a service');
  web.enableExecuteCommand = true;
  const clock = new ManualClock();
  const stopped: FleetTask[] = [];
  const life = new TaskLife({ clock, onStopped: (task) => stopped.push(task) });
  return { web, clock, stopped, life, rollouts: new Rollouts(life) };
}

const statesOf = ({ tasks }: FleetService) =>
  tasks.map(({ lastStatus, containers }) => `${lastStatus} ${containers[0]?.agentStatus ?? '-'}`);
const rolloutsOf = ({ deployments }: FleetService) =>
  deployments
    .filter(({ status }) => status !== 'INACTIVE')
    .map(({ status, rolloutState }) => `${status} ${rolloutState}`);
const told = ({ events }: FleetService) =>
  events.map(({ message }) =>
    message.replaceAll(/[0-9a-f]{32}/g, 'ID').replaceAll(/\d{10,}/g, 'N'),
  );

describe('a rolling deployment', () => {
  it('starts new tasks, then their agents, and drains the old tasks once new ones run', async () => {
    const { web, clock, rollouts, stopped } = setUp();
    rollouts.start(web);
    expect(statesOf(web)).toEqual([
      'RUNNING -',
      'RUNNING -',
      'PROVISIONING PENDING',
      'PROVISIONING PENDING',
    ]);
    expect(rolloutsOf(web)).toEqual(['PRIMARY IN_PROGRESS', 'ACTIVE COMPLETED']);
    await clock.advance(1_000);
    expect(statesOf(web)).toEqual([
      'DEACTIVATING -',
      'RUNNING -',
      'RUNNING PENDING',
      'PENDING PENDING',
    ]);
    await clock.advance(500);
    expect(statesOf(web)).toEqual([
      'STOPPED -',
      'DEACTIVATING -',
      'RUNNING RUNNING',
      'RUNNING PENDING',
    ]);
    await clock.advance(500);
    expect(statesOf(web)).toEqual(['STOPPED -', 'STOPPED -', 'RUNNING RUNNING', 'RUNNING RUNNING']);
    expect(rolloutsOf(web)).toEqual(['PRIMARY COMPLETED']);
    expect(web.tasks.slice(2).map(({ startedBy }) => startedBy)).toEqual([
      web.deployments[0]?.id,
      web.deployments[0]?.id,
    ]);
    expect(stopped).toEqual(web.tasks.slice(0, 2));
    expect(told(web)).toEqual([
      '(service web) has reached a steady state.',
      '(service web) (deployment ecs-svc/N) deployment completed.',
      '(service web) has stopped 1 running tasks: (task ID).',
      '(service web) has stopped 1 running tasks: (task ID).',
      '(service web) has started 2 tasks: (task ID) (task ID).',
    ]);
  });

  it('stops old tasks first if there is no capacity for more', async () => {
    const deploymentConfiguration = { minimumHealthyPercent: 0, maximumPercent: 100 };
    const { web, clock, rollouts } = setUp({ deploymentConfiguration });
    rollouts.start(web);
    expect(statesOf(web)).toEqual(['DEACTIVATING -', 'DEACTIVATING -']);
    await clock.advance(2_500);
    expect(statesOf(web).slice(2)).toEqual(['RUNNING RUNNING', 'RUNNING RUNNING']);
    expect(rolloutsOf(web)).toEqual(['PRIMARY COMPLETED']);
  });

  it('replaces a deployment in progress', async () => {
    const { web, clock, rollouts } = setUp();
    rollouts.start(web);
    await clock.advance(500);
    rollouts.start(web);
    await clock.advance(5_000);
    const [newest] = web.deployments;
    const running = web.tasks.filter(({ lastStatus }) => lastStatus === 'RUNNING');
    expect(running.map(({ startedBy }) => startedBy)).toEqual([newest?.id, newest?.id]);
    expect(rolloutsOf(web)).toEqual(['PRIMARY COMPLETED']);
  });

  it('never ends while tasks crash, without a circuit breaker', async () => {
    const { web, clock, rollouts } = setUp({ rollout: { ...TIMES, outcome: 'crash' } });
    rollouts.start(web);
    await clock.advance(60_000);
    expect(rolloutsOf(web)).toEqual(['PRIMARY IN_PROGRESS', 'ACTIVE COMPLETED']);
    expect(web.deployments[0]?.failedTasks).toBeGreaterThan(20);
    expect(statesOf(web).slice(0, 2)).toEqual(['RUNNING -', 'RUNNING -']);
    expect(web.tasks[2]).toMatchObject({
      lastStatus: 'STOPPED',
      stopCode: 'EssentialContainerExited',
      stoppedReason: 'Essential container in task exited',
    });
  });

  it('fails through its circuit breaker', async () => {
    const { web, clock, rollouts } = setUp({
      rollout: { ...TIMES, outcome: 'crash' },
      deploymentConfiguration: { deploymentCircuitBreaker: { enable: true } },
    });
    rollouts.start(web);
    await clock.advance(10_000);
    expect(web.deployments[0]).toMatchObject({
      status: 'PRIMARY',
      rolloutState: 'FAILED',
      rolloutStateReason: 'ECS deployment circuit breaker: tasks failed to start.',
    });
  });

  it('is rolled back by its circuit breaker in a new deployment', async () => {
    const { web, clock, rollouts } = setUp({
      rollout: { ...TIMES, outcome: 'crash' },
      deploymentConfiguration: { deploymentCircuitBreaker: { enable: true, rollback: true } },
    });
    rollouts.start(web);
    const failed = web.deployments[0]?.id;
    await clock.advance(2_600);
    expect(rolloutsOf(web)).toEqual(['PRIMARY IN_PROGRESS', 'ACTIVE FAILED', 'ACTIVE COMPLETED']);
    expect(web.deployments[0]).toMatchObject({
      rollbackOf: failed,
      rolloutStateReason:
        'ECS deployment circuit breaker: rolling back to deploymentId ecs-svc/1000000000000000001.',
    });
    await clock.advance(10_000);
    expect(rolloutsOf(web)).toEqual(['PRIMARY COMPLETED']);
  });

  it('places no task without capacity, and reports it at once', async () => {
    const { web, clock, rollouts } = setUp({ rollout: { ...TIMES, outcome: 'unplaceable' } });
    rollouts.start(web);
    await clock.advance(60_000);
    expect(statesOf(web)).toEqual(['RUNNING -', 'RUNNING -']);
    expect(told(web)).toEqual([
      expect.stringContaining('was unable to place a task because no container instance met all'),
    ]);
  });

  it('completes even if agents stop: ECS does not wait for them', async () => {
    const { web, clock, rollouts } = setUp({ rollout: { ...TIMES, outcome: 'agent-stops' } });
    rollouts.start(web);
    await clock.advance(10_000);
    expect(rolloutsOf(web)).toEqual(['PRIMARY COMPLETED']);
    expect(statesOf(web).slice(2)).toEqual(['RUNNING STOPPED', 'RUNNING STOPPED']);
  });

  it('is rolled back when it is stopped, unless it is aborted', async () => {
    const { web, clock, rollouts } = setUp();
    rollouts.start(web);
    const [first] = web.deployments;
    if (first !== undefined) rollouts.stop(web, first, false);
    expect(web.deployments[0]).toMatchObject({ status: 'PRIMARY', rollbackOf: first?.id });
    await clock.advance(5_000);
    expect(rolloutsOf(web)).toEqual(['PRIMARY COMPLETED']);
    rollouts.start(web);
    const [second] = web.deployments;
    if (second !== undefined) rollouts.stop(web, second, true);
    await clock.advance(5_000);
    expect(rolloutsOf(web)).toEqual(['PRIMARY FAILED', 'ACTIVE COMPLETED']);
  });

  it('leaves no timer behind', async () => {
    const { web, clock, rollouts, life } = setUp();
    rollouts.start(web);
    await life.halt();
    expect(clock.timers).toEqual([]);
  });
});
