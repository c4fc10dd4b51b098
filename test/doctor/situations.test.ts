import { describe, expect, it } from 'vitest';
import { riskOf } from '#doctor/connection-path.ts';
import { primaryOf } from '#doctor/primary.ts';
import type { ClusterDetails, ContainerDetails } from '#domain/ports/ecs-responses.ts';
import type { Container, Task } from '#domain/resolve/task.ts';
import { instance, windows } from '#test/fakes/doctor-setup.ts';
import {
  clusterIn,
  DENIED,
  denied,
  diagnosisOf,
  EC2_TASK,
  KEY,
  KEY_ID,
  TASK,
  TASK_ROLE,
  type World,
} from '#test/fakes/doctor-world.ts';
import { RUNNING_AGENT, sampleContainer, sampleTask } from '#test/fakes/sample-task.ts';

/** Returns the verdict and its first sentence, which users read first. */
async function verdict(world: World) {
  const { isReady, results } = await diagnosisOf(world);
  const lead = primaryOf(results) ?? riskOf(results);
  return { ready: isReady, lead: lead?.id ?? null, message: lead?.message ?? '' };
}

const READY = { ready: true, lead: null };

function agent(changes: object, container: Partial<Container> = {}): Partial<Task> {
  const managedAgents = [{ ...RUNNING_AGENT, ...changes }];
  return { containers: [sampleContainer('app', { managedAgents, ...container })] };
}

const exited = (code: number) => ({
  lastStatus: 'STOPPED',
  reason: `ExecuteCommandAgent process exited with exit code: ${code}`,
});
const NO_AGENT: Partial<Task> = { containers: [sampleContainer('app', { managedAgents: [] })] };

/** A world whose container has these changes in its definition, in a task with these changes. */
function made(changes: Partial<ContainerDetails>, task: Partial<Task> = {}, world: World = {}) {
  const definition = {
    taskRoleArn: TASK_ROLE,
    networkMode: 'awsvpc',
    containerDefinitions: [{ name: 'app', image: 'app:1', ...changes }],
  };
  return { definition, task: { ...TASK, ...task }, ...world };
}

function image(name: string, created: string, task: Partial<Task>): World {
  const world = instance({ attributes: [{ name: 'ecs.ami-id', value: 'ami-1' }] }, task);
  const details = { Name: name, CreationDate: created };
  return {
    ...world,
    answers: { ...world.answers, ec2: { describeImage: async () => details } },
  };
}

describe('an exec agent that does not run', () => {
  const DROP_ALL = { linuxParameters: { capabilities: { drop: ['ALL'] } } };

  it.each<[string, World, string, RegExp]>([
    [
      'was killed for lack of memory',
      made({ memory: 64 }, agent(exited(137))),
      'memory-headroom',
      /^The exec agent of app was killed \(exit code 137\), as when app runs out of its 64 MiB\.$/,
    ],
    [
      'was killed with a read-only root beside',
      made({ memory: 512, readonlyRootFilesystem: true }, agent(exited(137))),
      'memory-headroom',
      /runs out of its 512 MiB/,
    ],
    [
      'has little memory and a root that it can write to',
      made({ memory: 64 }, agent(exited(1))),
      'memory-headroom',
      /64 MiB, too little for the exec agent/,
    ],
    [
      'has little memory and a read-only root',
      made({ memory: 64, readonlyRootFilesystem: true }, agent(exited(1))),
      'readonly-root-fs',
      /read-only root file system/,
    ],
    [
      'has lost all capabilities',
      made({ memory: 512, ...DROP_ALL }, agent(exited(1))),
      'linux-capabilities',
      /drops all capabilities, and its exec agent has exited/,
    ],
    [
      'exited with nothing of that',
      made({ memory: 512 }, agent(exited(1))),
      'exec-agent-status',
      /exit code: 1\)\. It ran and exited\. Possible cause: another SSM agent in the image\.$/,
    ],
    [
      'exited on Windows, which has no read-only root',
      { ...windows({}, 'WINDOWS_SERVER_2022_CORE'), task: { ...EC2_TASK, ...agent(exited(1)) } },
      'exec-agent-status',
      /^(?!.*read-only)(?!.*capabilities).*SSM agent in the image/,
    ],
    [
      'is missing on an image from before exec agents',
      image('amzn2-ami-ecs-hvm-2.0', '2020-11-14T00:00:00Z', NO_AGENT),
      'instance-ami',
      /It is from 2020-11-14, before images held the exec agent\./,
    ],
    [
      'is missing on an unsupported system',
      image('Flatcar-stable-3510', '2024-01-01T00:00:00Z', NO_AGENT),
      'instance-ami',
      /Systems Manager does not support its operating system/,
    ],
    [
      'cannot run on Nano Server, whatever ECS agent is there',
      {
        ...windows(
          { image: 'mcr.microsoft.com/windows/nanoserver:ltsc2022' },
          'WINDOWS_SERVER_2022_CORE',
        ),
        task: { ...EC2_TASK, ...NO_AGENT },
        answers: {
          ecs: {
            describeContainerInstance: async () => ({
              agentConnected: true,
              versionInfo: { agentVersion: '1.48.0' },
            }),
          },
        },
      },
      'nano-server',
      /runs Nano Server/,
    ],
    [
      'has been PENDING for months',
      made({}, agent({ lastStatus: 'PENDING' })),
      'exec-agent-status',
      /has been PENDING since 1970-01-01T00:00:00\.000Z, and will not start any more/,
    ],
  ])('%s', async (_name, world, lead, message) => {
    const given = lead === 'exec-agent-status' ? old(world) : world;
    expect(await verdict(given)).toEqual({
      ready: false,
      lead,
      message: expect.stringMatching(message),
    });
  });

  it('is still waited for when it is PENDING since a minute', async () => {
    const { of } = await diagnosisOf(made({}, agent({ lastStatus: 'PENDING' })));
    expect(of('exec-agent-status')).toMatchObject({
      retryable: true,
      message: 'The exec agent of container app is PENDING.',
    });
  });
});

