import { describe, expect, it } from 'vitest';
import { firstTaskOf, replacementOf, withPlannedInterface } from '#commands/enable/planned-task.ts';
import { assertWorthwhile, preflight } from '#commands/enable/preflight.ts';
import type { ServiceDetails, TaskDefinitionDetails } from '#domain/ports/ecs-responses.ts';
import type { Task } from '#domain/resolve/task.ts';
import {
  answersOf,
  DENIED,
  denied,
  EC2_TASK,
  TASK,
  TASK_ROLE,
  type World,
} from '#test/fakes/doctor-world.ts';
import { fakeDoctor } from '#test/fakes/fake-doctor.ts';
import { ManualClock } from '#test/fakes/manual-clock.ts';
import { clusterArn, sampleContainer } from '#test/fakes/sample-task.ts';

const OFF: Task = { ...TASK, enableExecuteCommand: false, containers: [bare('app')] };
const SERVICE: ServiceDetails = {
  serviceName: 'web',
  clusterArn: clusterArn('prod'),
  taskDefinition: TASK.taskDefinitionArn,
  launchType: 'FARGATE',
  networkConfiguration: {
    awsvpcConfiguration: {
      subnets: ['subnet-0aaa1111bbbb2222c'],
      securityGroups: ['sg-0task1111111111111'],
    },
  },
};

function bare(name: string) {
  return sampleContainer(name, { managedAgents: [] });
}

interface Given {
  readonly service?: Partial<ServiceDetails>;
  readonly definition?: Partial<TaskDefinitionDetails>;
  readonly tasks?: readonly Task[];
  readonly world?: World;
}

async function look({ service, definition, tasks = [OFF], world = {} }: Given = {}) {
  const taskDefinition = {
    taskRoleArn: TASK_ROLE,
    networkMode: 'awsvpc',
    containerDefinitions: [{ name: 'app', image: 'app:1' }],
    ...definition,
  };
  const plan = { service: { ...SERVICE, ...service }, taskDefinition };
  const first = firstTaskOf(plan);
  const next = tasks.length > 0 ? tasks.map((task) => replacementOf(task, plan)) : [first ?? OFF];
  const ports = fakeDoctor(answersOf({ ...world, definition: taskDefinition }));
  const { findings, isProven } = await preflight(
    { clock: new ManualClock() },
    withPlannedInterface(ports, plan),
    { cluster: 'prod', service: 'web', tasks: next, flags: {}, needsTaskRole: true },
  );
  return { found: findings.map(({ id, status }) => `${id}:${status}`), isProven };
}

const NO_WAY = {
  describeRouteTable: async () => ({ RouteTableId: 'rtb-1', Routes: [] }),
  describeVpcEndpoints: async () => [],
};
const onInstance = (agentVersion: string): World => ({
  answers: {
    ecs: {
      describeContainerInstance: async () => ({
        ec2InstanceId: 'i-1',
        agentConnected: true,
        versionInfo: { agentVersion },
        attributes: [
          { name: 'ecs.subnet-id', value: 'subnet-0aaa1111bbbb2222c' },
          { name: 'ecs.ami-id', value: 'ami-1' },
        ],
      }),
    },
  },
});

