import { describe, expect, it } from 'vitest';
import { riskOf } from '#doctor/connection-path.ts';
import { primaryOf } from '#doctor/primary.ts';
import type { ContainerDetails, ServiceDetails } from '#domain/ports/ecs-responses.ts';
import type { Task } from '#domain/resolve/task.ts';
import { instance, windows } from '#test/fakes/doctor-setup.ts';
import {
  BY_BOUNDARY,
  BY_SCP,
  clusterIn,
  DENIED,
  diagnosisOf,
  EC2_TASK,
  EXPLICIT,
  KEY,
  TASK,
  TASK_ROLE,
  type World,
} from '#test/fakes/doctor-world.ts';
import { RUNNING_AGENT, sampleContainer } from '#test/fakes/sample-task.ts';

async function verdict(world: World) {
  const { isReady, results } = await diagnosisOf(world);
  const lead = primaryOf(results) ?? riskOf(results);
  const fix = `${lead?.fix?.summary ?? ''} ${lead?.fix?.command ?? ''}`;
  return { verdict: `${isReady ? 'ready' : 'not ready'}: ${lead?.id ?? '-'}`, fix };
}

const made = (changes: Partial<ContainerDetails>, task: Partial<Task> = {}): World => ({
  definition: {
    taskRoleArn: TASK_ROLE,
    networkMode: 'awsvpc',
    containerDefinitions: [{ name: 'app', image: 'app:1', ...changes }],
  },
  task: { ...TASK, ...task },
});
const agent = (lastStatus: string, reason?: string): Partial<Task> => ({
  containers: [
    sampleContainer('app', { managedAgents: [{ ...RUNNING_AGENT, lastStatus, reason }] }),
  ],
});
const NO_AGENT: Partial<Task> = { containers: [sampleContainer('app', { managedAgents: [] })] };
const OFF: Partial<Task> = { enableExecuteCommand: false, ...NO_AGENT };
const service = (changes: Partial<ServiceDetails>, task: Partial<Task> = {}): World => ({
  task: { ...TASK, ...task },
  answers: {
    ecs: {
      describeService: async () => ({
        serviceName: 'web',
        enableExecuteCommand: true,
        deployments: [],
        ...changes,
      }),
    },
  },
});
const keyed: World = {
  cluster: {
    ...clusterIn('none'),
    configuration: { executeCommandConfiguration: { kmsKeyId: KEY, logging: 'NONE' } },
  },
};
const key = (state: string, changes: object = {}): World => ({
  ...keyed,
  answers: { keys: { describeKey: async () => ({ Arn: KEY, KeyState: state, ...changes }) } },
});

describe('permissions', () => {
  it.each<[string, World, string, RegExp]>([
    [
      'an SCP denies the caller',
      { rules: [['user.* ecs:ExecuteCommand', BY_SCP]] },
      'not ready: caller-execute-command',
      /Ask|administrator|owner/,
    ],
    [
      'a boundary stops the caller',
      { rules: [['user.* ecs:ExecuteCommand', BY_BOUNDARY]] },
      'not ready: caller-execute-command',
      /Ask|owner|boundary/,
    ],
    [
      'an SCP denies the channels',
      { rules: [['app-task-role ssmmessages', BY_SCP]] },
      'not ready: task-role-ssmmessages',
      /Ask/,
    ],
    [
      'a boundary stops the channels',
      { rules: [['app-task-role ssmmessages', BY_BOUNDARY]] },
      'not ready: task-role-ssmmessages',
      /Ask/,
    ],
    [
      'one channel action is missing',
      { rules: [['app-task-role ssmmessages:OpenControlChannel', DENIED]] },
      'not ready: task-role-ssmmessages',
      /put-role-policy/,
    ],
    [
      'the caller may not describe tasks',
      { rules: [['user.* ecs:DescribeTasks', DENIED]] },
      'not ready: caller-execute-command',
      /ecsh policy caller -C prod/,
    ],
    [
      'the caller is denied for the task',
      { rules: [['user.* ecs:ExecuteCommand .*task/', EXPLICIT]] },
      'not ready: caller-execute-command',
      /deny-it/,
    ],
    [
      'the caller is denied for the cluster',
      { rules: [['user.* ecs:ExecuteCommand .*cluster/', DENIED]] },
      'not ready: caller-execute-command',
      /./,
    ],
    [
      'no right to make data keys',
      { ...key('Enabled'), rules: [['user.* kms:GenerateDataKey', DENIED]] },
      'not ready: caller-kms-generate-data-key',
      /ecsh policy caller-kms/,
    ],
    [
      'an explicit Deny to make data keys',
      { ...key('Enabled'), rules: [['user.* kms:GenerateDataKey', EXPLICIT]] },
      'not ready: caller-kms-generate-data-key',
      /Ask/,
    ],
    [
      'an explicit Deny to decrypt',
      { ...key('Enabled'), rules: [['app-task-role kms:Decrypt', EXPLICIT]] },
      'not ready: task-role-kms-decrypt',
      /Ask/,
    ],
  ])('%s', async (_name, world, expected, fix) => {
    const found = await verdict(world);
    expect(found).toEqual({ verdict: expected, fix: expect.stringMatching(fix) });
  });
});

