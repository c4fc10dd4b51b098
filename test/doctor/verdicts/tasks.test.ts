import { describe, expect, it } from 'vitest';
import type { Task } from '#domain/resolve/task.ts';
import { agentWith, appTask, instance, NO_AGENT, windows } from '#test/fakes/doctor-setup.ts';
import { leadOf, verdictOf } from '#test/fakes/doctor-verdict.ts';
import { diagnosisOf, EC2_TASK, TASK, type World } from '#test/fakes/doctor-world.ts';
import { sampleContainer, sampleTask } from '#test/fakes/sample-task.ts';

describe('launch types', () => {
  const agentVersion = (version: string, task: Partial<Task> = {}) =>
    instance({ versionInfo: { agentVersion: version } }, task);
  it.each<[string, World, string]>([
    ['platform 1.4.0', { task: { ...TASK, platformVersion: '1.4.0' } }, 'ready: -'],
    [
      'platform 1.3.0',
      { task: { ...TASK, ...NO_AGENT, platformVersion: '1.3.0' } },
      'not ready: fargate-platform-version',
    ],
    [
      'platform 1.0.0 on Windows',
      { ...appTask({}, { platformVersion: '1.0.0', platformFamily: 'WINDOWS_SERVER_2022_CORE' }) },
      'ready: -',
    ],
    ['ECS agent 1.50.2', agentVersion('1.50.2'), 'ready: -'],
    ['ECS agent 1.50.1', agentVersion('1.50.1', NO_AGENT), 'not ready: agent-version'],
    ['ECS agent 1.100.0 is newer than 1.99', agentVersion('1.100.0'), 'ready: -'],
    [
      'ECS agent 1.55 on Windows, which needs 1.56',
      { ...windows({}, 'WINDOWS_SERVER_2019_CORE'), ...agentVersion('1.55.0', NO_AGENT) },
      'not ready: agent-version',
    ],
    [
      'the ECS agent is disconnected',
      instance({ agentConnected: false }, agentWith({ lastStatus: 'STOPPED' })),
      'not ready: agent-connected',
    ],
    [
      'the ECS agent is disconnected, but the exec agent runs',
      instance({ agentConnected: false }),
      'not ready: agent-connected',
    ],
    ['the instance is draining', instance({ status: 'DRAINING' }), 'ready: -'],
    [
      'an external instance, which ECS Anywhere supports',
      { task: { ...EC2_TASK, launchType: 'EXTERNAL' } },
      'ready: -',
    ],
    [
      'Windows Server 2016',
      { ...windows({}, 'WINDOWS_SERVER_2016_FULL'), task: { ...EC2_TASK, ...NO_AGENT } },
      'not ready: windows-os-family',
    ],
    [
      'Windows with a read-only root in the definition',
      windows({ readonlyRootFilesystem: true }, 'WINDOWS_SERVER_2022_CORE'),
      'ready: -',
    ],
  ])('%s', async (_name, world, expected) => {
    expect(await verdictOf(world)).toBe(expected);
  });
});

describe('containers', () => {
  it.each<[string, World, string]>([
    [
      'a read-only root with a running agent',
      appTask({ readonlyRootFilesystem: true }),
      'ready: -',
    ],
    [
      'a read-only root and volumes for the agent',
      appTask({
        readonlyRootFilesystem: true,
        mountPoints: [
          { containerPath: '/var/lib/amazon', sourceVolume: 'a' },
          { containerPath: '/var/log/amazon', sourceVolume: 'b' },
        ],
      }),
      'ready: -',
    ],
    ['a user other than root', appTask({ user: '1000' }), 'ready: -'],
    ['an image named scratch', appTask({ image: 'scratch' }), 'ready: -'],
    [
      'credentials in the environment',
      appTask({ environment: [{ name: 'AWS_ACCESS_KEY_ID', value: 'A' }] }),
      'ready: env-static-credentials',
    ],
    [
      'a proxy without NO_PROXY',
      appTask({ environment: [{ name: 'HTTPS_PROXY', value: 'http://p:1' }] }),
      'ready: env-proxy',
    ],
    [
      'a proxy with NO_PROXY for the metadata addresses',
      appTask({
        environment: [
          { name: 'HTTPS_PROXY', value: 'http://p:1' },
          { name: 'NO_PROXY', value: '169.254.170.2,169.254.169.254' },
        ],
      }),
      'ready: -',
    ],
    [
      'no task role',
      { ...appTask({}), definition: { containerDefinitions: [{ name: 'app' }] } },
      'not ready: task-role',
    ],
    [
      'a container that has stopped',
      appTask({}, { containers: [sampleContainer('app', { lastStatus: 'STOPPED', exitCode: 1 })] }),
      'not ready: container-running',
    ],
    ['a task that is being stopped', appTask({}, { desiredStatus: 'STOPPED' }), 'ready: -'],
    [
      'a task that has stopped',
      appTask({}, { lastStatus: 'STOPPED', desiredStatus: 'STOPPED' }),
      'not ready: task-status',
    ],
  ])('%s', async (_name, world, expected) => {
    expect(await verdictOf(world)).toBe(expected);
  });
});

describe('a ready task', () => {
  it.each<[string, World]>([
    [
      'with pidMode and one container',
      { ...appTask({}), definition: { ...appTask({}).definition, pidMode: 'task' } },
    ],
    ['whose image is a static site', appTask({ image: 'team/my-static-site:1' })],
    [
      'that sets AWS_ENDPOINT_URL',
      appTask({ environment: [{ name: 'AWS_ENDPOINT_URL', value: 'http://x' }] }),
    ],
    [
      'on a managed instance',
      {
        ...appTask({}, { launchType: 'MANAGED_INSTANCES', platformVersion: undefined }),
        answers: { ecs: { describeContainerInstance: async () => ({ agentConnected: true }) } },
      },
    ],
  ])('%s', async (_name, world) => {
    expect(await verdictOf(world)).toBe('ready: -');
  });

  it('skips the AMI and the instance role on a managed instance', async () => {
    const { of } = await diagnosisOf({
      task: { ...EC2_TASK, launchType: 'MANAGED_INSTANCES' },
      definition: { containerDefinitions: [{ name: 'app' }] },
    });
    expect(of('instance-ami')).toMatchObject({ status: 'skip' });
    expect(of('instance-profile-role')).toMatchObject({ status: 'skip' });
    expect(of('task-role').message).toMatch(/on a managed instance is not documented/);
  });
});

it('reports that ECS does not assume a task role of another account', async () => {
  const foreign = 'arn:aws:iam::210987654321:role/app';
  const world = appTask({});
  const found = await leadOf({
    ...world,
    definition: { ...world.definition, taskRoleArn: foreign },
  });
  expect(found.isReady).toBe(false);
  expect(found.lead).toMatchObject({
    id: 'task-role',
    message: `Task role ${foreign} belongs to account 210987654321; ECS gives a task only roles of its own account, 123456789012.`,
  });
});

it('reports that a task placed too early works by chance, unlike perhaps the next', async () => {
  const task = sampleTask('a1', {
    ...EC2_TASK,
    group: 'family:job',
    capacityProviderName: 'asg',
    launchType: undefined,
  });
  const provider = {
    name: 'asg',
    autoScalingGroupProvider: { managedScaling: { status: 'ENABLED' } },
  };
  const { of } = await diagnosisOf({
    task,
    service: undefined,
    answers: { ecs: { describeCapacityProvider: async () => provider } },
  });
  expect(of('async-placement')).toMatchObject({
    status: 'warn',
    message: expect.stringMatching(/This task has an agent that runs; the next may have none\.$/),
  });
});
