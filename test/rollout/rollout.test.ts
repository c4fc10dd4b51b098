import { describe, expect, it } from 'vitest';
import type { ServiceDeployment } from '#domain/ports/ecs-admin-ports.ts';
import type { ServiceDetails } from '#domain/ports/ecs-responses.ts';
import type { Container, Task } from '#domain/resolve/task.ts';
import {
  describeProgress,
  type Followed,
  judgeRollout,
  type RolloutGoal,
} from '#rollout/rollout.ts';
import { readFixture, sampleContainer, sampleTask } from '#test/fakes/sample-task.ts';

const ALL: RolloutGoal = { isOn: true, waitFor: 'all', formerIds: ['ecs-svc/1'] };
const OWN: Followed = { id: 'ecs-svc/2222222222222222222', origin: 'own' };
const ROLLBACK = 'ecs-svc/3333333333333333333';

function fixture(name: string): ServiceDetails {
  const { services } = readFixture(`service-rollout/describe-services.${name}.json`) as {
    services: [ServiceDetails];
  };
  return services[0];
}

const [ROLLED_BACK] = (
  readFixture('service-rollout/describe-service-deployments.rollback.json') as {
    serviceDeployments: [ServiceDeployment];
  }
).serviceDeployments;

function agent(lastStatus: string, reason?: string): Container {
  return sampleContainer('app', {
    managedAgents: [{ name: 'ExecuteCommandAgent', lastStatus, reason }],
  });
}

let ids = 0;
function task(changes: Partial<Task> = {}): Task {
  ids += 1;
  return sampleTask(`${ids}`.padStart(32, '0'), { startedBy: OWN.id, ...changes });
}

const ready = () => task();
const pending = () => task({ lastStatus: 'PENDING', containers: [] });
const agentPending = () => task({ containers: [agent('PENDING')] });
const agentStopped = () => task({ containers: [agent('STOPPED', 'exit code 1')] });
const old = () => task({ startedBy: 'ecs-svc/1', enableExecuteCommand: false });
const withoutFlag = () => task({ enableExecuteCommand: false });

const completed = fixture('completed');
const inProgress = fixture('in-progress');
const failedOnly: ServiceDetails = {
  ...inProgress,
  deploymentConfiguration: { deploymentCircuitBreaker: { enable: true, rollback: false } },
  deployments: [
    {
      id: OWN.id,
      status: 'PRIMARY',
      rolloutState: 'FAILED',
      rolloutStateReason: 'ECS deployment circuit breaker: tasks failed to start.',
    },
  ],
};
const rolledBack: ServiceDetails = {
  ...completed,
  deployments: [
    {
      id: ROLLBACK,
      status: 'PRIMARY',
      rolloutState: 'COMPLETED',
      rolloutStateReason: 'ECS deployment circuit breaker: rolled back to deploymentId ecs-svc/1.',
    },
  ],
};

interface End {
  readonly service: ServiceDetails;
  readonly tasks: readonly Task[];
  readonly goal?: RolloutGoal;
  readonly latest?: ServiceDeployment;
  readonly verdict: object;
  readonly text: string;
}

const GOING = { kind: 'going' };
const DONE = { kind: 'done' };
const failed = (code: string, message: unknown = expect.any(String)) => ({
  kind: 'failed',
  code,
  message,
});

