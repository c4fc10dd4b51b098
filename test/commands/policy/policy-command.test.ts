import { describe, expect, test } from 'vitest';
import { EcshError } from '#domain/errors/errors.ts';
import type { EcsApi } from '#domain/ports/ecs-ports.ts';
import type { Task, TaskTag } from '#domain/resolve/task.ts';
import { fakeDoctor } from '#test/fakes/fake-doctor.ts';
import { fakeEcs } from '#test/fakes/fake-ecs.ts';
import { sampleTask } from '#test/fakes/sample-task.ts';
import { FakeApp, type FakeAppOptions, run } from '#test/helpers/app.ts';

const CLUSTER_ARN = 'arn:aws-cn:ecs:cn-north-1:123456789012:cluster/prod';
const KEY_ARN = 'arn:aws-cn:kms:cn-north-1:123456789012:key/1';

const LOGGED = {
  clusterArn: CLUSTER_ARN,
  clusterName: 'prod',
  configuration: {
    executeCommandConfiguration: {
      kmsKeyId: 'alias/exec',
      logging: 'OVERRIDE',
      logConfiguration: {
        cloudWatchLogGroupName: '/ecs/exec',
        s3BucketName: 'audit',
        s3KeyPrefix: 'exec/',
      },
    },
  },
};

function cloud(
  cluster: object | undefined = LOGGED,
  options: Pick<FakeAppOptions, 'env' | 'files' | 'ecs'> = {},
) {
  return new FakeApp({
    ...options,
    doctor: fakeDoctor({
      ecs: {
        describeCluster: async () => cluster,
        describeTaskDefinition: async () => ({
          containerDefinitions: [
            {
              name: 'app',
              logConfiguration: { logDriver: 'awslogs', options: { 'awslogs-group': '/ecs/web' } },
            },
          ],
        }),
      },
      keys: { describeKey: async () => ({ Arn: KEY_ARN }) },
      sts: {
        getCallerIdentity: async () => ({
          Account: '210987654321',
          Arn: 'arn:aws:iam::210987654321:user/me',
        }),
      },
      local: { region: async () => 'eu-central-1' },
    }),
  });
}

/** Returns the resource of the last statement other than `OwnSessions`. */
async function resourceOf(argv: readonly string[], app = cloud()): Promise<unknown> {
  const { status, stdout, stderr } = await run(['policy', ...argv], app);
  expect({ status, stderr }).toMatchObject({ status: 0, stderr: expect.stringContaining('For ') });
  const statements: { Sid?: string; Resource: unknown }[] = JSON.parse(stdout).Statement;
  return statements.findLast(({ Sid }) => Sid !== 'OwnSessions')?.Resource;
}

test('complete flags need no AWS call', async () => {
  const words = ['caller', '-C', 'prod', '--region', 'eu-central-1', '--account', '123456789012'];
  const app = new FakeApp();
  expect(await resourceOf(words, app)).toBe('arn:aws:ecs:eu-central-1:123456789012:task/prod/*');
  expect(app.awsSettings).toEqual([]);
});

describe('values without a flag come from the cluster', () => {
  test.each<[readonly string[], unknown]>([
    [['caller', 'prod/web'], 'arn:aws-cn:ecs:cn-north-1:123456789012:task/prod/*'],
    [['caller', '-C', 'prod'], 'arn:aws-cn:ecs:cn-north-1:123456789012:task/prod/*'],
    [
      ['logs-cloudwatch', 'prod/web'],
      'arn:aws-cn:logs:cn-north-1:123456789012:log-group:/ecs/exec:*',
    ],
    [['logs-s3', 'prod/web'], 'arn:aws-cn:s3:::audit/exec/*'],
    [['task-kms', 'prod/web'], KEY_ARN],
  ])('%j', async (argv, resource) => {
    expect(await resourceOf(argv)).toEqual(resource);
  });

  test('for the last target', async () => {
    const app = cloud(LOGGED, {
      env: { HOME: '/home/me' },
      files: { '/home/me/.local/state/ecsh/last.json': '{"target": "prod/web"}' },
    });
    expect(await resourceOf(['logs-s3', '-'], app)).toBe('arn:aws-cn:s3:::audit/exec/*');
  });

  test('without a prompt for --no-input', async () => {
    const app = cloud();
    await resourceOf(['logs-s3', 'prod/web', '--no-input'], app);
    expect(app.awsSettings).toMatchObject([{ noInput: true }]);
  });

  test('as the log group of the container if its sessions are logged there', async () => {
    const cluster = { clusterArn: CLUSTER_ARN, clusterName: 'prod' };
    expect(await resourceOf(['logs-cloudwatch', 'prod/web'], cloud(cluster))).toBe(
      'arn:aws-cn:logs:cn-north-1:123456789012:log-group:/ecs/web:*',
    );
  });

  test('as the container of the target', async () => {
    const { stdout } = await run(['policy', 'deny-container', 'prod/web@vault'], new FakeApp());
    expect(stdout).toContain('"ecs:container-name": "vault"');
  });
});

