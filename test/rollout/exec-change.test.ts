import { describe, expect, it } from 'vitest';
import type { ServiceDetails } from '#domain/ports/ecs-responses.ts';
import { type ExecChange, planExecChange } from '#rollout/exec-change.ts';
import { readFixture, sampleTask } from '#test/fakes/sample-task.ts';

const FIRST = sampleTask('1'.repeat(32), { enableExecuteCommand: false });
const SECOND = sampleTask('2'.repeat(32), { enableExecuteCommand: false });
const SERVICE: ServiceDetails = {
  serviceName: 'web',
  status: 'ACTIVE',
  desiredCount: 2,
  enableExecuteCommand: false,
  schedulingStrategy: 'REPLICA',
  deploymentConfiguration: {
    strategy: 'ROLLING',
    minimumHealthyPercent: 100,
    maximumPercent: 200,
    deploymentCircuitBreaker: { enable: true, rollback: true },
  },
  deployments: [{ id: 'ecs-svc/1', status: 'PRIMARY', rolloutState: 'COMPLETED' }],
};

function plan(service: Partial<ServiceDetails> = {}, change: Partial<ExecChange> = {}) {
  return planExecChange({
    cluster: 'prod',
    service: { ...SERVICE, ...service },
    tasks: [FIRST, SECOND],
    isOn: true,
    redeploys: true,
    isForced: false,
    flags: {},
    timeoutMs: 900_000,
    ...change,
  });
}

const ENDS = 'Running tasks are stopped; anything in them is lost.';
const TEMPLATE = [
  'If a template manages the service, change it there too',
  'EnableExecuteCommand: true       (CloudFormation)',
  'enableExecuteCommand: true       (CDK)',
  'enable_execute_command = true    (Terraform)',
].join('\n');

