import { describe, expect, it } from 'vitest';
import type { ServiceDetails } from '#domain/ports/ecs-responses.ts';
import type { Task } from '#domain/resolve/task.ts';
import { agentWith, NO_AGENT } from '#test/fakes/doctor-setup.ts';
import { verdictAndFixOf } from '#test/fakes/doctor-verdict.ts';
import type { World } from '#test/fakes/doctor-world.ts';
import { TASK } from '#test/fakes/doctor-world.ts';

const OFF: Partial<Task> = { enableExecuteCommand: false, ...NO_AGENT };
const service = (changes: Partial<ServiceDetails>, task: Partial<Task> = {}): World => ({
  task: { ...TASK, ...task },
  answers: {
    ecs: {
      describeService: async () => ({
        serviceName: 'web',
        enableExecuteCommand: true,
        deployments: [],
        ...changes,
      }),
    },
  },
});

describe('services', () => {
  it.each<[string, World, string, RegExp, RegExp?]>([
    [
      'Exec is off, ECS deploys',
      service({ enableExecuteCommand: false }, OFF),
      'not ready: exec-enabled',
      /ecsh enable/,
    ],
    [
      'Exec is off, CODE_DEPLOY',
      service({ enableExecuteCommand: false, deploymentController: { type: 'CODE_DEPLOY' } }, OFF),
      'not ready: exec-enabled',
      /./,
      /force-new-deployment/,
    ],
    [
      'Exec is off, EXTERNAL',
      service({ enableExecuteCommand: false, deploymentController: { type: 'EXTERNAL' } }, OFF),
      'not ready: exec-enabled',
      /./,
      /force-new-deployment/,
    ],
    [
      'agent stopped, CODE_DEPLOY',
      service(
        { deploymentController: { type: 'CODE_DEPLOY' } },
        agentWith({ lastStatus: 'STOPPED', reason: 'cannot be restarted' }),
      ),
      'not ready: exec-agent-status',
      /./,
      /force-new-deployment|ecsh restart/,
    ],
    [
      'agent stopped, EXTERNAL',
      service(
        { deploymentController: { type: 'EXTERNAL' } },
        agentWith({ lastStatus: 'STOPPED', reason: 'cannot be restarted' }),
      ),
      'not ready: exec-agent-status',
      /./,
      /force-new-deployment|ecsh restart/,
    ],
    [
      'agent stopped, DAEMON',
      service(
        { schedulingStrategy: 'DAEMON' },
        agentWith({ lastStatus: 'STOPPED', reason: 'cannot be restarted' }),
      ),
      'not ready: exec-agent-status',
      /ecsh restart/,
    ],
    ['Exec is on, the task is older', service({}, OFF), 'not ready: exec-enabled', /./],
    [
      'Exec is off, the task still has it',
      service({ enableExecuteCommand: false }),
      'ready: -',
      /./,
    ],
    [
      'a rollout in progress',
      service(
        { deployments: [{ id: 'ecs-svc/1', status: 'PRIMARY', rolloutState: 'IN_PROGRESS' }] },
        { startedBy: 'ecs-svc/1' },
      ),
      'ready: -',
      /./,
    ],
    [
      'a task from an older deployment',
      service(
        {
          deployments: [
            { id: 'ecs-svc/2', status: 'PRIMARY', rolloutState: 'IN_PROGRESS' },
            { id: 'ecs-svc/1', status: 'ACTIVE', rolloutState: 'COMPLETED' },
          ],
        },
        { startedBy: 'ecs-svc/1' },
      ),
      'ready: -',
      /./,
    ],
    [
      'a standalone task with Exec off',
      { task: { ...TASK, ...OFF, group: 'family:web' }, service: undefined },
      'not ready: exec-enabled',
      /enable task|run-task/,
    ],
  ])('%s', async (_name, world, expected, fix, notFix) => {
    const found = await verdictAndFixOf(world);
    expect(found).toEqual({ verdict: expected, fix: expect.stringMatching(fix) });
    if (notFix !== undefined) expect(found.fix).not.toMatch(notFix);
  });
});