test('a caller without permission for DescribeClusters gets the values that are known without it', async () => {
  const denied = async () => {
    throw new EcshError('access-denied', 'no');
  };
  const app = new FakeApp({
    doctor: fakeDoctor({
      ecs: { describeCluster: denied },
      sts: {
        getCallerIdentity: async () => ({ Account: '210987654321', Arn: 'arn:aws:iam::2:user/me' }),
      },
      local: { region: async () => 'eu-central-1' },
    }),
  });
  expect(await resourceOf(['caller', '-C', 'prod'], app)).toBe(
    'arn:aws:ecs:eu-central-1:210987654321:task/prod/*',
  );
});

test('a key is looked up only for a policy that needs it', async () => {
  const app = new FakeApp({ doctor: fakeDoctor({ ecs: { describeCluster: async () => LOGGED } }) });
  expect(await resourceOf(['logs-s3', '-C', 'prod'], app)).toBe('arn:aws-cn:s3:::audit/exec/*');
});

test('without a cluster, the account and region are those of the caller', async () => {
  const { stdout } = await run(['policy', 'trust'], cloud());
  expect(stdout).toContain('"aws:SourceArn": "arn:aws:ecs:eu-central-1:210987654321:*"');
});

test('a cluster with wildcards is not looked up', async () => {
  expect(await resourceOf(['deny-start-session', '-C', 'prod-*', '--all-regions'])).toEqual([
    'arn:aws:ecs:*:210987654321:task/prod-*/*',
    'arn:aws:ecs:*:210987654321:cluster/*',
  ]);
});

test('stdout is only the document, and --quiet prints nothing else', async () => {
  const { stdout, stderr } = await run(['policy', 'task-role', '-q']);
  expect(JSON.parse(stdout)).toMatchObject({ Version: '2012-10-17' });
  expect(stderr).toBe('');
});

test('without a name, the policies are listed, in JSON too', async () => {
  const { stdout } = await run(['policy']);
  expect(stdout).toMatch(/^task-role +lets the exec agent open its channels: required$/m);
  const json = await run(['policy', '--json']);
  expect(JSON.parse(json.stdout)).toContainEqual(
    expect.objectContaining({ name: 'task-role', needs: [] }),
  );
});

describe('a missing value is reported with the flag that sets it', () => {
  test.each<[readonly string[], string, string]>([
    [['logs-s3', '-C', 'plain'], 'policy-value-missing', '--bucket'],
    [['deny-container'], 'policy-value-missing', '-c NAME'],
    [['caller'], 'policy-value-missing', '-C'],
    [['task-kms', '--kms-key', 'alias/exec'], 'kms-key-not-arn', 'aws kms describe-key'],
    [['nothing'], 'policy-unknown', 'ecsh policy'],
  ])('%j: %s', async (argv, code, hint) => {
    const plain = { clusterArn: CLUSTER_ARN, clusterName: 'plain' };
    const { status, stdout, stderr } = await run(['policy', ...argv], cloud(plain));
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain(`[${code}]`);
    expect(stderr).toContain(hint);
  });

  test('and so is a cluster that does not exist', async () => {
    const app = new FakeApp({
      doctor: fakeDoctor({ ecs: { describeCluster: async () => undefined } }),
    });
    const { status, stderr } = await run(['policy', 'caller', '-C', 'prd'], app);
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr:
        'ecsh: There is no cluster "prd" in us-east-1. [cluster-not-found]\n' +
        '  Did you mean prod? List the clusters of this account and region:  ecsh ls clusters\n',
    });
  });
});

