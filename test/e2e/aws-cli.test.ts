import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ec2Id } from '#simulator/fleet/ids.ts';
import { hasAwsCli, runAws, runWithAws } from '#test/helpers/aws-cli.ts';
import { Lab } from '#test/helpers/e2e.ts';
import { recordsOf, textOf } from '#test/simulator/api/api-call.ts';

describe.skipIf(!hasAwsCli)('the AWS CLI against ecsh simulate', () => {
  let lab: Lab;

  beforeAll(async () => {
    lab = await Lab.start('default');
  });

  afterAll(() => lab.stop());

  const aws = (...args: readonly string[]) => runAws(lab, ...args);

  it.concurrent('lists services', async () => {
    const names = ['web', 'sidecars', 'pair', 'off', 'stopped-agent', 'pending-agent', 'ghost'];
    expect(await aws('ecs', 'list-services', '--cluster', 'demo')).toEqual({
      serviceArns: names.map((name) => `arn:aws:ecs:us-east-1:123456789012:service/demo/${name}`),
    });
  });

  it.concurrent('lists the tasks of a service, and describes one of them', async () => {
    const listed = await aws('ecs', 'list-tasks', '--cluster', 'demo', '--service-name', 'pair');
    const arn = 'arn:aws:ecs:us-east-1:123456789012:task/demo/8cd53122acbba559757371989926fe6c';
    expect(listed).toEqual({ taskArns: [arn] });
    const described = await aws('ecs', 'describe-tasks', '--cluster', 'demo', '--tasks', arn);
    const agent = { name: 'ExecuteCommandAgent', lastStatus: 'RUNNING' };
    const container = { lastStatus: 'RUNNING', managedAgents: [expect.objectContaining(agent)] };
    expect(described).toEqual({
      tasks: [
        expect.objectContaining({
          taskArn: arn,
          clusterArn: 'arn:aws:ecs:us-east-1:123456789012:cluster/demo',
          group: 'service:pair',
          lastStatus: 'RUNNING',
          enableExecuteCommand: true,
          containers: [
            expect.objectContaining({ name: 'api', ...container }),
            expect.objectContaining({ name: 'worker', ...container }),
          ],
        }),
      ],
      failures: [],
    });
  });

  it.concurrent('gives a new role the policy that ecsh policy prints, and IAM confirms it', async () => {
    const role = ['--role-name', 'made'];
    const trust = await lab.run(['policy', 'trust', '-C', 'demo']);
    await aws('iam', 'create-role', ...role, '--assume-role-policy-document', trust.stdout);
    const policy = await lab.run(['policy', 'task-role']);
    const put = ['iam', 'put-role-policy', ...role, '--policy-name', 'ecs-exec'];
    await aws(...put, '--policy-document', policy.stdout);
    const simulated = await aws(
      ...['iam', 'simulate-principal-policy'],
      ...['--policy-source-arn', 'arn:aws:iam::123456789012:role/made'],
      ...['--action-names', 'ssmmessages:OpenDataChannel', 's3:DeleteBucket'],
    );
    expect(simulated).toMatchObject({
      EvaluationResults: [{ EvalDecision: 'allowed' }, { EvalDecision: 'implicitDeny' }],
    });
  }, 60_000);

  it.concurrent('creates a log group and sets its key', async () => {
    const group = ['--log-group-name', '/made'];
    await aws('logs', 'create-log-group', ...group);
    const set = ['logging', 'set', 'demo', '--mode', 'override', '--log-group', '/made'];
    const encrypted = [...set, '--log-encryption', '--dry-run'];
    expect((await lab.run(encrypted)).stderr).toContain('[log-group-not-encrypted]');
    const key = 'arn:aws:kms:us-east-1:123456789012:key/1';
    await aws('logs', 'associate-kms-key', ...group, '--kms-key-id', key);
    expect((await lab.run(encrypted)).status).toBe(0);
  }, 60_000);

  it.concurrent('creates a bucket for session logs and encrypts it', async () => {
    const set = ['logging', 'set', 'demo', '--mode', 'override', '--bucket', 'made', '--dry-run'];
    const missing = await lab.run(set);
    const command = /ECS does not create it: {2}(aws .*)/.exec(missing.stderr)?.[1] ?? '';
    expect(await runWithAws(lab, ['sh', '-c', command])).toBe('make_bucket: made\n');
    expect((await lab.run([...set, '--bucket-encryption'])).status).toBe(0);
    const rule = { ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms' } };
    const rules = JSON.stringify({ Rules: [rule] });
    const put = ['put-bucket-encryption', '--server-side-encryption-configuration', rules];
    await aws('s3api', ...put, '--bucket', 'made');
    const read = await aws('s3api', 'get-bucket-encryption', '--bucket', 'made');
    expect(read).toMatchObject({ ServerSideEncryptionConfiguration: { Rules: [rule] } });
  }, 60_000);

  it.concurrent('runs a task with its own command, and reads its exit code and its log', async () => {
    const cluster = ['--cluster', 'demo'];
    const network = JSON.stringify({
      awsvpcConfiguration: { subnets: [ec2Id('subnet', 'default')] },
    });
    const command = ['sh', '-c', 'echo from the task; exit 3'];
    const overrides = JSON.stringify({ containerOverrides: [{ name: 'app', command }] });
    const run = ['ecs', 'run-task', ...cluster, '--task-definition', 'web'];
    const started = await aws(...run, '--network-configuration', network, '--overrides', overrides);
    const task = textOf(recordsOf(started, 'tasks')[0], 'taskArn');
    await aws('ecs', 'wait', 'tasks-stopped', ...cluster, '--tasks', task);
    expect(await aws('ecs', 'describe-tasks', ...cluster, '--tasks', task)).toMatchObject({
      tasks: [{ stopCode: 'EssentialContainerExited', containers: [{ exitCode: 3 }] }],
    });
    const stream = `ecs/app/${task.split('/').at(-1)}`;
    const filter = ['logs', 'filter-log-events', '--log-group-name', '/ecs/demo/web'];
    expect(await aws(...filter, '--log-stream-names', stream)).toMatchObject({
      events: [{ message: 'from the task', logStreamName: stream }],
    });
  }, 60_000);

  it('shows the revision that ecsh doctor suggests, and exec works in its task', async () => {
    const report = await lab.run(['doctor', 'demo/stopped-agent', '--json']);
    const { checks } = JSON.parse(report.stdout) as {
      readonly checks: readonly { readonly id: string; readonly fix?: { command: string } }[];
    };
    const fix = checks.find(({ id }) => id === 'readonly-root-fs')?.fix?.command ?? '';
    expect(fix).toBe('ecsh enable demo/stopped-agent --writable-agent-paths');
    const changed = await lab.run([...fix.split(' ').slice(1), '--yes']);
    expect(changed.status).toBe(0);
    const described = await aws(
      ...['ecs', 'describe-task-definition', '--task-definition', 'stopped-agent'],
    );
    const paths = ['/var/lib/amazon/ssm', '/var/log/amazon/ssm', '/managed-agents'];
    expect(described).toMatchObject({
      taskDefinition: {
        revision: 2,
        containerDefinitions: [
          {
            name: 'app',
            readonlyRootFilesystem: true,
            mountPoints: expect.arrayContaining(
              paths.map((containerPath) => expect.objectContaining({ containerPath })),
            ),
          },
        ],
      },
    });
    expect((await lab.run(['doctor', '--quick', 'demo/stopped-agent'])).status).toBe(0);
    expect(await lab.run(['exec', '-q', 'demo/stopped-agent', '--', 'echo', 'in'])).toEqual({
      status: 0,
      stdout: 'in\n',
      stderr: '',
    });
  }, 60_000);

  it.concurrent.each<[string, readonly string[], object]>([
    [
      'the caller',
      ['sts', 'get-caller-identity'],
      { Account: '123456789012', Arn: 'arn:aws:iam::123456789012:user/simulator' },
    ],
    ['a role', ['iam', 'get-role', '--role-name', 'demo-task'], { Role: { Path: '/' } }],
    [
      'the permissions of a role',
      [
        ...['iam', 'simulate-principal-policy'],
        ...['--policy-source-arn', 'arn:aws:iam::123456789012:role/demo-task'],
        ...['--action-names', 'ssmmessages:OpenDataChannel', 's3:DeleteBucket'],
      ],
      { EvaluationResults: [{ EvalDecision: 'allowed' }, { EvalDecision: 'implicitDeny' }] },
    ],
    [
      'a service with ECS Exec turned on',
      [
        'ecs',
        'update-service',
        '--cluster',
        'demo',
        '--service',
        'off',
        '--enable-execute-command',
      ],
      { service: { enableExecuteCommand: true, deployments: [{ rolloutState: 'COMPLETED' }] } },
    ],
    ['subnets', ['ec2', 'describe-subnets'], { Subnets: [{ OwnerId: '123456789012' }] }],
    [
      'route tables',
      ['ec2', 'describe-route-tables'],
      { RouteTables: [{ Routes: [{ GatewayId: 'local' }, { State: 'active' }] }] },
    ],
    ['endpoints', ['ec2', 'describe-vpc-endpoints'], { VpcEndpoints: [] }],
    [
      'security groups',
      ['ec2', 'describe-security-groups'],
      { SecurityGroups: [{ IpPermissionsEgress: [{ IpProtocol: '-1' }] }] },
    ],
    ['instances', ['ec2', 'describe-instances'], { Reservations: [] }],
    [
      'a key',
      ['kms', 'describe-key', '--key-id', '11111111-2222-4333-8444-555555555555'],
      { KeyMetadata: { KeyState: 'Enabled' } },
    ],
    [
      'log groups',
      ['logs', 'describe-log-groups', '--log-group-name-prefix', '/ecs/demo/web'],
      { logGroups: [{ logGroupName: '/ecs/demo/web' }] },
    ],
    [
      'open sessions',
      ['ssm', 'describe-sessions', '--state', 'Active', '--filters', 'key=Target,value=x'],
      { Sessions: [] },
    ],
    [
      'events',
      [
        ...['cloudtrail', 'lookup-events', '--lookup-attributes'],
        'AttributeKey=EventName,AttributeValue=ExecuteCommand',
      ],
      // Other tests of this file create events.
      { Events: expect.any(Array) },
    ],
  ])('shows %s', async (_what, args, shown) => {
    expect(await aws(...args)).toMatchObject(shown);
  });

  it.concurrent('gets an error in the format it expects', async () => {
    const args = ['ecs', 'list-tasks', '--cluster', 'nosuch'];
    const env = { ...lab.environment, HOME: process.env.HOME ?? '/' };
    const seen = await lab.startProgram(['aws', ...args], { env }).finished;
    expect(seen).toEqual({
      // Version 2 exits with 254.
      status: expect.toBeOneOf([254, 255]),
      stdout: '',
      stderr: expect.stringContaining('(ClusterNotFoundException)'),
    });
  });
});
