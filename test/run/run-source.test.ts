import { describe, expect, it } from 'vitest';
import type { EcsDetailsApi } from '#domain/ports/doctor-ports.ts';
import type { ServiceDetails } from '#domain/ports/ecs-responses.ts';
import { findRunSource, type RunPlace, splitRevision } from '#run/run-source.ts';

const NETWORK = { subnets: ['subnet-1'], securityGroups: ['sg-1'], assignPublicIp: 'ENABLED' };
const WEB: ServiceDetails = {
  serviceName: 'web',
  taskDefinition: 'site:42',
  capacityProviderStrategy: [{ capacityProvider: 'FARGATE_SPOT', weight: 1, base: 0 }],
  platformVersion: 'LATEST',
  networkConfiguration: { awsvpcConfiguration: NETWORK },
  tags: [
    { key: 'team', value: 'shop' },
    { key: 'aws:cloudformation:stack-name', value: 'web' },
  ],
};

function ecsOf(
  service: ServiceDetails | undefined,
  networkMode = 'awsvpc',
  requiresCompatibilities?: readonly string[],
) {
  const notAsked = () => Promise.reject(new Error('not asked'));
  const ecs: EcsDetailsApi = {
    describeTaskDefinition: async (name) =>
      name === 'gone'
        ? undefined
        : { taskDefinitionArn: name, networkMode, requiresCompatibilities },
    describeService: async () => service,
    describeCluster: notAsked,
    describeContainerInstance: notAsked,
    describeCapacityProvider: notAsked,
  };
  return ecs;
}

const place = (target: string, changes: Partial<RunPlace> = {}): RunPlace => ({
  target,
  revision: undefined,
  cluster: undefined,
  like: undefined,
  subnets: [],
  securityGroups: [],
  publicIp: undefined,
  ...changes,
});

describe('the source of a fresh task', () => {
  it('has everything of the service except the tags that AWS reserves', async () => {
    expect(await findRunSource(ecsOf(WEB), place('prod/web'))).toEqual({
      cluster: 'prod',
      service: 'web',
      definition: { taskDefinitionArn: 'site:42', networkMode: 'awsvpc' },
      placement: {
        capacityProviderStrategy: [{ capacityProvider: 'FARGATE_SPOT', weight: 1, base: 0 }],
        platformVersion: 'LATEST',
        networkConfiguration: { awsvpcConfiguration: NETWORK },
        tags: [{ key: 'team', value: 'shop' }],
      },
    });
  });

  it('has no network in bridge mode, and no platform version on EC2', async () => {
    const { placement } = await findRunSource(
      ecsOf({ ...WEB, capacityProviderStrategy: [], launchType: 'EC2' }, 'bridge'),
      place('prod/web'),
    );
    expect(placement).toEqual({
      launchType: 'EC2',
      tags: [{ key: 'team', value: 'shop' }],
    });
  });

  it('places a family according to the flags', async () => {
    const asked = place('prod/family:jobs', { subnets: ['subnet-9'], securityGroups: ['sg-9'] });
    expect((await findRunSource(ecsOf(undefined), asked)).placement).toEqual({
      launchType: 'FARGATE',
      networkConfiguration: {
        awsvpcConfiguration: {
          subnets: ['subnet-9'],
          securityGroups: ['sg-9'],
          assignPublicIp: 'DISABLED',
        },
      },
      tags: [],
    });
  });

  it.each<readonly [string, string, readonly string[] | undefined, string | undefined]>([
    ['by default', 'awsvpc', undefined, 'FARGATE'],
    ['if it was registered for both', 'awsvpc', ['EC2', 'FARGATE'], 'FARGATE'],
    ['if it was registered for EC2', 'awsvpc', ['EC2'], 'EC2'],
    ['in bridge mode, which Fargate lacks', 'bridge', undefined, 'EC2'],
    ['if it was registered for external instances', 'bridge', ['EXTERNAL'], 'EXTERNAL'],
    ['if the cluster places it', 'awsvpc', ['MANAGED_INSTANCES'], undefined],
  ])('chooses the launch type of a family: %s', async (_, networkMode, types, launchType) => {
    const asked = place('prod/family:jobs', { subnets: ['subnet-9'] });
    const { placement } = await findRunSource(ecsOf(undefined, networkMode, types), asked);
    expect(placement.launchType).toBe(launchType);
  });

  it('has no platform version on Managed Instances', async () => {
    const strategy = [{ capacityProvider: 'instances', weight: 1, base: 0 }];
    const { placement } = await findRunSource(
      ecsOf({ ...WEB, capacityProviderStrategy: strategy }),
      place('prod/web'),
    );
    expect([placement.capacityProviderStrategy, placement.platformVersion]).toEqual([
      strategy,
      undefined,
    ]);
  });

  it.each<readonly [RunPlace, string]>([
    [place('prod/family:jobs'), 'network-unknown'],
    [place('prod/family:gone'), 'family-not-found'],
    [place('prod/task:0f9de17a6465404e8b1b2356dc13c2f8'), 'usage'],
    [place('prod/0f9de17a6465404e8b1b2356dc13c2f8'), 'usage'],
    [place('prod/nosuch'), 'service-not-found'],
  ])('%j: %s', async (asked, code) => {
    await expect(findRunSource(ecsOf(undefined), asked)).rejects.toMatchObject({ code });
  });
});

describe('the revision of a family', () => {
  it.each([
    ['prod/family:jobs:42', 'prod/family:jobs', '42'],
    ['family:jobs:42@app', 'family:jobs@app', '42'],
    ['family:jobs', 'family:jobs', undefined],
    ['prod/web', 'prod/web', undefined],
  ])('%s', (text, target, revision) => {
    expect(splitRevision(text)).toEqual({ target, revision });
  });

  it('is the one in the target', async () => {
    const asked = place('prod/family:jobs', { revision: '42', like: 'web' });
    const { definition, service } = await findRunSource(ecsOf(WEB), asked);
    expect([definition.taskDefinitionArn, service]).toEqual(['jobs:42', 'web']);
  });
});