describe('a target', () => {
  const at = (tasks: readonly Task[], denied: readonly (keyof EcsApi)[] = []) =>
    fakeEcs({ clusters: { prod: tasks }, services: ['web', 'idle'], denied });
  const web = sampleTask('0f9de17a6465404e8b1b2356dc13c2f8');

  test('that does not exist is an error', async () => {
    const { status, stdout, stderr } = await run(['policy', 'caller', 'prod/wbe'], cloud());
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toContain('Cluster prod has no service "wbe". [service-not-found]');
  });

  test.each([
    ['without running tasks', 'prod/idle', at([])],
    ['that the caller cannot list', 'prod/web', at([], ['listTasks'])],
  ])('%s still gets a policy', async (_what, target, ecs) => {
    const { status } = await run(['policy', 'caller', target], cloud(LOGGED, { ecs }));
    expect(status).toBe(0);
  });

  test.each<[readonly TaskTag[], string, boolean]>([
    [[], 'team=web', true],
    [[{ key: 'team', value: 'db' }], 'team=web', true],
    [[{ key: 'team', value: 'web' }], 'team=web', false],
    [[{ key: 'team', value: 'web-1' }], 'team=web-*', false],
  ])('with the tags %j gets a warning about --tag %s: %s', async (tags, tag, isWarned) => {
    const ecs = at([{ ...web, tags }]);
    const argv = ['policy', 'caller', 'prod/web', '--tag', tag];
    const { status, stderr } = await run(argv, cloud(LOGGED, { ecs }));
    const warning =
      'Task 0f9de17a6465404e8b1b2356dc13c2f8 does not carry the tag team=web: the policy does not apply to it.';
    expect({ status, isWarned: stderr.includes(warning) }).toEqual({ status: 0, isWarned });
  });
});

describe('values are accepted in common forms:', () => {
  test.each<[string, readonly string[], unknown]>([
    ['the ARN of a bucket', ['--bucket', 'arn:aws:s3:::audit'], 'arn:aws:s3:::audit/*'],
    ['the ARN of all objects in it', ['--bucket', 'arn:aws:s3:::audit/*'], 'arn:aws:s3:::audit/*'],
    ['a prefix with a slash in front', ['--bucket', 'b', '--prefix', '/x/'], 'arn:aws:s3:::b/x/*'],
  ])('%s', async (_what, argv, resource) => {
    const words = ['logs-s3', '--partition', 'aws', ...argv];
    expect(await resourceOf(words, new FakeApp())).toBe(resource);
  });

  test('an ARN as target, which determines region and account', async () => {
    const app = new FakeApp();
    const target = `arn:aws-cn:ecs:cn-north-1:123456789012:task/prod/${'0a'.repeat(16)}`;
    expect(await resourceOf(['caller', target], app)).toBe(
      'arn:aws-cn:ecs:cn-north-1:123456789012:task/prod/*',
    );
    expect(app.awsSettings).toEqual([]);
  });

  test('spaces around container names', async () => {
    const { stdout } = await run(['policy', 'deny-container', '-c', 'app, vault'], new FakeApp());
    expect(JSON.parse(stdout).Statement[0].Condition).toEqual({
      StringEquals: { 'ecs:container-name': ['app', 'vault'] },
    });
  });
});

test('a tag can replace the cluster', async () => {
  const words = ['deny-start-session', '--tag', 'env=prod', '--partition', 'aws-us-gov'];
  expect(await resourceOf(words, new FakeApp())).toBe('arn:aws-us-gov:ecs:*:*:task/*');
});

test.each(['caller-picker', 'task-role'])(
  'a tag is rejected for %s, which does not use tags',
  async (name) => {
    const { status, stdout, stderr } = await run(
      ['policy', name, '-C', 'prod', '--tag', 'env=prod'],
      cloud(),
    );
    expect({ status, stdout, stderr }).toEqual({
      status: 2,
      stdout: '',
      stderr:
        `ecsh: The policy ${name} does not depend on tags: --tag would have no effect. [usage]\n` +
        '  Leave it out. It is for caller, caller-port-forward, deny-start-session.\n',
    });
  },
);

test('an alias ARN is rejected as a key, because its policy would allow nothing', async () => {
  const alias = 'arn:aws:kms:eu-central-1:123456789012:alias/exec';
  const { status, stderr } = await run(['policy', 'task-kms', '--kms-key', alias], new FakeApp());
  expect(status).toBe(2);
  expect(stderr).toContain(`aws kms describe-key --key-id ${alias}`);
});

test.each([
  ['--account', '12'],
  ['--bucket', ''],
  ['--log-group', ''],
])('%s "%s" is rejected', async (flag, text) => {
  const { status } = await run(['policy', 'logs-s3', flag, text], new FakeApp());
  expect(status).toBe(2);
});

test('the hint for a missing value is an example with it', async () => {
  const { stderr } = await run(['policy', 'deny-container'], new FakeApp());
  expect(stderr).toContain('ecsh policy deny-container prod/web@app');
});

