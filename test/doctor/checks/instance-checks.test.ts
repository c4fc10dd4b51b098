import { describe, expect, it } from 'vitest';
import type { ImageDetails } from '#domain/ports/ec2-responses.ts';
import type { Task } from '#domain/resolve/task.ts';
import {
  type Case,
  container,
  definition,
  instance,
  STOPPED,
  WINDOWS,
  windows,
  without,
} from '#test/fakes/doctor-setup.ts';
import { diagnosisOf, EC2_TASK, type World } from '#test/fakes/doctor-world.ts';

const AGENT_DOWN: Partial<Task> = { containers: [STOPPED] };
const attribute = (name: string, value: string) => ({ attributes: [{ name, value }] });
const version = (agentVersion: string) => ({ versionInfo: { agentVersion } });
const attached = (details: Readonly<Record<string, string>>) => ({
  attachments: [{ type: 'ElasticNetworkInterface', details }],
});
const IPV6_ONLY = attached({ networkInterfaceId: 'eni-1' });

/** An instance with this AMI, whose exec agents are stopped. */
function image(details: ImageDetails | undefined): World {
  const { answers, ...world } = instance(attribute('ecs.ami-id', 'ami-1'), AGENT_DOWN);
  return { ...world, answers: { ...answers, ec2: { describeImage: async () => details } } };
}

function cutOff(world: World): World {
  const attributes = [
    { name: 'ecs.subnet-id', value: 'subnet-1' },
    { name: 'ecs.vpc-id', value: 'vpc-1' },
  ];
  return {
    ...world,
    areas: ['task', 'setup', 'network'],
    answers: {
      ecs: { describeContainerInstance: async () => ({ ec2InstanceId: 'i-1', attributes }) },
      ec2: {
        describeRouteTable: async () => ({ RouteTableId: 'rtb-1', Routes: [] }),
        describeVpcEndpoints: async () => [],
      },
    },
  };
}