describe('planExecChange', () => {
  it('turns the flag on and replaces the tasks, and replaces none if only the flag is wanted', () => {
    expect(plan()).toEqual({
      cluster: 'prod',
      service: 'web',
      kind: 'change',
      changes: ['ECS Exec of the service: off -> on', 'A new deployment replaces 2 running tasks'],
      replaced: ['1'.repeat(32), '2'.repeat(32)],
      warnings: [ENDS, TEMPLATE],
      remaining: [],
      request: {
        cluster: 'prod',
        service: 'web',
        enableExecuteCommand: true,
        forceNewDeployment: true,
      },
    });
  });

  it('warns that the next update of Express Mode may turn it off', () => {
    expect(plan({ resourceManagementType: 'ECS' }).warnings).toEqual([
      ENDS,
      'ECS Express Mode manages this service. It has no setting for ECS Exec, and its next update may turn it off.',
      TEMPLATE,
    ]);
  });

  it.each<[string, Partial<ServiceDetails>, Partial<ExecChange>, string, boolean]>([
    [
      'sets only the flag with --no-redeploy',
      {},
      { redeploys: false },
      'Tasks are not replaced: 2 running tasks cannot be entered until the next deployment',
      false,
    ],
    [
      'replaces nothing if the desired count is 0',
      { desiredCount: 0 },
      { tasks: [] },
      'No task is wanted, so that none is replaced',
      false,
    ],
    [
      'does not replace tasks when it turns the flag off',
      { enableExecuteCommand: true },
      { isOn: false, redeploys: false },
      'Tasks are not replaced: they stay reachable until the next deployment (--redeploy replaces them)',
      false,
    ],
    [
      'replaces tasks that are older than the flag',
      { enableExecuteCommand: true },
      {},
      'A new deployment replaces 2 running tasks',
      true,
    ],
    [
      'starts no deployment for CodeDeploy',
      { deploymentController: { type: 'CODE_DEPLOY' }, deployments: [] },
      {},
      'ECS does not redeploy a service of AWS CodeDeploy: its tasks stay as they are',
      false,
    ],
    [
      'starts no deployment for an external controller',
      { deploymentController: { type: 'EXTERNAL' }, deployments: [] },
      {},
      'ECS does not redeploy a service of an external controller: its tasks stay as they are',
      false,
    ],
  ])('%s', (_, service, change, consequence, forceNewDeployment) => {
    const { changes, request, kind } = plan(service, change);
    expect({ kind, last: changes.at(-1), force: request.forceNewDeployment }).toEqual({
      kind: 'change',
      last: consequence,
      force: forceNewDeployment,
    });
  });

  it.each<[string, Partial<ServiceDetails>, Partial<ExecChange>, string]>([
    [
      'a DAEMON that stops before it starts',
      { schedulingStrategy: 'DAEMON', deploymentConfiguration: { maximumPercent: 100 } },
      {},
      'DAEMON: on each instance the old task stops before the new one starts, a short gap.',
    ],
    [
      'instances that may lack room for more tasks',
      {},
      { tasks: [{ ...FIRST, launchType: 'EC2' }] },
      'minimumHealthyPercent is 100: the cluster needs room for more tasks, or nothing is replaced (as with fixed host ports).',
    ],
    [
      'spot capacity',
      {},
      { tasks: [{ ...FIRST, capacityProviderName: 'FARGATE_SPOT' }] },
      'Fargate Spot: a new task may have to wait for capacity.',
    ],
    [
      'a shift of traffic',
      { deploymentConfiguration: { strategy: 'BLUE_GREEN' } },
      {},
      'Deployment strategy BLUE_GREEN: all traffic is shifted.',
    ],
    [
      'a stack of CloudFormation',
      { tags: [{ key: 'aws:cloudformation:stack-name', value: 'shop' }] },
      {},
      'CloudFormation stack shop may set it back unless its template says\nEnableExecuteCommand: true       (CloudFormation)\nenableExecuteCommand: true       (CDK)',
    ],
    [
      'a role of Terraform',
      { createdBy: 'arn:aws:iam::123456789012:role/terraform-ci' },
      {},
      'Terraform may set it back unless the resource says\nenable_execute_command = true    (Terraform)',
    ],
  ])('warns of %s', (_, service, change, warning) => {
    expect(plan(service, change).warnings).toContain(warning);
  });

  it('has nothing to do if the service and its tasks already have the flag', () => {
    const tasks = [sampleTask('3'.repeat(32))];
    expect(plan({ enableExecuteCommand: true }, { tasks })).toMatchObject({
      kind: 'nothing',
      changes: [],
      warnings: [],
    });
  });

  it('follows a rollout that is already setting the flag', () => {
    const deployments = [{ id: 'ecs-svc/2', status: 'PRIMARY', rolloutState: 'IN_PROGRESS' }];
    expect(plan({ enableExecuteCommand: true, deployments }).kind).toBe('follow');
  });

  it('starts no second deployment during another one, unless forced', () => {
    const deployments = [
      {
        id: 'ecs-svc/2',
        status: 'PRIMARY',
        rolloutState: 'IN_PROGRESS',
        rolloutStateReason: 'ECS deployment ecs-svc/2 in progress.',
      },
    ];
    expect(() => plan({ deployments })).toThrow(
      'Deployment ecs-svc/2 of service web is in progress. ECS says: ECS deployment ecs-svc/2 in progress.',
    );
    expect(plan({ deployments }, { redeploys: false }).request.forceNewDeployment).toBe(false);
    expect(plan({ deployments }, { isForced: true }).request.forceNewDeployment).toBe(true);
  });

  it('reports a paused deployment as paused', () => {
    const deployments = [{ id: 'ecs-svc/2', status: 'PRIMARY', rolloutState: 'PAUSED' }];
    expect(() => plan({ deployments })).toThrow(
      expect.objectContaining({
        message: 'Deployment ecs-svc/2 of service web is paused.',
        hint: expect.stringMatching(
          /^Continue it or roll it back, or turn ECS Exec on for what starts next/,
        ),
      }),
    );
  });

  it('refuses a service that is being deleted', () => {
    expect(() => plan({ status: 'DRAINING' })).toThrow('Service web is DRAINING.');
  });

  it('lists the remaining steps if CodeDeploy deploys the service', () => {
    const { services } = readFixture('service-code-deploy/describe-services.json') as {
      services: [ServiceDetails];
    };
    const { request, remaining } = plan(services[0], { tasks: [FIRST] });
    expect(request).toEqual({
      cluster: 'prod',
      service: 'bg',
      enableExecuteCommand: true,
      forceNewDeployment: false,
    });
    expect(remaining).toEqual([
      'Replace the tasks by a CodeDeploy deployment of the same AppSpec:  aws deploy create-deployment --application-name APPLICATION --deployment-group-name GROUP --revision REVISION',
    ]);
  });
});