/** Started long before the time of these tests. */
function old(world: World): World {
  const task = world.task ?? TASK;
  return { ...world, task: { ...task, startedAt: new Date(0) } };
}

describe('a session key', () => {
  const keyed = (kmsKeyId: string): ClusterDetails => ({
    ...clusterIn('none'),
    configuration: { executeCommandConfiguration: { kmsKeyId, logging: 'NONE' } },
  });
  const enabled = (Arn: string) => ({
    keys: { describeKey: async () => ({ Arn, KeyState: 'Enabled' }), getKeyPolicy: denied },
  });
  const ELSEWHERE = `arn:aws:kms:eu-west-1:123456789012:key/${KEY_ID}`;
  const FOREIGN = `arn:aws:kms:us-east-1:210987654321:key/${KEY_ID}`;

  it.each<[string, World, boolean, string | null]>([
    ['here', { cluster: keyed(KEY), answers: enabled(KEY) }, true, null],
    [
      'in another region',
      { cluster: keyed(ELSEWHERE), answers: enabled(ELSEWHERE) },
      false,
      'kms-key-usable',
    ],
    [
      'in another region, which may not be described',
      { cluster: keyed(ELSEWHERE), answers: { keys: { describeKey: denied } } },
      false,
      'kms-key-usable',
    ],
    [
      'of another account that IAM does not allow',
      { cluster: keyed(FOREIGN), answers: enabled(FOREIGN), rules: [['kms:', DENIED]] },
      false,
      'caller-kms-generate-data-key',
    ],
    [
      'of another account that may not be described, and that IAM does not allow the task role',
      {
        cluster: keyed(FOREIGN),
        answers: { keys: { describeKey: denied } },
        rules: [['kms:Decrypt', DENIED]],
      },
      false,
      'task-role-kms-decrypt',
    ],
    [
      'of another account that IAM allows',
      { cluster: keyed(FOREIGN), answers: enabled(FOREIGN) },
      true,
      null,
    ],
    [
      'of another account whose policy names another',
      {
        cluster: keyed(FOREIGN),
        answers: {
          keys: {
            ...enabled(FOREIGN).keys,
            getKeyPolicy: async () =>
              '{"Statement":[{"Effect":"Allow","Principal":{"AWS":"999999999999"},"Action":"kms:*","Resource":"*"}]}',
          },
        },
      },
      false,
      'caller-kms-generate-data-key',
    ],
  ])('%s', async (_name, world, ready, lead) => {
    expect(await verdict(world)).toMatchObject({ ready, lead });
  });

  const ROOT = { AWS: 'arn:aws:iam::123456789012:root' };
  const ADMIN = { AWS: 'arn:aws:iam::123456789012:role/admin' };
  const allow = (Principal: object, changes: object = {}) => ({
    ...{ Effect: 'Allow', Principal, Action: 'kms:*', Resource: '*', ...changes },
  });
  const account = { StringEquals: { 'kms:CallerAccount': '123456789012' } };
  const byService = { StringEquals: { 'kms:ViaService': 'ecs.us-east-1.amazonaws.com' } };

  it.each<[string, object[], string, string]>([
    ['leaves it to IAM', [allow(ROOT)], 'pass', 'pass'],
    ['names neither the account nor who uses it', [allow(ADMIN)], 'fail', 'fail'],
    [
      'denies the task role',
      [allow(ROOT), { ...allow({ AWS: TASK_ROLE }), Effect: 'Deny' }],
      'pass',
      'fail',
    ],
    ['names the task role alone', [allow({ AWS: TASK_ROLE })], 'fail', 'pass'],
    [
      'is for callers of the account',
      [allow({ AWS: '*' }, { Condition: account })],
      'pass',
      'pass',
    ],
    [
      'depends on the service that asks',
      [allow(ROOT, { Condition: byService })],
      'unknown',
      'unknown',
    ],
  ])('of this account whose policy %s', async (_name, Statement, ofCaller, ofRole) => {
    const keys = {
      ...enabled(KEY).keys,
      getKeyPolicy: async () => JSON.stringify({ Statement }),
    };
    const { of } = await diagnosisOf({ cluster: keyed(KEY), answers: { keys } });
    const ids = ['caller-kms-generate-data-key', 'task-role-kms-decrypt'] as const;
    expect(ids.map((id) => of(id).status)).toEqual([ofCaller, ofRole]);
  });

  it('of another account is judged by its policy too', async () => {
    const granted = {
      keys: {
        ...enabled(FOREIGN).keys,
        getKeyPolicy: async () =>
          '{"Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:root"},"Action":"kms:*","Resource":"*"}]}',
      },
    };
    const ids = ['caller-kms-generate-data-key', 'task-role-kms-decrypt'] as const;
    const seen = await diagnosisOf({ cluster: keyed(FOREIGN), answers: granted });
    expect(ids.map((id) => seen.of(id).status)).toEqual(['pass', 'pass']);
    const unseen = await diagnosisOf({ cluster: keyed(FOREIGN), answers: enabled(FOREIGN) });
    expect(ids.map((id) => unseen.of(id).status)).toEqual(['unknown', 'unknown']);
  });

  it('that has a replica is replaced by that', async () => {
    const replica = 'arn:aws:kms:eu-west-1:123456789012:key/mrk-1';
    const { of } = await diagnosisOf({ cluster: keyed(replica), answers: enabled(replica) });
    expect(of('kms-key-usable').fix?.command).toBe(
      'ecsh logging set prod --kms-key arn:aws:kms:us-east-1:123456789012:key/mrk-1',
    );
  });
});