describe.each<[id: string, cases: readonly Case[]]>([
  [
    'agent-version',
    [
      ['passes', instance(version('1.50.2')), 'pass', /1\.50\.2/],
      [
        'fails',
        instance(version('1.40.0'), AGENT_DOWN),
        'fail',
        /ECS agent 1\.40\.0 on i-1 is older than 1\.50\.2/,
      ],
      [
        'reports an old version as info if the exec agent runs',
        instance(version('1.40.0')),
        'info',
        /older/,
      ],
      [
        'requires a newer version on Windows',
        instance({ ...version('1.55.0'), ...attribute('ecs.os-family', WINDOWS) }, AGENT_DOWN),
        'fail',
        /older than 1\.56\.0/,
      ],
      [
        'requires a newer version without IPv4',
        instance(version('1.97.9'), { ...AGENT_DOWN, ...IPV6_ONLY }),
        'fail',
        /older than 1\.98\.0/,
      ],
      [
        'does not treat an interface that is still attaching as IPv6-only',
        instance(version('1.97.9'), { ...AGENT_DOWN, ...attached({}) }),
        'pass',
        /1\.97\.9/,
      ],
      [
        'is unknown if ECS reports no version',
        instance({ versionInfo: {} }),
        'unknown',
        /does not say/,
      ],
      ['is skipped on Fargate', container({}), 'skip', /Fargate/],
      [
        'is skipped if ECS manages the instance',
        instance({}, { launchType: 'MANAGED_INSTANCES' }),
        'skip',
        /ECS manages/,
      ],
      [
        'is unknown without permission',
        without('describeContainerInstance', EC2_TASK),
        'unknown',
        /lack permission for ecs:DescribeContainerInstances/,
      ],
    ],
  ],
  [
    'instance-ami',
    [
      [
        'passes for an ECS-optimized AMI',
        image({ Name: 'al2023-ami-ecs-hvm-2023.0', CreationDate: '2026-01-01T00:00:00Z' }),
        'pass',
        /al2023-ami-ecs/,
      ],
      [
        'passes if the exec agent runs',
        instance(attribute('ecs.ami-id', 'ami-1')),
        'pass',
        /holds/,
      ],
      ['reports another AMI as info', image({ Name: 'golden' }), 'info', /AMI ami-1 \(golden\)/],
      [
        'reports an AMI that is too old as info',
        image({ Name: 'amzn2-ami-ecs-hvm-2.0', CreationDate: '2020-06-01T00:00:00Z' }),
        'info',
        /from 2020-06-01, before images held the exec agent/,
      ],
      ['reports an AMI that no longer exists as info', image(undefined), 'info', /AMI ami-1\. /],
      ['is unknown without an AMI id', instance({}), 'unknown', /does not say/],
      [
        'is skipped on external instances',
        instance({}, { launchType: 'EXTERNAL' }),
        'skip',
        /Not on EC2/,
      ],
    ],
  ],
  [
    'agent-connected',
    [
      ['passes', instance({}), 'pass', /i-1 is connected/],
      ['fails', instance({ agentConnected: false }), 'fail', /on i-1 is disconnected/],
      ['is skipped on Fargate', container({}), 'skip', /Fargate/],
    ],
  ],
  [
    'instance-status',
    [
      ['passes', instance({}), 'pass', /i-1 is ACTIVE/],
      ['warns', instance({ status: 'DRAINING' }), 'warn', /draining/],
    ],
  ],
  [
    'network-mode',
    [
      ['passes', definition({ networkMode: 'awsvpc' }, EC2_TASK), 'pass', /interface of its own/],
      [
        'reports bridge mode as info',
        definition({ networkMode: 'bridge' }, EC2_TASK),
        'info',
        /Network mode bridge/,
      ],
      [
        "warns if the instance's subnet has no route out",
        cutOff(definition({ networkMode: 'host' }, EC2_TASK)),
        'warn',
        /Network mode host.*no way out/,
      ],
      [
        'reports the default mode as info',
        definition({}, EC2_TASK),
        'info',
        /Network mode default/,
      ],
      ['is skipped on Fargate', definition({ networkMode: 'awsvpc' }), 'skip', /Fargate/],
      [
        'is skipped on external instances',
        definition({}, { ...EC2_TASK, launchType: 'EXTERNAL' }),
        'skip',
        /Not on EC2/,
      ],
    ],
  ],
  [
    'windows-os-family',
    [
      ['passes', windows({}, WINDOWS), 'pass', /WINDOWS_SERVER_2022_CORE/],
      ['passes for 2025', windows({}, 'WINDOWS_SERVER_2025_FULL'), 'pass', /2025/],
      [
        'fails for 2016',
        windows({}, 'WINDOWS_SERVER_2016_FULL'),
        'fail',
        /not on the supported list/,
      ],
      ['fails for 2004', windows({}, 'WINDOWS_SERVER_2004_CORE'), 'fail', /not on the supported/],
      [
        'reports an unknown version as info',
        windows({}, 'WINDOWS_SERVER_2031_CORE'),
        'info',
        /not on/,
      ],
      [
        'uses the OS family of the instance if the definition names none',
        instance(attribute('ecs.os-family', 'WINDOWS_SERVER_2016_FULL')),
        'fail',
        /2016/,
      ],
      ['is skipped on Linux', container({}), 'skip', /Linux/],
    ],
  ],
  [
    'nano-server',
    [
      [
        'passes',
        windows({ image: 'mcr.microsoft.com/windows/servercore' }, WINDOWS),
        'pass',
        /not/,
      ],
      [
        'fails',
        windows({ image: 'mcr.microsoft.com/windows/nanoserver' }, WINDOWS),
        'fail',
        /Nano/,
      ],
      ['is skipped on Linux', container({ image: 'nanoserver' }), 'skip', /Linux/],
      [
        'is skipped on Linux even without the task definition',
        without('describeTaskDefinition'),
        'skip',
        /Linux/,
      ],
    ],
  ],
  [
    'container-user',
    [
      ['passes if no user is set', container({}), 'pass', /run as root/],
      ['passes for root', container({ user: 'root:root' }), 'pass', /run as root/],
      ['passes for 0', container({ user: '0' }), 'pass', /run as root/],
      [
        'reports another user as info',
        container({ user: '1000:1000' }),
        'info',
        /though app sets user 1000:1000/,
      ],
      ['is skipped on Windows', windows({}, WINDOWS), 'skip', /Windows/],
    ],
  ],
  [
    'image-shell',
    [
      ['passes', container({ image: 'debian:13' }), 'pass', /not known to be without/],
      ['warns', container({ image: 'gcr.io/distroless/static-debian12' }), 'warn', /no shell/],
      [
        'warns about Chainguard images',
        container({ image: 'cgr.dev/chainguard/nginx:latest' }),
        'warn',
        /cgr/,
      ],
      [
        'warns about a scratch image',
        container({ image: 'registry/scratch:1' }),
        'warn',
        /scratch/,
      ],
      [
        'passes for a debug tag, which adds a shell',
        container({ image: 'gcr.io/distroless/cc:debug' }),
        'pass',
        /not/,
      ],
      ['is skipped on Windows', windows({ image: 'x/distroless' }, WINDOWS), 'skip', /Windows/],
    ],
  ],
  [
    'efs-or-volumes-shadow',
    [
      [
        'passes',
        container({ mountPoints: [{ containerPath: '/data', readOnly: true }] }),
        'pass',
        /No/,
      ],
      [
        'passes for a writable volume',
        container({ mountPoints: [{ containerPath: '/var/lib/amazon' }] }),
        'pass',
        /No/,
      ],
      [
        'reports a read-only volume as info',
        container({ mountPoints: [{ containerPath: '/var/log/amazon', readOnly: true }] }),
        'info',
        /read-only volume on \/var\/log\/amazon/,
      ],
    ],
  ],
])('%s', (id, cases) => {
  it.each(cases)('%s', async (_, world, status, message) => {
    const result = (await diagnosisOf(world)).of(id);
    expect(result).toMatchObject({ status, message: expect.stringMatching(message) });
  });
});

it.each<[string, World, string | undefined]>([
  [
    'with a command if ECS can update it',
    instance(version('1.40.0'), AGENT_DOWN),
    'aws ecs update-container-agent --cluster prod --container-instance c1',
  ],
  [
    'without a command on external instances',
    instance(version('1.40.0'), { launchType: 'EXTERNAL' }),
    undefined,
  ],
])('updates an old ECS agent %s', async (_, world, command) => {
  const { fix } = (await diagnosisOf(world)).of('agent-version');
  expect(fix?.summary).toMatch(/^Update/);
  expect(fix?.command).toBe(command);
});
