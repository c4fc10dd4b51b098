import { describe, expect, it } from 'vitest';
import type { ServiceDetails } from '#domain/ports/ecs-responses.ts';
import { planRestart, type Restart } from '#rollout/restart-plan.ts';
import { sampleTask } from '#test/fakes/sample-task.ts';

const FIRST = sampleTask('1'.repeat(32));
const SECOND = sampleTask('2'.repeat(32));
const SERVICE: ServiceDetails = {
  serviceName: 'web',
  status: 'ACTIVE',
  desiredCount: 2,
  taskDefinition: 'site:42',
  deploymentConfiguration: {
    strategy: 'ROLLING',
    minimumHealthyPercent: 100,
    maximumPercent: 200,
    deploymentCircuitBreaker: { enable: true, rollback: true },
  },
  deployments: [{ id: 'ecs-svc/1', status: 'PRIMARY', rolloutState: 'COMPLETED' }],
};

function plan(service: Partial<ServiceDetails> = {}, restart: Partial<Restart> = {}) {
  return planRestart({
    cluster: 'prod',
    service: { ...SERVICE, ...service },
    tasks: [FIRST, SECOND],
    isForced: false,
    flags: {},
    timeoutMs: 900_000,
    ...restart,
  });
}

const WHOLE = {
  cluster: 'prod',
  service: 'web',
  kind: 'change',
  changes: ['A new deployment replaces 2 running tasks'],
  replaced: ['1'.repeat(32), '2'.repeat(32)],
  warnings: ['Running tasks are stopped; anything in them is lost.'],
  request: { cluster: 'prod', service: 'web', forceNewDeployment: true },
  remaining: [],
};

describe('planRestart', () => {
  it('requests a new deployment and does not change the flag of ECS Exec', () => {
    expect(plan()).toEqual(WHOLE);
  });

  it('does not mention ECS Exec for a service of Express Mode', () => {
    expect(plan({ resourceManagementType: 'ECS' })).toEqual(WHOLE);
  });

  it('has nothing to replace if the desired count is 0', () => {
    expect(plan({ desiredCount: 0 }, { tasks: [] })).toEqual({
      ...WHOLE,
      kind: 'nothing',
      changes: [],
      replaced: [],
      warnings: [],
      request: { cluster: 'prod', service: 'web', forceNewDeployment: false },
    });
  });

  it.each(['IN_PROGRESS', 'PAUSED'])(
    'starts no second deployment during another one, unless forced: %s',
    (state) => {
      const deployments = [{ id: 'ecs-svc/2', status: 'PRIMARY', rolloutState: state }];
      expect(() => plan({ deployments }, { flags: { region: 'eu-west-1' } })).toThrow(
        expect.objectContaining({
          code: 'rollout-in-progress',
          exitCode: 1,
          message: `Deployment ecs-svc/2 of service web is ${state === 'PAUSED' ? 'paused' : 'in progress'}.`,
          hint: '--force begins another deployment now. See how this one stands:  ecsh describe prod/web --region eu-west-1',
        }),
      );
      expect(plan({ deployments }, { isForced: true })).toEqual(WHOLE);
    },
  );

  const stop =
    'Stop its tasks one by one, and ECS starts another in place of each:  ecsh stop prod/TASK\n';
  it.each<[string, Partial<ServiceDetails>, string, string, string]>([
    [
      'CodeDeploy, whose last deployment is known',
      {
        deploymentController: { type: 'CODE_DEPLOY' },
        taskSets: [{ status: 'PRIMARY', externalId: 'd-1' }],
      },
      'controller-code-deploy',
      'AWS CodeDeploy deploys service web, and ECS refuses to replace its tasks. Nothing was changed.',
      `${stop}Repeat the CodeDeploy deployment:  aws deploy create-deployment --cli-input-json "$(\n  aws deploy get-deployment --deployment-id d-1 --query 'deploymentInfo.{applicationName:applicationName,deploymentGroupName:deploymentGroupName,revision:revision}' --output json)"`,
    ],
    [
      'CodeDeploy',
      { deploymentController: { type: 'CODE_DEPLOY' } },
      'controller-code-deploy',
      'AWS CodeDeploy deploys service web, and ECS refuses to replace its tasks. Nothing was changed.',
      `${stop}Start a CodeDeploy deployment with the same AppSpec.`,
    ],
    [
      'another controller',
      { deploymentController: { type: 'EXTERNAL' } },
      'controller-external',
      'An external controller deploys service web, and ECS refuses to replace its tasks. Nothing was changed.',
      `${stop}Have the controller of the service create a new task set:  aws ecs create-task-set --cluster prod --service web --task-definition site:42`,
    ],
  ])('is refused with an alternative for %s', (_name, service, code, message, hint) => {
    expect(() => plan(service, { isForced: true })).toThrow(
      expect.objectContaining({ code, message, hint, exitCode: 1 }),
    );
  });

  it('is refused for a service that is being deleted', () => {
    expect(() => plan({ status: 'DRAINING' })).toThrow(
      expect.objectContaining({ code: 'service-not-active' }),
    );
  });
});
