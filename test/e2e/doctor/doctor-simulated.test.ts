import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Lab } from '#test/helpers/e2e.ts';

const KEY = 'arn:aws:kms:us-east-1:123456789012:key/11111111-2222-4333-8444-555555555555';
const APP = { name: 'app' };

/** A service, and the check that names its fault. */
const SERVICES: readonly (readonly [name: string, primary: string | null, service: object])[] = [
  ['fine', null, { containers: [APP] }],
  ['on-ec2', null, { launchType: 'EC2', containers: [APP] }],
  [
    'half',
    'service-tasks',
    {
      tasks: [
        { containers: [APP] },
        { containers: [{ ...APP, agentStatus: 'STOPPED', agentReason: 'exited' }] },
        { containers: [{ ...APP, agentStatus: 'STOPPED', agentReason: 'exited' }] },
      ],
    },
  ],
  ['off', 'exec-enabled', { enableExecuteCommand: false, containers: [APP] }],
  ['no-role', 'task-role', { taskDefinition: { taskRoleArn: null }, containers: [APP] }],
  [
    'no-rights',
    'task-role-ssmmessages',
    {
      taskDefinition: { taskRoleArn: 'arn:aws:iam::123456789012:role/weak' },
      containers: [{ ...APP, isConnected: false }],
    },
  ],
  [
    'wrong-trust',
    'task-role-trust',
    {
      taskDefinition: { taskRoleArn: 'arn:aws:iam::123456789012:role/lambda' },
      containers: [APP],
    },
  ],
  ['isolated', 'vpce-ssmmessages', { network: { route: 'none' }, containers: [APP] }],
  [
    'closed',
    'security-groups',
    { network: { egressPorts: [5432], endpoints: [] }, containers: [APP] },
  ],
  [
    'by-endpoint',
    null,
    {
      network: {
        route: 'none',
        endpoints: [
          { service: 'ssmmessages' },
          { service: 'logs' },
          { service: 'kms' },
          { service: 's3', type: 'Gateway' },
        ],
      },
      containers: [APP],
    },
  ],
  [
    'read-only',
    'readonly-root-fs',
    {
      containers: [
        { ...APP, agentStatus: 'STOPPED', definition: { readonlyRootFilesystem: true } },
      ],
    },
  ],
  [
    'old',
    'fargate-platform-version',
    { platformVersion: '1.3.0', containers: [{ ...APP, agentStatus: 'NONE' }] },
  ],
  [
    'old-agent',
    'agent-version',
    {
      launchType: 'EC2',
      instance: { agentVersion: '1.40.0' },
      containers: [{ ...APP, agentStatus: 'NONE' }],
    },
  ],
];

const ROLES = [
  { name: 'weak', allow: ['logs:*'] },
  { name: 'lambda', allow: ['*'], trust: ['lambda.amazonaws.com'] },
];

describe('doctor finds the fault of a simulated account', () => {
  let lab: Lab;

  beforeAll(async () => {
    const services = SERVICES.map(([name, , service]) => ({ name, ...service }));
    const logConfiguration = {
      cloudWatchLogGroupName: '/plain',
      cloudWatchEncryptionEnabled: true,
    };
    lab = await Lab.start({
      roles: ROLES,
      keys: [{ id: KEY, state: 'Disabled' }],
      logGroups: [{ name: '/plain' }],
      clusters: [
        { name: 'prod', logging: 'DEFAULT', services },
        { name: 'key', kmsKeyId: KEY, services: [{ name: 'web', containers: [APP] }] },
        {
          name: 'logs',
          logging: 'OVERRIDE',
          logConfiguration,
          services: [{ name: 'web', containers: [APP] }],
        },
      ],
    });
  });

  afterAll(() => lab.stop());

  it.each([
    ...SERVICES.map(([name, primary]) => [`prod/${name}`, primary] as const),
    ['key/web', 'kms-key-usable'] as const,
    ['logs/web', 'log-group-encrypted'] as const,
  ])('%s: %s', async (target, primary) => {
    const { status, stdout } = await lab.run(['doctor', '--json', target]);
    const report = JSON.parse(stdout);
    expect({ status, ready: report.ready, primary: report.primary }).toEqual({
      status: primary === null ? 0 : 1,
      ready: primary === null,
      primary,
    });
  });
});

it('a fact that the caller lacks permission for is unknown, not a failure', async () => {
  const lab = await Lab.start({
    deny: ['iam:*', 'ec2:*', 'ecs:DescribeTaskDefinition'],
    clusters: [{ name: 'prod', services: [{ name: 'web', containers: [APP] }] }],
  });
  try {
    const { status, stdout } = await lab.run(['doctor', '--json', 'prod/web']);
    const { ready, checks } = JSON.parse(stdout);
    const unknown = checks.filter((check: { status: string }) => check.status === 'unknown');
    expect({ status, ready }).toEqual({ status: 0, ready: true });
    expect(unknown).toContainEqual(
      expect.objectContaining({
        id: 'egress-route',
        evidence: { missingPermission: expect.stringMatching(/^ec2:/) },
      }),
    );
  } finally {
    await lab.stop();
  }
});