describe('preflight', () => {
  it('confirms that new tasks can be entered if nothing prevents it', async () => {
    expect(await look()).toEqual({ found: [], isProven: true });
    expect(await look({ tasks: [] })).toEqual({ found: [], isProven: true });
  });

  it.each<[string, Given, readonly string[]]>([
    [
      'a pinned platform version',
      { service: { platformVersion: '1.3.0' } },
      ['fargate-platform-version:fail'],
    ],
    [
      'nothing for the platform version of an old task',
      { service: { platformVersion: 'LATEST' }, tasks: [{ ...OFF, platformVersion: '1.3.0' }] },
      [],
    ],
    [
      'an old ECS agent',
      {
        tasks: [{ ...EC2_TASK, ...{ containers: [bare('app')] } }],
        world: onInstance('1.48.0'),
        service: { launchType: 'EC2' },
      },
      ['agent-version:fail'],
    ],
    [
      'an AMI older than exec agents',
      {
        tasks: [{ ...EC2_TASK, enableExecuteCommand: false, containers: [bare('app')] }],
        service: { launchType: 'EC2' },
        world: {
          answers: {
            ...onInstance('1.99.0').answers,
            ec2: {
              describeImage: async () => ({
                Name: 'amzn2-ami-ecs-hvm-2.0',
                CreationDate: '2020-11-14T00:00:00Z',
              }),
            },
          },
        },
      },
      ['instance-ami:fail'],
    ],
    [
      'a network without a route out',
      { world: { answers: { ec2: NO_WAY } } },
      ['egress-route:fail', 'vpce-ssmmessages:fail'],
    ],
    [
      'a network without a route out, with no running task',
      { tasks: [], world: { answers: { ec2: NO_WAY } } },
      ['egress-route:fail', 'vpce-ssmmessages:fail'],
    ],
    [
      'a public subnet without a public address, with no running task',
      {
        tasks: [],
        world: {
          answers: {
            ec2: {
              describeRouteTable: async () => ({
                Routes: [{ DestinationCidrBlock: '0.0.0.0/0', GatewayId: 'igw-1' }],
              }),
              describeVpcEndpoints: async () => [],
            },
          },
        },
      },
      ['public-ip:fail', 'vpce-ssmmessages:fail'],
    ],
    [
      'a read-only root, with no running task',
      {
        tasks: [],
        definition: { containerDefinitions: [{ name: 'app', readonlyRootFilesystem: true }] },
      },
      ['readonly-root-fs:fail'],
    ],
    [
      'a read-only root of another container',
      {
        tasks: [{ ...OFF, containers: [bare('app'), bare('proxy')] }],
        definition: {
          containerDefinitions: [{ name: 'app' }, { name: 'proxy', readonlyRootFilesystem: true }],
        },
      },
      ['readonly-root-fs:fail'],
    ],
    [
      'nothing for an init container that has ended',
      {
        tasks: [{ ...OFF, containers: [bare('app'), { ...bare('init'), lastStatus: 'STOPPED' }] }],
        definition: {
          containerDefinitions: [{ name: 'app' }, { name: 'init', readonlyRootFilesystem: true }],
        },
      },
      [],
    ],
    [
      'a missing task role on EC2, without which ECS rejects the flag',
      {
        tasks: [],
        service: { launchType: 'EC2' },
        definition: { taskRoleArn: undefined },
      },
      ['task-role:fail'],
    ],
    [
      'a role without permission for the channels',
      { world: { rules: [['ssmmessages:', DENIED]] } },
      ['task-role-ssmmessages:fail'],
    ],
  ])('finds %s', async (_name, given, expected) => {
    expect((await look(given)).found).toEqual(expected);
  });

  it.each<[string, World]>([
    ['the role', { answers: { iam: { simulate: denied } } }],
    ['the routes', { answers: { ec2: { describeRouteTable: denied } } }],
    [
      'the far side of private routes',
      {
        answers: {
          ec2: {
            describeRouteTable: async () => ({
              Routes: [{ DestinationCidrBlock: '10.0.0.0/8', TransitGatewayId: 'tgw-1' }],
            }),
            describeVpcEndpoints: async () => [],
          },
        },
      },
    ],
  ])('is inconclusive for a caller who cannot see %s', async (_name, world) => {
    expect((await look({ world })).isProven).toBe(false);
  });

  it('calls AWS once for all containers', async () => {
    const containers = ['app', 'proxy', 'logs'];
    let calls = 0;
    const describeSubnet = async () => {
      calls += 1;
      return { SubnetId: 'subnet-1', VpcId: 'vpc-1' };
    };
    await look({
      tasks: [{ ...OFF, containers: containers.map(bare) }],
      definition: { containerDefinitions: containers.map((name) => ({ name })) },
      world: { answers: { ec2: { describeSubnet } } },
    });
    expect(calls).toBe(1);
  });
});

it('a problem is printed with its fix, and a command to paste comes last', () => {
  const obstacle = {
    id: 'fargate-platform-version',
    title: 'Fargate platform',
    severity: 'fail',
    status: 'fail',
    message: 'Fargate platform 1.3.0 is too old.',
    fix: { summary: 'Move it to the latest', command: 'aws ecs update-service' },
    evidence: {},
    retryable: false,
  } as const;
  expect(() => assertWorthwhile([obstacle])).toThrow(
    expect.objectContaining({
      code: 'preflight-failed',
      message: 'New tasks could not be entered either: Fargate platform 1.3.0 is too old.',
      hint: 'Move it to the latest. Or continue anyway with --force.\naws ecs update-service',
    }),
  );
});
