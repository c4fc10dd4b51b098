import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Lab } from '#test/helpers/e2e.ts';
import { ECSH, isInstalled } from '#test/helpers/program.ts';

const KEY = 'arn:aws:kms:us-east-1:123456789012:key/11111111-2222-4333-8444-555555555555';
const CHANNELS_ONLY = 'arn:aws:iam::123456789012:role/channels-only';

/** Fields that are not set are healthy. */
const FLEET = {
  roles: [{ name: 'channels-only', allow: ['ssmmessages:*', 'logs:*'] }],
  buckets: [{ name: 'audit', encryption: 'none' }],
  clusters: [
    {
      name: 'ten',
      logging: 'DEFAULT',
      services: [
        service('no-role', { taskDefinition: { taskRoleArn: null } }),
        service('no-endpoint', { network: { route: 'none' } }),
        service('closed', { network: { egressPorts: [80] } }),
        service('read-only', {
          containers: [
            { name: 'app', agentStatus: 'STOPPED', definition: { readonlyRootFilesystem: true } },
          ],
        }),
        service('shared', {
          taskDefinition: { pidMode: 'task' },
          containers: [{ name: 'app', agentStatus: 'STOPPED' }, { name: 'other' }],
        }),
        service('stopped', {
          containers: [
            {
              name: 'app',
              agentStatus: 'STOPPED',
              agentReason: 'ExecuteCommandAgent cannot be restarted',
            },
          ],
        }),
        service('keys', {
          containers: [
            {
              name: 'app',
              definition: { environment: [{ name: 'AWS_ACCESS_KEY_ID', value: 'AKIAEXAMPLE' }] },
            },
          ],
        }),
        service('old', {
          platformVersion: '1.3.0',
          containers: [{ name: 'app', agentStatus: 'NONE' }],
        }),
      ],
    },
    {
      name: 'kms',
      kmsKeyId: KEY,
      logging: 'DEFAULT',
      services: [service('denied', { taskDefinition: { taskRoleArn: CHANNELS_ONLY } })],
    },
    {
      name: 'audited',
      logging: 'OVERRIDE',
      logConfiguration: { s3BucketName: 'audit', s3EncryptionEnabled: true },
      services: [service('plain', {})],
    },
  ],
};

function service(name: string, changes: object): object {
  return { name, containers: [{ name: 'app' }], ...changes };
}

/** A stand-in for the AWS CLI: it logs its arguments, and prints what the next program in the pipe reads. */
const AWS = `#!/bin/sh
case $2 in
  register-task-definition) echo "aws $1 $2 $3"; echo "$4" | jq -c . ;;
  *) echo "aws $*" ;;
esac >> "$AWS_LOG"
case $2 in
  describe-task-definition) cat "$AWS_TASK_DEFINITION" ;;
  create-role | put-role-policy) jq -c . >> "$AWS_LOG" ;;
esac
`;

/** A response of DescribeTaskDefinition, including fields that RegisterTaskDefinition rejects. */
const TASK_DEFINITION = {
  taskDefinitionArn: 'arn:aws:ecs:us-east-1:123456789012:task-definition/x:1',
  family: 'x',
  revision: 1,
  status: 'ACTIVE',
  containerDefinitions: [
    {
      name: 'app',
      readonlyRootFilesystem: true,
      environment: [{ name: 'AWS_ACCESS_KEY_ID', value: 'AKIAEXAMPLE' }, { name: 'KEPT' }],
    },
    { name: 'other', readonlyRootFilesystem: true },
  ],
};

/** Tags are next to the task definition in the response. */
const TAGS = [{ key: 'team', value: 'web' }];

let lab: Lab;

beforeAll(async () => {
  lab = await Lab.start(FLEET);
  const programs = [
    ['aws', AWS],
    ['ecsh', `#!/bin/sh\nexec ${ECSH.join(' ')} "$@"\n`],
  ] as const;
  for (const [name, script] of programs) {
    writeFileSync(join(lab.folder, name), script);
    chmodSync(join(lab.folder, name), 0o755);
  }
  writeFileSync(
    join(lab.folder, 'definition.json'),
    JSON.stringify({ taskDefinition: TASK_DEFINITION, tags: TAGS }),
  );
});

