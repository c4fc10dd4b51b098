import { describe, expect, it } from 'vitest';
import { connectEcs } from '#aws/ecs/ecs-connection.ts';
import { createInventory } from '#aws/ecs/inventory.ts';
import { isolateAws, TEST_KEYS } from '#test/aws/environment.ts';
import { type FakeAws, failure, startFakeAws } from '#test/fakes/fake-aws.ts';
import { readFixture } from '#test/fakes/sample-task.ts';

const aws = isolateAws();
const CLUSTER = 'arn:aws:ecs:us-east-1:123456789012:cluster/prod';
const names = (count: number) => Array.from({ length: count }, (_, index) => `s${index}`);

function inventoryAt({ url }: FakeAws) {
  aws.set(TEST_KEYS);
  return createInventory(connectEcs({ region: 'us-east-1', endpointUrl: url }));
}

function sizesOf(fake: FakeAws, key: string): readonly number[] {
  return fake.requests
    .map(({ input }) => (input[key] as readonly string[]).length)
    .toSorted((a, b) => b - a);
}

describe('describeServices', () => {
  it('requests ten at a time, the maximum of ECS', async () => {
    const fake = await startFakeAws(({ input }) => {
      const services = (input.services as readonly string[]).map((name) => ({
        serviceArn: `${name}-arn`,
        serviceName: name,
        clusterArn: CLUSTER,
      }));
      return { body: { services } };
    });
    const found = await inventoryAt(fake).describeServices('prod', names(25));
    expect(found.map(({ serviceName }) => serviceName)).toEqual(names(25));
    expect(sizesOf(fake, 'services')).toEqual([10, 10, 5]);
    expect(fake.requests[0]?.input.include).toEqual([]);
  });

  it('reads counts, strategy, deployments, events and tags', async () => {
    const deployment = {
      id: 'ecs-svc/2222222222222222222',
      status: 'PRIMARY',
      rolloutState: 'IN_PROGRESS',
      rolloutStateReason: 'ECS deployment ecs-svc/2222222222222222222 in progress.',
      taskDefinition: 'arn:aws:ecs:us-east-1:123456789012:task-definition/app:42',
      desiredCount: 2,
      runningCount: 0,
      pendingCount: 1,
      failedTasks: 3,
    };
    const service = {
      serviceArn: 'arn:aws:ecs:us-east-1:123456789012:service/prod/web',
      serviceName: 'web',
      clusterArn: CLUSTER,
      status: 'ACTIVE',
      desiredCount: 2,
      runningCount: 1,
      pendingCount: 1,
      taskDefinition: deployment.taskDefinition,
      enableExecuteCommand: true,
    };
    const tags = [{ key: 'team', value: 'shop' }];
    const answer = {
      ...service,
      capacityProviderStrategy: [{ capacityProvider: 'FARGATE_SPOT', weight: 1 }],
      createdAt: 1772376041.5,
      deployments: [{ ...deployment, createdAt: 1772376042 }],
      events: [{ id: 'e', createdAt: 1772376043, message: '(service web) has started 1 tasks.' }],
      tags,
    };
    const fake = await startFakeAws(() => ({ body: { services: [answer], failures: [] } }));
    expect(await inventoryAt(fake).describeServices('prod', ['web'], { tags: true })).toEqual([
      {
        ...service,
        launchType: undefined,
        capacityProviders: ['FARGATE_SPOT'],
        createdAt: new Date(1772376041500),
        deployments: [{ ...deployment, createdAt: new Date(1772376042000) }],
        events: [
          { createdAt: new Date(1772376043000), message: '(service web) has started 1 tasks.' },
        ],
        tags,
      },
    ]);
    expect(fake.requests[0]?.input).toEqual({
      cluster: 'prod',
      services: ['web'],
      include: ['TAGS'],
    });
  });

  it('sends no request without services', async () => {
    const fake = await startFakeAws(() => ({ body: {} }));
    expect(await inventoryAt(fake).describeServices('prod', [])).toEqual([]);
    expect(fake.requests).toEqual([]);
  });

  it('explains its failures', async () => {
    const fake = await startFakeAws(() =>
      failure('ClusterNotFoundException', 'Cluster not found.'),
    );
    await expect(inventoryAt(fake).describeServices('prd', ['web'])).rejects.toMatchObject({
      code: 'cluster-not-found',
      message: 'There is no cluster "prd" in us-east-1.',
    });
  });
});

describe('describeClusters', () => {
  it('requests a hundred at a time, and leaves out missing ones', async () => {
    const fake = await startFakeAws(({ input }) => {
      const [missing = '', ...others] = input.clusters as readonly string[];
      const clusters = others.map((name) => ({ clusterArn: `${name}-arn`, clusterName: name }));
      return { body: { clusters, failures: [{ arn: missing, reason: 'MISSING' }] } };
    });
    const found = await inventoryAt(fake).describeClusters(names(102));
    expect(found).toHaveLength(100);
    expect(sizesOf(fake, 'clusters')).toEqual([100, 2]);
  });

  it('reads counts, providers and tags', async () => {
    const body = readFixture('fargate-ready-sidecars/describe-clusters.json');
    const fake = await startFakeAws(() => ({ body }));
    expect(await inventoryAt(fake).describeClusters(['prod'], { tags: true })).toEqual([
      {
        clusterArn: CLUSTER,
        clusterName: 'prod',
        status: 'ACTIVE',
        activeServicesCount: 1,
        runningTasksCount: 3,
        pendingTasksCount: 0,
        registeredContainerInstancesCount: 0,
        capacityProviders: ['FARGATE', 'FARGATE_SPOT'],
        tags: [{ key: 'environment', value: 'development' }],
      },
    ]);
    expect(fake.requests[0]?.input).toEqual({ clusters: ['prod'], include: ['TAGS'] });
  });
});
