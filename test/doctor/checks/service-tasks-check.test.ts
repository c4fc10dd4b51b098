import { describe, expect, it } from 'vitest';
import { riskOf } from '#doctor/connection-path.ts';
import { primaryOf } from '#doctor/primary.ts';
import type { Task } from '#domain/resolve/task.ts';
import { DENIED, diagnosisOf, TASK, type World } from '#test/fakes/doctor-world.ts';
import { RUNNING_AGENT, sampleContainer, sampleTask } from '#test/fakes/sample-task.ts';

const like = (id: string, changes: Partial<Task> = {}) =>
  sampleTask(id, { attachments: TASK.attachments, ...changes });
const withAgent = (id: string, lastStatus: string, reason?: string) => {
  const managedAgents = [{ ...RUNNING_AGENT, lastStatus, reason }];
  return like(id, { containers: [sampleContainer('app', { managedAgents })] });
};
const STOPPED = ['b1', 'b2'].map((id) => withAgent(id, 'STOPPED', 'exited'));
const rolling = (id: string, rolloutState = 'IN_PROGRESS'): NonNullable<World['answers']> => ({
  ecs: {
    describeService: async () => ({
      enableExecuteCommand: true,
      deployments: [{ id, status: 'PRIMARY', rolloutState }],
    }),
  },
});

async function verdict(world: World) {
  const { isReady, results, of } = await diagnosisOf(world);
  const lead = primaryOf(results) ?? riskOf(results);
  const { status, message } = of('service-tasks');
  return { ready: isReady, lead: lead?.id ?? null, status, message };
}

describe('service-tasks', () => {
  it.each<[string, World, string, RegExp]>([
    ['passes', { siblings: [TASK, like('a2')] }, 'pass', /^All 2 running tasks can be entered\.$/],
    [
      'fails if the exec agents of some tasks are down',
      { siblings: [TASK, ...STOPPED] },
      'fail',
      /^1 of 3 running tasks can be entered; 2 cannot: exec agent STOPPED \(exited\): b1, b2\.$/,
    ],
    [
      'names each cause with at most three tasks',
      {
        siblings: [
          TASK,
          ...['b1', 'b2', 'b3', 'b4', 'b5'].map((id) => like(id, { enableExecuteCommand: false })),
          like('c1', { containers: [sampleContainer('app', { managedAgents: [] })] }),
        ],
      },
      'fail',
      /^1 of 7 running tasks can be entered; 6 cannot: ECS Exec was off when they were launched: b1, b2, b3 and 2 more; they have no exec agent: c1\.$/,
    ],
    [
      'warns about agents that are still starting',
      { siblings: [TASK, withAgent('b1', 'PENDING')], task: TASK },
      'warn',
      /exec agent PENDING: b1/,
    ],
    [
      'warns about tasks that a deployment is about to replace',
      {
        siblings: [
          like('a1', { startedBy: 'ecs-svc/2' }),
          like('b1', { startedBy: 'ecs-svc/1', enableExecuteCommand: false }),
        ],
        answers: rolling('ecs-svc/2'),
      },
      'warn',
      /1 of 2 running tasks can be entered; 1 cannot: .*: b1\. Deployment ecs-svc\/2 is in progress\.$/,
    ],
    [
      'fails if the deployment that would replace them is paused',
      {
        siblings: [
          like('a1', { startedBy: 'ecs-svc/2' }),
          like('b1', { startedBy: 'ecs-svc/1', enableExecuteCommand: false }),
        ],
        answers: rolling('ecs-svc/2', 'PAUSED'),
      },
      'fail',
      /: b1\. Deployment ecs-svc\/2 is paused, and replaces no more tasks until somebody continues it\.$/,
    ],
    [
      'ignores tasks that are not running or are about to stop',
      {
        siblings: [
          TASK,
          like('b1', { lastStatus: 'PENDING' }),
          like('b2', { desiredStatus: 'STOPPED' }),
        ],
      },
      'skip',
      /single task/,
    ],
    ['is skipped if doctor checks a single task', {}, 'skip', /Only this task/],
  ])('%s', async (_name, world, status, message) => {
    const found = await verdict(world);
    expect(found).toMatchObject({ status, message: expect.stringMatching(message) });
    expect(found.ready).toBe(status !== 'fail');
    const isWorthTheFirstLine = status === 'fail' || status === 'warn';
    expect(found.lead).toBe(isWorthTheFirstLine ? 'service-tasks' : null);
  });

  it('comes first if tasks keep failing and the current one is still starting', async () => {
    const starting = like('a1', {
      lastStatus: 'PENDING',
      containers: [sampleContainer('app', { lastStatus: 'PENDING' })],
    });
    const answers: NonNullable<World['answers']> = {
      ecs: {
        describeService: async () => ({
          enableExecuteCommand: true,
          deployments: [{ id: 'ecs-svc/1', status: 'PRIMARY', failedTasks: 4 }],
          events: [{ message: '(service web) (task b1) failed container health checks.' }],
        }),
      },
    };
    expect(await verdict({ task: starting, siblings: [starting], answers })).toEqual({
      ready: false,
      lead: 'service-tasks',
      status: 'fail',
      message:
        'No task of service web stays up: 4 have failed. ECS says: (task b1) failed container health checks.',
    });
  });

  it('comes after a failure that affects all tasks', async () => {
    const rules: NonNullable<World['rules']> = [['app-task-role ssmmessages', DENIED]];
    expect(await verdict({ siblings: [TASK, ...STOPPED], rules })).toMatchObject({
      lead: 'task-role-ssmmessages',
      status: 'fail',
    });
  });
});
