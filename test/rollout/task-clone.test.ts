import { describe, expect, it } from 'vitest';
import {
  assertStandalone,
  type CloneSources,
  cloneRequest,
  runTaskFailed,
  withoutValues,
} from '#rollout/task-clone.ts';
import { sampleTask } from '#test/fakes/sample-task.ts';

const TASK = sampleTask('a'.repeat(32), {
  group: 'family:site',
  attachments: [
    {
      type: 'ElasticNetworkInterface',
      details: { networkInterfaceId: 'eni-1', subnetId: 'subnet-1' },
    },
  ],
});
const SOURCES: CloneSources = {
  task: TASK,
  overrides: { containerOverrides: [{ name: 'app' }] },
  networkInterface: {
    Groups: [{ GroupId: 'sg-1' }, { GroupId: 'sg-2' }],
    Association: { PublicIp: '198.51.100.7' },
  },
  subnets: [],
  securityGroups: [],
  assignsPublicIp: undefined,
  clientToken: 'token',
};

describe('cloneRequest', () => {
  it('requests a task like it, with ECS Exec on', () => {
    expect(cloneRequest(SOURCES)).toEqual({
      cluster: 'prod',
      taskDefinition: 'arn:aws:ecs:us-east-1:123456789012:task-definition/site:42',
      launchType: 'FARGATE',
      platformVersion: 'LATEST',
      networkConfiguration: {
        awsvpcConfiguration: {
          subnets: ['subnet-1'],
          securityGroups: ['sg-1', 'sg-2'],
          assignPublicIp: 'ENABLED',
        },
      },
      enableExecuteCommand: true,
      startedBy: 'ecsh',
      clientToken: 'token',
    });
  });

  it('takes the strategy instead of the launch type, never both', () => {
    const task = { ...TASK, capacityProviderName: 'FARGATE_SPOT' };
    const request = cloneRequest({ ...SOURCES, task });
    expect(request.capacityProviderStrategy).toEqual([{ capacityProvider: 'FARGATE_SPOT' }]);
    expect(request).not.toHaveProperty('launchType');
  });

  it("keeps the overrides, the task's own group, and tags that are not reserved by AWS", () => {
    const app = { name: 'app', command: ['sleep', '9'], environment: [], cpu: undefined };
    const request = cloneRequest({
      ...SOURCES,
      overrides: { containerOverrides: [app, { name: 'log', environment: [] }], cpu: '512' },
      task: {
        ...TASK,
        group: 'nightly',
        tags: [
          { key: 'team', value: 'shop' },
          { key: 'aws:ecs:clusterName', value: 'prod' },
        ],
      },
    });
    expect(request).toMatchObject({ group: 'nightly', tags: [{ key: 'team', value: 'shop' }] });
    expect(request.overrides).toEqual({
      containerOverrides: [{ name: 'app', command: ['sleep', '9'] }],
      cpu: '512',
    });
  });

  it('is shown without the values of variables', () => {
    const environment = [{ name: 'TOKEN', value: 'secret' }];
    const overrides = { containerOverrides: [{ name: 'app', environment }] };
    const request = cloneRequest({ ...SOURCES, overrides });
    expect(request.overrides).toEqual(overrides);
    expect(withoutValues(request).overrides).toEqual({
      containerOverrides: [{ name: 'app', environment: [{ name: 'TOKEN', value: '***' }] }],
    });
  });

  it('has no network if the task has none of its own', () => {
    const task = { ...TASK, launchType: 'EC2', attachments: [] };
    const request = cloneRequest({ ...SOURCES, task, networkInterface: undefined });
    expect(request).not.toHaveProperty('networkConfiguration');
    expect(request).not.toHaveProperty('platformVersion');
  });

  it('takes the network from the user', () => {
    const request = cloneRequest({
      ...SOURCES,
      subnets: ['subnet-9'],
      securityGroups: ['sg-9'],
      assignsPublicIp: false,
    });
    expect(request.networkConfiguration?.awsvpcConfiguration).toEqual({
      subnets: ['subnet-9'],
      securityGroups: ['sg-9'],
      assignPublicIp: 'DISABLED',
    });
  });

  it('fails and asks for the network if the network interface cannot be read', () => {
    expect(() => cloneRequest({ ...SOURCES, networkInterface: undefined })).toThrow(
      `Subnet and security groups of task ${'a'.repeat(32)} cannot be read from its network interface.`,
    );
  });
});

it('refers to the service if the task belongs to one', () => {
  const task = sampleTask('b'.repeat(32));
  expect(() => assertStandalone(task)).toThrow(
    expect.objectContaining({
      code: 'task-of-service',
      hint: 'Turn ECS Exec on for the service:  ecsh enable prod/web',
    }),
  );
});

it.each([
  ['RESOURCE:MEMORY', 'No instance has enough of it free: add capacity, or stop something.'],
  ['AGENT', 'The ECS agent of the instance is not connected.'],
  ['ATTRIBUTE', 'No instance has an attribute that the task definition requires.'],
  [
    'Capacity is unavailable at this time. Please try again later or in a different availability zone',
    'AWS is out of capacity there: try again later, or another subnet.',
  ],
  ['Something new', 'See "API failure reasons" in the ECS guide.'],
])('explains the failure %s', (reason, hint) => {
  expect(runTaskFailed([{ reason }])).toMatchObject({
    code: 'task-not-placed',
    message: `ECS did not start the task (${reason}).`,
    hint,
  });
});
