import { describe, expect, it } from 'vitest';
import type { ServiceDetails, TaskDefinitionDetails } from '#domain/ports/ecs-responses.ts';
import { placementOf } from '#run/run-placement.ts';

const ON_EC2: ServiceDetails = {
  launchType: 'EC2',
  placementConstraints: [
    { type: 'memberOf', expression: 'attribute:ecs.instance-type == g5.xlarge' },
  ],
  placementStrategy: [{ type: 'spread', field: 'attribute:ecs.availability-zone' }],
};
const ROLE = 'arn:aws:iam::123456789012:role/ecs-infrastructure';
const TAGS = [{ key: 'team', value: 'shop' }];
const NO_NETWORK = { subnets: [], securityGroups: [], publicIp: undefined };

function withVolumes(...names: readonly string[]): ServiceDetails {
  const volumeConfigurations = names.map((name) => ({
    name,
    managedEBSVolume: {
      roleArn: ROLE,
      sizeInGiB: 20,
      tagSpecifications: [
        { resourceType: 'volume' as const, tags: TAGS, propagateTags: 'SERVICE' as const },
      ],
    },
  }));
  return {
    launchType: 'EC2',
    deployments: [{ status: 'ACTIVE' }, { status: 'PRIMARY', volumeConfigurations }],
  };
}

describe('the placement of a fresh task', () => {
  it('uses the instances that the service chooses', () => {
    expect(placementOf(ON_EC2, NO_NETWORK, {})).toEqual({ ...ON_EC2, tags: [] });
  });

  it('gives the task the volumes that its definition leaves to the launch', () => {
    const definition: TaskDefinitionDetails = {
      volumes: [{ name: 'data', configuredAtLaunch: true }, { name: 'scratch' }],
    };
    const { volumeConfigurations } = placementOf(
      withVolumes('data', 'gone'),
      NO_NETWORK,
      definition,
    );
    // A task alone has no service that tags could come from.
    const tagSpecifications = [{ resourceType: 'volume', tags: TAGS }];
    expect(volumeConfigurations).toEqual([
      { name: 'data', managedEBSVolume: { roleArn: ROLE, sizeInGiB: 20, tagSpecifications } },
    ]);
  });

  it('has no volumes where the definition leaves none to the launch', () => {
    expect(placementOf(withVolumes('data'), NO_NETWORK, {})).not.toHaveProperty(
      'volumeConfigurations',
    );
  });
});
