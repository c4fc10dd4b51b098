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

/** An instance whose exec agents do not run, with this image. */
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
        'cannot be the cause where the exec agent runs',
        instance(version('1.40.0')),
        'info',
        /older/,
      ],
      [
        'wants more on Windows',
        instance({ ...version('1.55.0'), ...attribute('ecs.os-family', WINDOWS) }, AGENT_DOWN),
        'fail',
        /older than 1\.56\.0/,
      ],
      [
        'wants more without IPv4',
        instance(version('1.97.9'), { ...AGENT_DOWN, ...IPV6_ONLY }),
        'fail',
        /older than 1\.98\.0/,
      ],
      [
        'does not take an interface that is not attached yet for one without IPv4',
        instance(version('1.97.9'), { ...AGENT_DOWN, ...attached({}) }),
        'pass',
        /1\.97\.9/,
      ],
      [
        'is unknown where ECS does not say',
        instance({ versionInfo: {} }),
        'unknown',
        /does not say/,
      ],
      ['is skipped on Fargate', container({}), 'skip', /Fargate/],
      [
        'is skipped where ECS manages the instance',
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
        'passes for an image of ECS',
        image({ Name: 'al2023-ami-ecs-hvm-2023.0', CreationDate: '2026-01-01T00:00:00Z' }),
        'pass',
        /al2023-ami-ecs/,
      ],
      [
        'passes where the exec agent runs',
        instance(attribute('ecs.ami-id', 'ami-1')),
        'pass',
        /holds/,
      ],
      ['tells another one', image({ Name: 'golden' }), 'info', /AMI ami-1 \(golden\)/],
      [
        'tells one that is too old',
        image({ Name: 'amzn2-ami-ecs-hvm-2.0', CreationDate: '2020-06-01T00:00:00Z' }),
        'info',
        /from 2020-06-01, before images held the exec agent/,
      ],
      ['tells one that is gone', image(undefined), 'info', /AMI ami-1\. /],
      ['is unknown without an id', instance({}), 'unknown', /does not say/],
      ['is skipped elsewhere', instance({}, { launchType: 'EXTERNAL' }), 'skip', /Not on EC2/],
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
      ['remarks', definition({ networkMode: 'bridge' }, EC2_TASK), 'info', /Network mode bridge/],
      [
        'warns where there is no way out of the subnet of the instance',
        cutOff(definition({ networkMode: 'host' }, EC2_TASK)),
        'warn',
        /Network mode host.*no way out/,
      ],
      ['remarks on the default', definition({}, EC2_TASK), 'info', /Network mode default/],
      ['is skipped on Fargate', definition({ networkMode: 'awsvpc' }), 'skip', /Fargate/],
      [
        'is skipped elsewhere',
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
        'only notes a version that ecsh does not know',
        windows({}, 'WINDOWS_SERVER_2031_CORE'),
        'info',
        /not on/,
      ],
      [
        'goes by the instance too',
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
      ['is skipped on Linux whatever is known', without('describeTaskDefinition'), 'skip', /Linux/],
    ],
  ],
  [
    'container-user',
    [
      ['passes without one', container({}), 'pass', /run as root/],
      ['passes for root', container({ user: 'root:root' }), 'pass', /run as root/],
      ['passes for 0', container({ user: '0' }), 'pass', /run as root/],
      [
        'tells another one',
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
        'warns of Chainguard',
        container({ image: 'cgr.dev/chainguard/nginx:latest' }),
        'warn',
        /cgr/,
      ],
      ['warns of nothing at all', container({ image: 'registry/scratch:1' }), 'warn', /scratch/],
      [
        'passes with a tag for it',
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
        'passes where it can be written to',
        container({ mountPoints: [{ containerPath: '/var/lib/amazon' }] }),
        'pass',
        /No/,
      ],
      [
        'remarks',
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
    'by ECS where it can',
    instance(version('1.40.0'), AGENT_DOWN),
    'aws ecs update-container-agent --cluster prod --container-instance c1',
  ],
  ['by hand elsewhere', instance(version('1.40.0'), { launchType: 'EXTERNAL' }), undefined],
])('updates an old ECS agent %s', async (_, world, command) => {
  const { fix } = (await diagnosisOf(world)).of('agent-version');
  expect(fix?.summary).toMatch(/^Update/);
  expect(fix?.command).toBe(command);
});
