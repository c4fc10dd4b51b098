import { describe, expect, it } from 'vitest';
import type { DeploymentConfiguration, ServiceDetails } from '#domain/ports/ecs-responses.ts';
import { deploymentNotes, type PlannedDeployment } from '#rollout/deployment-notes.ts';
import { sampleTask } from '#test/fakes/sample-task.ts';

const SAFE: DeploymentConfiguration = {
  minimumHealthyPercent: 100,
  maximumPercent: 200,
  deploymentCircuitBreaker: { enable: true, rollback: true },
};
const TASKS = ['1', '2'].map((id) => sampleTask(id));
const ENDS = 'Running tasks are stopped; anything in them is lost.';

function notes(service: Partial<ServiceDetails> = {}, planned: Partial<PlannedDeployment> = {}) {
  const details = { desiredCount: 2, runningCount: 2, deploymentConfiguration: SAFE, ...service };
  return deploymentNotes({ service: details, tasks: TASKS, timeoutMs: 900_000, ...planned });
}
const configured = (changes: DeploymentConfiguration, desiredCount = 2) =>
  notes({ desiredCount, deploymentConfiguration: { ...SAFE, ...changes } });
const images = (...named: readonly string[]) =>
  notes(
    {},
    {
      taskDefinition: {
        containerDefinitions: named.map((image, index) => ({ name: `c${index}`, image })),
      },
    },
  );

describe('the notes on replacing the tasks of a service', () => {
  it('are short for a service with safe settings', () => {
    expect(notes()).toEqual([ENDS]);
  });

  it.each<[string, readonly string[], string | undefined]>([
    [
      'name an outage if all tasks stop first',
      configured({ minimumHealthyPercent: 0, maximumPercent: 100 }),
      'Outage: minimumHealthyPercent is 0 and maximumPercent 100, so that ECS stops all 2 tasks before it starts new ones.',
    ],
    [
      'name an outage of the only task',
      configured({ minimumHealthyPercent: 0, maximumPercent: 100 }, 1),
      'Outage: minimumHealthyPercent is 0 and maximumPercent 100, so that ECS stops the only task before it starts new ones.',
    ],
    [
      'name a possible outage',
      configured({ minimumHealthyPercent: 0 }, 1),
      'Outage possible: minimumHealthyPercent is 0 and maximumPercent 200, so that ECS may stop the only task before new ones run.',
    ],
    [
      'name fewer tasks for a while',
      configured({ minimumHealthyPercent: 50, maximumPercent: 100 }),
      'Fewer tasks: minimumHealthyPercent is 50 and maximumPercent 100, so that at times only 1 of 2 tasks run.',
    ],
    [
      'name fewer tasks if ECS may or may not start new ones first',
      configured({ minimumHealthyPercent: 50, maximumPercent: 200 }, 4),
      'Fewer tasks possible: minimumHealthyPercent is 50 and maximumPercent 200, so that at times only 2 of 4 tasks may run.',
    ],
    [
      'name a deadlock if no task may stop or start',
      configured({ minimumHealthyPercent: 50, maximumPercent: 100 }, 1),
      'Deadlock: minimumHealthyPercent is 50 and maximumPercent 100, so that ECS can neither stop nor start a task, and the deployment never ends.',
    ],
    [
      'name other code if an image has only a tag',
      images('nginx:latest'),
      'Other code may go live: the image has a tag and no digest, and a new deployment pulls what the tag names now: nginx:latest (c0).',
    ],
    [
      'name other code in some of the containers',
      images('nginx', `app:1@sha256:${'0'.repeat(64)}`, 'proxy:2'),
      'Other code may go live: the images have a tag and no digest, and a new deployment pulls what the tag names now: nginx (c0), proxy:2 (c2).',
    ],
    ['name no other code for a digest', images(`app@sha256:${'0'.repeat(64)}`), undefined],
    [
      'name endless failures without a circuit breaker',
      configured({ deploymentCircuitBreaker: undefined }),
      'No circuit breaker: if new tasks keep failing, ECS starts them again without end. ecsh stops watching after 15 min, and the deployment goes on.',
    ],
    [
      'name broken tasks that remain without a rollback',
      configured({ deploymentCircuitBreaker: { enable: true, rollback: false } }),
      'No rollback: if the circuit breaker ends the deployment, its tasks stay.',
    ],
    [
      'name alarms that end the deployment',
      configured({ alarms: { enable: true, rollback: true, alarmNames: ['5xx', 'cpu'] } }),
      'Alarms: 5xx, cpu fail the deployment, which is then rolled back.',
    ],
    [
      'name a bake time longer than the time limit',
      configured({ strategy: 'BLUE_GREEN', bakeTimeInMinutes: 30 }),
      'Deployment strategy BLUE_GREEN: all traffic is shifted. Bake time: it takes at least 30 min; --timeout 15 min is too short for that.',
    ],
    [
      'name steps of traffic',
      configured({
        strategy: 'LINEAR',
        bakeTimeInMinutes: 1,
        linearConfiguration: { stepPercent: 25, stepBakeTimeInMinutes: 2 },
      }),
      'Deployment strategy LINEAR: all traffic is shifted. Bake time: it takes at least 7 min.',
    ],
    [
      'name hooks of the user',
      configured({
        lifecycleHooks: [
          {
            hookTargetArn: 'arn:aws:lambda:us-east-1:1:function:check',
            lifecycleStages: ['POST_SCALE_UP'],
          },
        ],
      }),
      'Hook: check runs at POST_SCALE_UP, and can hold the deployment up or fail it.',
    ],
    [
      'a pause',
      configured({
        lifecycleHooks: [{ targetType: 'PAUSE', lifecycleStages: ['PRE_SCALE_UP'] }],
      }),
      'Hook: it pauses at PRE_SCALE_UP until somebody continues it (aws ecs continue-service-deployment).',
    ],
    [
      'name the failure that new tasks will have if no task runs',
      notes({
        runningCount: 0,
        deployments: [{ failedTasks: 9 }],
        events: [{ id: '1', message: '(service web) was unable to place a task.' }],
      }),
      'None of the 2 wanted tasks is running, and 9 failed to start: new ones will do the same unless the cause is gone. ECS says: (service web) was unable to place a task.',
    ],
  ])('%s', (_name, found, expected) => {
    expect(found).toEqual(expected === undefined ? [ENDS] : [ENDS, expected]);
  });
});