describe('a ready task', () => {
  it.each<[string, World]>([
    [
      'with pidMode and one container',
      { ...made({}), definition: { ...made({}).definition, pidMode: 'task' } },
    ],
    ['whose image is a static site', made({ image: 'team/my-static-site:1' })],
    [
      'that sets AWS_ENDPOINT_URL',
      made({ environment: [{ name: 'AWS_ENDPOINT_URL', value: 'http://x' }] }),
    ],
    [
      'on a managed instance',
      {
        ...made({}, { launchType: 'MANAGED_INSTANCES', platformVersion: undefined }),
        answers: { ecs: { describeContainerInstance: async () => ({ agentConnected: true }) } },
      },
    ],
  ])('%s', async (_name, world) => {
    expect(await verdict(world)).toMatchObject(READY);
  });

  it('skips the image of a managed instance, and claims no role of it', async () => {
    const { of } = await diagnosisOf({
      task: { ...EC2_TASK, launchType: 'MANAGED_INSTANCES' },
      definition: { containerDefinitions: [{ name: 'app' }] },
    });
    expect(of('instance-ami')).toMatchObject({ status: 'skip' });
    expect(of('instance-profile-role')).toMatchObject({ status: 'skip' });
    expect(of('task-role').message).toMatch(/on a managed instance is not documented/);
  });
});

it('says of a task role of another account that ECS does not give it out', async () => {
  const foreign = 'arn:aws:iam::210987654321:role/app';
  const world = made({});
  const found = await verdict({
    ...world,
    definition: { ...world.definition, taskRoleArn: foreign },
  });
  expect(found).toEqual({
    ready: false,
    lead: 'task-role',
    message: `Task role ${foreign} belongs to account 210987654321; ECS gives a task only roles of its own account, 123456789012.`,
  });
});

it('says of a task that was placed early that this one works', async () => {
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
    message: expect.stringMatching(/This task has one that runs; the next may have none\.$/),
  });
});