describe('judgeRollout', () => {
  it.each<[string, End]>([
    [
      'continues while tasks start',
      {
        service: inProgress,
        tasks: [pending(), old(), old()],
        verdict: GOING,
        text: '0 of 2 tasks ready, 1 starting, 2 old',
      },
    ],
    [
      'continues if the answer is older than the deployment',
      {
        service: {
          ...completed,
          deployments: [{ id: 'ecs-svc/1', status: 'PRIMARY', rolloutState: 'COMPLETED' }],
        },
        tasks: [old(), old()],
        verdict: GOING,
        text: '0 of 2 tasks ready, 2 old',
      },
    ],
    [
      'continues with --wait all when one of two tasks is ready',
      {
        service: inProgress,
        tasks: [ready(), agentPending()],
        verdict: GOING,
        text: '1 of 2 tasks ready, 1 waiting for the exec agent',
      },
    ],
    [
      'is done with --wait first when one of two tasks is ready',
      {
        service: inProgress,
        tasks: [ready(), agentPending()],
        goal: { ...ALL, waitFor: 'first' },
        verdict: DONE,
        text: '1 of 2 tasks ready, 1 waiting for the exec agent',
      },
    ],
    [
      'continues if ECS is done and an agent is not',
      {
        service: completed,
        tasks: [ready(), agentPending()],
        verdict: GOING,
        text: '1 of 2 tasks ready, 1 waiting for the exec agent',
      },
    ],
    [
      'continues if the agents run before ECS is done',
      {
        service: inProgress,
        tasks: [ready(), ready()],
        verdict: GOING,
        text: '2 of 2 tasks ready',
      },
    ],
    [
      'is done when the rollout is complete and every agent runs',
      { service: completed, tasks: [ready(), ready()], verdict: DONE, text: '2 of 2 tasks ready' },
    ],
    [
      'fails if the rollout is complete and an agent has stopped',
      {
        service: completed,
        tasks: [ready(), agentStopped()],
        verdict: failed('exec-agent-not-running', expect.stringContaining('exit code 1')),
        text: '1 of 2 tasks ready, 1 with a stopped exec agent',
      },
    ],
    [
      'fails if new tasks were started without the flag',
      {
        service: completed,
        tasks: [ready(), withoutFlag()],
        verdict: failed('flag-not-taken'),
        text: '1 of 2 tasks ready, 1 without ECS Exec on',
      },
    ],
    [
      'fails if the rollout failed',
      {
        service: failedOnly,
        tasks: [old(), old()],
        verdict: failed(
          'rollout-failed',
          'The deployment failed. ECS deployment circuit breaker: tasks failed to start.',
        ),
        text: '0 of 2 tasks ready, 2 old',
      },
    ],
    [
      'follows a rollback to its end',
      {
        service: fixture('failed'),
        tasks: [task({ startedBy: ROLLBACK })],
        verdict: GOING,
        text: 'Rolling back: 1 of 2 tasks ready, 10 failed',
      },
    ],
    [
      'waits for the rollback while the failed deployment is still the primary one',
      {
        service: failedOnly,
        tasks: [],
        latest: { status: 'ROLLBACK_IN_PROGRESS' },
        verdict: GOING,
        text: '0 of 2 tasks ready',
      },
    ],
    [
      'fails if the rollback fails as well',
      {
        service: failedOnly,
        tasks: [],
        latest: { status: 'ROLLBACK_FAILED' },
        verdict: failed('rollout-failed'),
        text: '0 of 2 tasks ready',
      },
    ],
    [
      'fails after a rollback, and reads the flag from the tasks, which have it',
      {
        service: rolledBack,
        tasks: [task({ startedBy: ROLLBACK }), task({ startedBy: ROLLBACK })],
        latest: ROLLED_BACK,
        verdict: failed(
          'rollout-rolled-back',
          'The deployment was rolled back: Service deployment rolled back because the circuit breaker threshold was exceeded. ECS Exec is on in 2 of 2 running tasks, as wanted.',
        ),
        text: 'Rolling back: 2 of 2 tasks ready',
      },
    ],
    [
      'fails after a rollback, and reads the flag from the tasks, which lack it',
      {
        service: rolledBack,
        tasks: [task({ startedBy: ROLLBACK, enableExecuteCommand: false })],
        verdict: failed(
          'rollout-rolled-back',
          'The deployment was rolled back: ECS deployment circuit breaker: rolled back to deploymentId ecs-svc/1. ECS Exec is on in 0 of 1 running task.',
        ),
        text: 'Rolling back: 0 of 2 tasks ready, 1 without ECS Exec on',
      },
    ],
    [
      'fails if somebody stopped the deployment',
      {
        service: inProgress,
        tasks: [old()],
        latest: { status: 'STOPPED', statusReason: 'By the user.' },
        verdict: failed('rollout-failed', 'The deployment was stopped. By the user.'),
        text: '0 of 2 tasks ready, 1 old',
      },
    ],
    [
      'fails if the service is deleted during the deployment',
      {
        service: { ...completed, status: 'DRAINING' },
        tasks: [],
        verdict: failed('service-not-active', 'The service became DRAINING.'),
        text: '0 of 2 tasks ready',
      },
    ],
    [
      'is done without a task if the desired count is 0',
      {
        service: { ...completed, desiredCount: 0 },
        tasks: [],
        verdict: DONE,
        text: '0 of 0 tasks ready',
      },
    ],
    [
      'does not wait for agents when the flag is turned off',
      {
        service: completed,
        tasks: [withoutFlag(), withoutFlag()],
        goal: { ...ALL, isOn: false },
        verdict: DONE,
        text: '2 of 2 tasks replaced',
      },
    ],
    [
      'reports the stage of a blue/green deployment',
      {
        service: inProgress,
        tasks: [ready()],
        latest: { status: 'IN_PROGRESS', lifecycleStage: 'BAKE_TIME' },
        verdict: GOING,
        text: '1 of 2 tasks ready, bake time',
      },
    ],
  ])('%s', (_, { service, tasks, goal = ALL, latest, verdict, text }) => {
    const progress = judgeRollout({ service, tasks, latest }, goal, OWN);
    expect(progress.verdict).toEqual(verdict);
    expect(describeProgress(progress, goal)).toBe(text);
  });

  it('follows a deployment that somebody else started during the rollout', () => {
    const service = {
      ...completed,
      deployments: [{ id: 'ecs-svc/9', status: 'PRIMARY', rolloutState: 'IN_PROGRESS' }],
    };
    expect(judgeRollout({ service, tasks: [] }, ALL, OWN).followed).toEqual({
      id: 'ecs-svc/9',
      origin: 'superseded',
    });
  });

  it('requires no agent in sidecars of AWS or in exited containers', () => {
    const containers = [
      sampleContainer('app'),
      sampleContainer('ecs-service-connect-x', { managedAgents: [] }),
      sampleContainer('migrate', { lastStatus: 'STOPPED', managedAgents: [] }),
    ];
    const tasks = [task({ containers }), task({ containers })];
    expect(judgeRollout({ service: completed, tasks }, ALL, OWN).verdict).toEqual(DONE);
  });

  it('requires the agent of every container of the user', () => {
    const containers = [sampleContainer('app'), sampleContainer('worker', { managedAgents: [] })];
    const tasks = [ready(), task({ containers })];
    expect(judgeRollout({ service: completed, tasks }, ALL, OWN).verdict).toEqual(GOING);
  });
});