describe('the policies of enable', () => {
  const TASK = sampleTask('0f9de17a6465404e8b1b2356dc13c2f8');
  const role = (name: string) => `arn:aws-cn:iam::123456789012:role/${name}`;

  function fleet() {
    return new FakeApp({
      ecs: fakeEcs({ clusters: { prod: [TASK] }, services: ['web'] }),
      doctor: fakeDoctor({
        ecs: {
          describeCluster: async () => LOGGED,
          describeTaskDefinition: async () => ({
            taskRoleArn: role('web'),
            executionRoleArn: role('pull'),
          }),
        },
      }),
    });
  }

  async function statements(argv: readonly string[], app = fleet()) {
    const { status, stdout, stderr } = await run(['policy', ...argv], app);
    expect(status, stderr).toBe(0);
    const { Statement }: { Statement: { Sid: string; Resource: unknown }[] } = JSON.parse(stdout);
    return Statement;
  }

  test.each([
    [['enable', 'prod/web'], 'service/prod/web'],
    [['enable', '-C', 'prod'], 'service/prod/*'],
  ])('%j: names the services that can be changed', async (argv, service) => {
    expect((await statements(argv))[0]).toMatchObject({
      Sid: 'EnableService',
      Resource: `arn:aws-cn:ecs:cn-north-1:123456789012:${service}`,
    });
  });

  test.each(['enable-task', 'enable-revision'])(
    '%s: includes iam:PassRole for both task roles',
    async (name) => {
      const found = await statements([name, 'prod/web']);
      expect(found.find(({ Sid }) => Sid === 'PassRolesToTasks')?.Resource).toEqual([
        role('web'),
        role('pull'),
      ]);
    },
  );

  test('roles can be given by name, without an AWS call', async () => {
    const place = ['--region', 'eu-central-1', '--account', '123456789012'];
    const words = ['enable-task', '-C', 'prod', '--family', 'web', '--role', 'web', ...place];
    const found = await statements(words, new FakeApp());
    expect(found.find(({ Sid }) => Sid === 'PassRolesToTasks')?.Resource).toEqual([
      'arn:aws:iam::123456789012:role/web',
    ]);
  });

  test('without roles or a target, the hint asks for them', async () => {
    const { status, stderr } = await run(['policy', 'enable-task', '-C', 'prod'], fleet());
    expect(status).toBe(2);
    expect(stderr).toContain(
      'Give --family, --role, or a TARGET:  ecsh policy enable-task prod/web',
    );
  });
});

test('session control is added by a flag', async () => {
  const place = ['-C', 'prod', '--region', 'eu-central-1', '--account', '123456789012'];
  const plain = await run(['policy', 'caller', ...place], new FakeApp());
  expect(plain.stdout).not.toContain('AllExecSessions');
  const argv = ['policy', 'caller', '--with-session-control', ...place];
  const { stdout, stderr } = await run(argv, new FakeApp());
  expect(stdout).toContain('AllExecSessions');
  expect(stderr).toContain("reaches other people's sessions, also in other clusters");
});

describe('policy task-definition', () => {
  const mounted = (container: string, ...parts: readonly (readonly [string, string])[]) => ({
    name: container,
    mountPoints: parts.map(([part, containerPath]) => ({
      sourceVolume: `ecs-exec-${container}-${part}`,
      containerPath,
    })),
  });
  const LIB = ['lib', '/var/lib/amazon/ssm'] as const;
  const LOG = ['log', '/var/log/amazon/ssm'] as const;
  const AGENTS = ['agents', '/managed-agents'] as const;

  test('prints volumes for the named containers, without an AWS call', async () => {
    const { status, stdout, stderr } = await run(
      ['policy', 'task-definition', '-c', 'web'],
      new FakeApp(),
    );
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toEqual({
      containerDefinitions: [mounted('web', LIB, LOG, AGENTS)],
      volumes: ['lib', 'log', 'agents'].map((part) => ({ name: `ecs-exec-web-${part}` })),
    });
    expect(stderr).toContain('AWS documents neither the volumes nor their paths');
  });

  test('prints what the task definition of a target lacks', async () => {
    const app = new FakeApp({
      ecs: fakeEcs({
        clusters: { prod: [sampleTask('0f9de17a6465404e8b1b2356dc13c2f8')] },
        services: ['web'],
      }),
      doctor: fakeDoctor({
        ecs: {
          describeTaskDefinition: async () => ({
            containerDefinitions: [
              {
                name: 'app',
                readonlyRootFilesystem: true,
                mountPoints: [{ containerPath: '/var/lib/amazon' }],
              },
              { name: 'other' },
            ],
          }),
        },
      }),
    });
    const { stdout } = await run(['policy', 'task-definition', 'prod/web'], app);
    expect(JSON.parse(stdout).containerDefinitions).toEqual([mounted('app', LOG, AGENTS)]);
  });

  test('is listed', async () => {
    const { stdout } = await run(['policy'], new FakeApp());
    expect(stdout).toMatch(/^task-definition +volumes for the exec agent/m);
  });
});