describe('keys', () => {
  it.each<[string, World, string, RegExp]>([
    ['PendingImport', key('PendingImport'), 'not ready: kms-key-usable', /Name another key/],
    ['Unavailable', key('Unavailable'), 'not ready: kms-key-usable', /Name another key/],
    ['PendingReplicaDeletion', key('PendingReplicaDeletion'), 'not ready: kms-key-usable', /./],
    [
      'PendingDeletion',
      key('PendingDeletion'),
      'not ready: kms-key-usable',
      /cancel-key-deletion[\s\S]*enable-key/,
    ],
    ['Disabled', key('Disabled'), 'not ready: kms-key-usable', /enable-key/],
    [
      'RSA',
      key('Enabled', { KeySpec: 'RSA_2048', KeyUsage: 'ENCRYPT_DECRYPT' }),
      'not ready: kms-key-usable',
      /Name another key/,
    ],
    [
      'HMAC',
      key('Enabled', { KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC' }),
      'not ready: kms-key-usable',
      /Name another key/,
    ],
    ['multi-region, here', key('Enabled', { MultiRegion: true }), 'ready: -', /./],
  ])('%s', async (_name, world, expected, fix) => {
    expect(await verdict(world)).toEqual({ verdict: expected, fix: expect.stringMatching(fix) });
  });
});

describe('services', () => {
  it.each<[string, World, string, RegExp, RegExp?]>([
    [
      'off, ECS deploys',
      service({ enableExecuteCommand: false }, OFF),
      'not ready: exec-enabled',
      /ecsh enable/,
    ],
    [
      'off, CODE_DEPLOY',
      service({ enableExecuteCommand: false, deploymentController: { type: 'CODE_DEPLOY' } }, OFF),
      'not ready: exec-enabled',
      /./,
      /force-new-deployment/,
    ],
    [
      'off, EXTERNAL',
      service({ enableExecuteCommand: false, deploymentController: { type: 'EXTERNAL' } }, OFF),
      'not ready: exec-enabled',
      /./,
      /force-new-deployment/,
    ],
    [
      'agent stopped, CODE_DEPLOY',
      service(
        { deploymentController: { type: 'CODE_DEPLOY' } },
        agent('STOPPED', 'cannot be restarted'),
      ),
      'not ready: exec-agent-status',
      /./,
      /force-new-deployment|ecsh restart/,
    ],
    [
      'agent stopped, EXTERNAL',
      service(
        { deploymentController: { type: 'EXTERNAL' } },
        agent('STOPPED', 'cannot be restarted'),
      ),
      'not ready: exec-agent-status',
      /./,
      /force-new-deployment|ecsh restart/,
    ],
    [
      'agent stopped, DAEMON',
      service({ schedulingStrategy: 'DAEMON' }, agent('STOPPED', 'cannot be restarted')),
      'not ready: exec-agent-status',
      /ecsh restart/,
    ],
    ['turned on, task from before', service({}, OFF), 'not ready: exec-enabled', /./],
    ['turned off, task still has it', service({ enableExecuteCommand: false }), 'ready: -', /./],
    [
      'rollout of the task in progress',
      service(
        { deployments: [{ id: 'ecs-svc/1', status: 'PRIMARY', rolloutState: 'IN_PROGRESS' }] },
        { startedBy: 'ecs-svc/1' },
      ),
      'ready: -',
      /./,
    ],
    [
      'a task of an older deployment',
      service(
        {
          deployments: [
            { id: 'ecs-svc/2', status: 'PRIMARY', rolloutState: 'IN_PROGRESS' },
            { id: 'ecs-svc/1', status: 'ACTIVE', rolloutState: 'COMPLETED' },
          ],
        },
        { startedBy: 'ecs-svc/1' },
      ),
      'ready: -',
      /./,
    ],
    [
      'a standalone task that is off',
      { task: { ...TASK, ...OFF, group: 'family:web' }, service: undefined },
      'not ready: exec-enabled',
      /enable task|run-task/,
    ],
  ])('%s', async (_name, world, expected, fix, notFix) => {
    const found = await verdict(world);
    expect(found).toEqual({ verdict: expected, fix: expect.stringMatching(fix) });
    if (notFix !== undefined) expect(found.fix).not.toMatch(notFix);
  });
});

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
      'platform 1.0.0 of Windows',
      { ...made({}, { platformVersion: '1.0.0', platformFamily: 'WINDOWS_SERVER_2022_CORE' }) },
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
      instance({ agentConnected: false }, agent('STOPPED')),
      'not ready: agent-connected',
    ],
    [
      'the ECS agent is disconnected, and the exec agent runs',
      instance({ agentConnected: false }),
      'not ready: agent-connected',
    ],
    ['the instance drains', instance({ status: 'DRAINING' }), 'ready: -'],
    [
      'EXTERNAL, which ECS Anywhere supports',
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
    expect((await verdict(world)).verdict).toBe(expected);
  });
});

