import { describe, expect, it } from 'vitest';
import { findPage } from '#describe/find-page.ts';
import { EcshError } from '#domain/errors/errors.ts';
import type { ServiceDetails } from '#domain/ports/ecs-responses.ts';
import { fakeEcs } from '#test/fakes/fake-ecs.ts';
import { sampleContainer, sampleTask } from '#test/fakes/sample-task.ts';

const TASK = sampleTask('a'.repeat(32), {
  attachments: [
    {
      type: 'ElasticNetworkInterface',
      details: {
        privateIPv4Address: '10.0.0.7',
        networkInterfaceId: 'eni-1',
        subnetId: 'subnet-1',
      },
    },
  ],
  tags: [{ key: 'team', value: 'shop' }],
  containers: [
    sampleContainer('app', {
      image: 'example.com/web:2',
      imageDigest: 'sha256:abc',
      healthStatus: 'HEALTHY',
    }),
  ],
});

const stopped = (id: string, minute: number) =>
  sampleTask(id.repeat(32), {
    lastStatus: 'STOPPED',
    stopCode: 'EssentialContainerExited',
    stoppedReason: 'Essential container in task exited',
    stoppedAt: new Date(Date.UTC(2026, 2, 1, 10, minute)),
    containers: [sampleContainer('app', { lastStatus: 'STOPPED', exitCode: 1 })],
  });
const STOPPED = ['1', '2', '3', '4', '5', '6'].map((id, index) => stopped(id, index));

const SERVICE: ServiceDetails = {
  serviceName: 'web',
  serviceArn: 'arn:aws:ecs:us-east-1:123456789012:service/prod/web',
  status: 'ACTIVE',
  desiredCount: 1,
  runningCount: 1,
  taskDefinition: 'arn:aws:ecs:us-east-1:123456789012:task-definition/site:42',
  capacityProviderStrategy: [{ capacityProvider: 'FARGATE_SPOT' }],
  enableExecuteCommand: true,
  deploymentConfiguration: { deploymentCircuitBreaker: { enable: true, rollback: true } },
  deployments: [{ id: 'ecs-svc/1', status: 'PRIMARY', rolloutState: 'COMPLETED', runningCount: 1 }],
  events: Array.from({ length: 12 }, (_, index) => ({ id: `${index}`, message: `event ${index}` })),
};

const denied = () => Promise.reject(new EcshError('access-denied', 'No.'));

function ports(isDenied = false) {
  const tasks = [TASK, ...STOPPED];
  return {
    ecs: {
      ...fakeEcs({ clusters: { prod: [TASK] }, services: ['web'] }),
      describeTasks: async (_: string, ids: readonly string[]) =>
        tasks.filter(({ taskArn }) => ids.some((id) => taskArn.endsWith(id))),
    },
    details: {
      describeService: async (_: string, name: string) => (name === 'web' ? SERVICE : undefined),
      describeTaskDefinition: isDenied
        ? denied
        : async () => ({ containerDefinitions: [{ name: 'app', image: 'example.com/web:2' }] }),
    },
    admin: {
      listStoppedTasks: isDenied ? denied : async () => STOPPED.map(({ taskArn }) => taskArn),
    },
  };
}

describe('findPage', () => {
  it('puts a service with its tasks, the last stopped ones and the last events on one page', async () => {
    const { page } = await findPage(ports(), { target: 'prod/web' });
    expect(page).toMatchObject({
      kind: 'service',
      cluster: 'prod',
      service: 'web',
      runningCount: 1,
      controller: 'ECS',
      strategy: 'ROLLING',
      circuitBreaker: 'rollback',
      launch: ['FARGATE_SPOT'],
      taskDefinition: 'site:42',
      images: [{ container: 'app', image: 'example.com/web:2' }],
      network: null,
      deployments: [{ id: 'ecs-svc/1', failedTasks: 0, rolloutStateReason: null }],
      tasks: [{ taskId: 'a'.repeat(32) }],
    });
    if (page.kind !== 'service') throw new Error('no service');
    expect(page.stopped?.map(({ taskId }) => taskId[0])).toEqual(['6', '5', '4', '3', '2']);
    expect(page.events.map(({ message }) => message)).toEqual(
      Array.from({ length: 10 }, (_, index) => `event ${index}`),
    );
  });

  it('leaves out facts for which the caller lacks permission', async () => {
    const { page } = await findPage(ports(true), { target: 'prod/web' });
    expect(page).toMatchObject({ kind: 'service', images: [], stopped: null });
  });

  it.each([`prod/${'a'.repeat(32)}`, 'prod/task:aaaa', 'prod/aaaa'])(
    'describes the task %s',
    async (target) => {
      expect((await findPage(ports(), { target })).page).toEqual({
        kind: 'task',
        cluster: 'prod',
        taskId: 'a'.repeat(32),
        taskArn: TASK.taskArn,
        service: 'web',
        family: 'site',
        taskDefinition: 'site:42',
        lastStatus: 'RUNNING',
        desiredStatus: 'RUNNING',
        stopCode: null,
        stoppedReason: null,
        launch: 'FARGATE',
        platformVersion: '1.4.0',
        containerInstanceArn: null,
        connectivity: null,
        startedBy: null,
        createdAt: null,
        startedAt: new Date('2026-03-01T14:40:00Z'),
        stoppedAt: null,
        enableExecuteCommand: true,
        network: { privateIp: '10.0.0.7', networkInterface: 'eni-1', subnet: 'subnet-1' },
        tags: { team: 'shop' },
        containers: [
          {
            name: 'app',
            lastStatus: 'RUNNING',
            healthStatus: 'HEALTHY',
            image: 'example.com/web:2',
            imageDigest: 'sha256:abc',
            runtimeId: 'runtime-of-app',
            exitCode: null,
            reason: null,
            agentStatus: 'RUNNING',
            exec: { ready: true, code: null, reason: null },
          },
        ],
      });
    },
  );

  it.each([
    ['prod/service:nosuch', 'service-not-found'],
    ['prod/nosuch', 'service-not-found'],
    [`prod/${'9'.repeat(32)}`, 'task-not-found'],
  ])('fails for %s', async (target, code) => {
    await expect(findPage(ports(), { target })).rejects.toMatchObject({ code });
  });
});