afterAll(() => lab.stop());

/** Runs a command as printed, and returns the calls of the AWS CLI. */
async function paste(command: string): Promise<readonly string[]> {
  const log = join(lab.folder, 'aws.log');
  writeFileSync(log, '');
  const env = {
    ...lab.environment,
    PATH: `${lab.folder}:${lab.environment.PATH}`,
    AWS_LOG: log,
    AWS_TASK_DEFINITION: join(lab.folder, 'definition.json'),
  };
  const { status, stderr } = await lab.startProgram(['sh', '-ec', command], { env }).finished;
  expect(status, stderr).toBe(0);
  return readFileSync(log, 'utf8').trimEnd().split('\n');
}

async function diagnose(target: string) {
  const [text, json] = await Promise.all([
    lab.run(['doctor', target]),
    lab.run(['doctor', '--json', target]),
  ]);
  const report: Report = JSON.parse(json.stdout);
  return { status: text.status, text: text.stdout, ...report };
}

interface Report {
  readonly ready: boolean;
  readonly primary: string | null;
  readonly checks: readonly {
    readonly id: string;
    readonly fix?: { readonly command?: string };
  }[];
}

const DEPLOY = (name: string) =>
  `aws ecs update-service --cluster ten --service ${name} --task-definition ${name} --force-new-deployment`;
const REVISION = (name: string) => [
  `aws ecs describe-task-definition --task-definition ${name}:1 --include TAGS --output json`,
  'aws ecs register-task-definition --cli-input-json',
];
const [APP, OTHER] = TASK_DEFINITION.containerDefinitions;

describe('ecsh doctor on a broken fleet', () => {
  it.each<readonly [string, string, string]>([
    ['ten/no-role', 'task-role', 'The task definition has no task role'],
    ['ten/no-endpoint', 'vpce-ssmmessages', 'No ssmmessages endpoint in vpc-'],
    ['ten/closed', 'security-groups', 'allows no outbound TCP 443.'],
    ['ten/read-only', 'readonly-root-fs', 'app has a read-only root file system.'],
    ['ten/shared@app', 'pid-mode', 'All containers of the task share one PID namespace'],
    ['ten/stopped', 'exec-agent-status', 'The exec agent of container app is STOPPED'],
    ['ten/old', 'fargate-platform-version', 'Fargate platform 1.3.0 is too old;'],
    ['kms/denied', 'task-role-kms-decrypt', `${CHANNELS_ONLY} cannot`],
    ['audited/plain', 'bucket', 'Encryption is required but bucket audit reports'],
  ])('names the cause of %s in its first line: %s', async (target, id, cause) => {
    const { status, text, ready, primary } = await diagnose(target);
    const [first] = text.split('\n');
    expect([status, ready]).toEqual([1, false]);
    expect(primary).toContain(id);
    expect(first).toContain(': not ready: ');
    expect(first).toContain(cause);
  });

  it('gives the same cause for a refused session as doctor: its log would not be encrypted', async () => {
    const { status, stdout, stderr } = await lab.run([
      'exec',
      'audited/plain',
      '--',
      'echo',
      'ran',
    ]);
    expect([status, stdout]).toEqual([255, '']);
    expect(stderr).toMatch(
      /\[s3-encryption\]\n {2}Likely cause: Encryption is required but bucket audit reports/,
    );
  });

  it('names a risk next to a ready verdict', async () => {
    const { status, text, ready, primary } = await diagnose('ten/keys');
    expect([status, ready, primary]).toEqual([0, true, null]);
    expect(text).toMatch(/^ten\/keys@app: ready, but: app sets AWS_ACCESS_KEY_ID\./);
    expect(text).not.toContain('AKIAEXAMPLE');
  });
});