describe('containers', () => {
  it.each<[string, World, string]>([
    ['a read-only root with a running agent', made({ readonlyRootFilesystem: true }), 'ready: -'],
    [
      'a read-only root and volumes for the agent',
      made({
        readonlyRootFilesystem: true,
        mountPoints: [
          { containerPath: '/var/lib/amazon', sourceVolume: 'a' },
          { containerPath: '/var/log/amazon', sourceVolume: 'b' },
        ],
      }),
      'ready: -',
    ],
    ['a user that is not root', made({ user: '1000' }), 'ready: -'],
    ['an image from scratch by name', made({ image: 'scratch' }), 'ready: -'],
    [
      'credentials in the environment',
      made({ environment: [{ name: 'AWS_ACCESS_KEY_ID', value: 'A' }] }),
      'ready: env-static-credentials',
    ],
    [
      'a proxy without NO_PROXY',
      made({ environment: [{ name: 'HTTPS_PROXY', value: 'http://p:1' }] }),
      'ready: env-proxy',
    ],
    [
      'a proxy with NO_PROXY for the metadata',
      made({
        environment: [
          { name: 'HTTPS_PROXY', value: 'http://p:1' },
          { name: 'NO_PROXY', value: '169.254.170.2,169.254.169.254' },
        ],
      }),
      'ready: -',
    ],
    [
      'no task role',
      { ...made({}), definition: { containerDefinitions: [{ name: 'app' }] } },
      'not ready: task-role',
    ],
    [
      'a container that has stopped',
      made({}, { containers: [sampleContainer('app', { lastStatus: 'STOPPED', exitCode: 1 })] }),
      'not ready: container-running',
    ],
    ['a task that is being stopped', made({}, { desiredStatus: 'STOPPED' }), 'ready: -'],
    [
      'a task that has stopped',
      made({}, { lastStatus: 'STOPPED', desiredStatus: 'STOPPED' }),
      'not ready: task-status',
    ],
  ])('%s', async (_name, world, expected) => {
    expect((await verdict(world)).verdict).toBe(expected);
  });
});