describe.skipIf(!isInstalled('jq', '--version'))('a fix of ecsh doctor runs as printed', () => {
  it.each<readonly [string, string, (string | RegExp)[]]>([
    [
      'ten/no-endpoint',
      'vpce-ssmmessages',
      [
        /^aws ec2 authorize-security-group-ingress --group-id sg-\w+ --protocol tcp --port 443 --source-group sg-/,
        /^aws ec2 create-vpc-endpoint .*--service-name com.amazonaws.us-east-1.ssmmessages /,
      ],
    ],
    [
      'ten/closed',
      'security-groups',
      [/^aws ec2 authorize-security-group-egress --group-id sg-\w+ --protocol tcp --port 443 /],
    ],
    [
      'ten/keys',
      'env-static-credentials',
      [
        ...REVISION('keys'),
        JSON.stringify({
          family: 'x',
          containerDefinitions: [{ ...APP, environment: [{ name: 'KEPT' }], secrets: [] }, OTHER],
          tags: TAGS,
        }),
        DEPLOY('keys'),
      ],
    ],
    [
      'ten/old',
      'fargate-platform-version',
      [
        'aws ecs update-service --cluster ten --service old --platform-version LATEST --force-new-deployment',
      ],
    ],
    [
      'kms/denied',
      'task-role-kms-decrypt',
      [/^aws iam put-role-policy --role-name channels-only /, /"Action":\["kms:Decrypt"\]/],
    ],
    ['audited/plain', 's3-bucket-encrypted', [/^aws s3api put-bucket-encryption --bucket audit /]],
  ])('for %s: %s', async (target, id, expected) => {
    const { checks } = await diagnose(target);
    const command = checks.find((check) => check.id === id)?.fix?.command ?? '';
    const told = await paste(command);
    // Programs in a pipe start at the same time.
    const found = told.toSorted();
    const wanted = expected.map((line) =>
      typeof line === 'string' ? line : expect.stringMatching(line),
    );
    expect(found).toHaveLength(wanted.length);
    expect(found).toEqual(expect.arrayContaining(wanted));
  });

  it('for a stopped agent: asks, then starts a deployment', async () => {
    const { checks } = await diagnose('ten/stopped');
    const fix = checks.find(({ id }) => id === 'exec-agent-status')?.fix;
    expect(fix?.command).toBe('ecsh restart ten/stopped');
    const { status, stderr } = await lab.run(['restart', 'ten/stopped', '--yes', '--no-wait']);
    expect(stderr.split('\n').at(-2)).toMatch(/^Deployment ecs-svc\/\d+ has begun\.$/);
    expect(status).toBe(0);
  });

  it('for a read-only root: deploys a revision with volumes, and exec works in its task', async () => {
    const { checks } = await diagnose('ten/read-only');
    const command = checks.find(({ id }) => id === 'readonly-root-fs')?.fix?.command ?? '';
    expect(command).toBe('ecsh enable ten/read-only --writable-agent-paths');
    const { status, stderr } = await lab.run([...command.split(' ').slice(1), '-y']);
    expect(status, stderr).toBe(0);
    expect(stderr).toContain('New revision: + volume ecs-exec-app-lib');
    const exec = await lab.run(['exec', 'ten/read-only', '--', 'echo', 'in']);
    expect([exec.status, exec.stdout]).toEqual([0, 'in\n']);
    expect(await diagnose('ten/read-only')).toMatchObject({ status: 0, ready: true });
  }, 60_000);

  it('for a task without a role: creates one, allows it the channels, and deploys with it', async () => {
    const { checks } = await diagnose('ten/no-role');
    const told = await paste(checks.find(({ id }) => id === 'task-role')?.fix?.command ?? '');
    const steps = told.filter((line) => line.startsWith('aws ')).map((line) => line.split(' ')[2]);
    expect(steps.toSorted()).toEqual([
      'create-role',
      'describe-task-definition',
      'put-role-policy',
      'register-task-definition',
      'update-service',
    ]);
    expect(told.join('\n')).toContain('ssmmessages:CreateControlChannel');
    expect(told.join('\n')).toContain('ecs-tasks.amazonaws.com');
    expect(told.join('\n')).toContain(
      '"taskRoleArn":"arn:aws:iam::123456789012:role/no-role-task-role"',
    );
  });

  it('for a shared PID namespace: enters the container whose agent runs', async () => {
    const { checks } = await diagnose('ten/shared@app');
    const command = checks.find(({ id }) => id === 'pid-mode')?.fix?.command ?? '';
    expect(command).toMatch(/^ecsh shell ten\/\w+@other$/);
    const { status } = await lab.run(['exec', ...command.split(' ').slice(2), '--', 'true']);
    expect(status).toBe(0);
  });
});
