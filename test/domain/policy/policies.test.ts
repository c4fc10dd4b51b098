import { readFileSync } from 'node:fs';
import * as cloudtrail from '@aws-sdk/client-cloudtrail';
import * as logs from '@aws-sdk/client-cloudwatch-logs';
import * as ec2 from '@aws-sdk/client-ec2';
import * as ecs from '@aws-sdk/client-ecs';
import * as iam from '@aws-sdk/client-iam';
import * as kms from '@aws-sdk/client-kms';
import * as s3 from '@aws-sdk/client-s3';
import * as ssm from '@aws-sdk/client-ssm';
import * as sts from '@aws-sdk/client-sts';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { POLICIES, policyNamed } from '#domain/policy/policies.ts';
import {
  documentOf,
  EMPTY_VALUES,
  type PolicyValues,
  partitionOf,
} from '#domain/policy/policy-model.ts';

const VALUES: PolicyValues = {
  ...EMPTY_VALUES,
  partition: 'aws',
  region: 'eu-central-1',
  account: '123456789012',
  cluster: 'prod',
  containers: ['app'],
  logGroup: '/ecs/exec',
  bucket: 'sessions',
  prefix: '',
  kmsKey: 'arn:aws:kms:eu-central-1:123456789012:key/1234abcd',
  family: 'web',
  roles: ['arn:aws:iam::123456789012:role/web'],
};

/** Values that change the output of a template. */
const VARIANTS: Readonly<Record<string, Partial<PolicyValues>>> = {
  plain: {},
  'without containers': { containers: [] },
  'two containers': { containers: ['app', 'worker'] },
  tag: { tag: { key: 'team', value: 'web' } },
  'tag on tasks': { tag: { key: 'team', value: 'web' }, tagScope: 'task' },
  'prefix and key of the bucket': { prefix: 'exec/', bucketKey: VALUES.kmsKey },
  'all regions, many clusters': { region: '*', cluster: 'prod-*' },
  patterns: { containers: ['app-*'], tag: { key: 'team', value: 'web-?' } },
  'session control': { sessionControl: true },
  'a bucket of another account': { bucketAccount: '210987654321' },
  'one service': { service: 'web' },
  China: { partition: 'aws-cn', region: 'cn-north-1' },
};

const isPolicy = new Ajv2020({ strict: true, strictRequired: false, strictTypes: false }).compile(
  JSON.parse(readFileSync(new URL('../../helpers/iam-grammar.json', import.meta.url), 'utf8')),
);

describe.each(POLICIES.map(({ name }) => name))('%s', (name) => {
  const template = policyNamed(name);

  test.each(Object.entries(VARIANTS))('is a policy document: %s', (_case, changes) => {
    const values = { ...VALUES, ...changes };
    if (template.needs.some((need) => values[need].length === 0)) return;
    const document = documentOf(template, values);
    expect(isPolicy(JSON.parse(JSON.stringify(document))), JSON.stringify(isPolicy.errors)).toBe(
      true,
    );
  });

  test('uses only the values and the place that it declares', () => {
    const marks = { account: '999999999999', region: 'ap-south-2', cluster: 'marked' } as const;
    // With everything that flags can add.
    const values = { ...VALUES, ...marks, sessionControl: true };
    const text = JSON.stringify(documentOf(template, values));
    for (const [need, mark] of Object.entries(marks)) {
      const used = [...template.needs, ...(template.narrowedBy ?? [])];
      const isNeeded = used.some((other) => other === need);
      expect(text.includes(mark), need).toBe(isNeeded);
    }
  });

  test('has only actions that exist', () => {
    for (const action of actionsOf(name)) expect(operationExists(action), action).toBe(true);
  });
});

test('the grammar refuses everything that IAM would refuse', () => {
  const statement = { Effect: 'Allow', Action: 'ecs:ExecuteCommand', Resource: '*' };
  const whole = { Version: '2012-10-17', Statement: [statement] };
  expect(isPolicy(whole)).toBe(true);
  const broken = [
    { ...whole, Version: '2012-10-18' },
    { ...whole, Statement: [] },
    { ...whole, Statement: [{ ...statement, Effect: 'allow' }] },
    { ...whole, Statement: [{ ...statement, Action: 'ExecuteCommand' }] },
    { ...whole, Statement: [{ ...statement, Resource: 'cluster/prod' }] },
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a placeholder that was not filled in
    { ...whole, Statement: [{ ...statement, Condition: { StringEquals: { 'ecs:x': '${x}' } } }] },
    { ...whole, Statement: [{ ...statement, Sid: 'two words' }] },
  ];
  for (const policy of broken) expect(isPolicy(policy), JSON.stringify(policy)).toBe(false);
});

describe('caller', () => {
  const allow = (changes: Partial<PolicyValues>) =>
    documentOf(policyNamed('caller'), { ...VALUES, containers: [], ...changes }).Statement;

  test('allows ExecuteCommand on the cluster and on its tasks, because ECS checks both', () => {
    const resources = allow({})
      .filter(({ Action }) => Action === 'ecs:ExecuteCommand')
      .map(({ Resource }) => Resource);
    expect(resources).toEqual([
      'arn:aws:ecs:eu-central-1:123456789012:cluster/prod',
      'arn:aws:ecs:eu-central-1:123456789012:task/prod/*',
    ]);
  });

  test('requires a tag only on the tasks with --tag-scope task', () => {
    const tag = { key: 'team', value: 'web' };
    const [cluster, task] = allow({ tag, tagScope: 'task' });
    expect(cluster).not.toHaveProperty('Condition');
    expect(task?.Condition).toEqual({ StringEquals: { 'ecs:ResourceTag/team': 'web' } });
  });

  test('requires a container only if the request names one', () => {
    const [, task, describeTasks] = allow({ containers: ['app', 'worker'] });
    expect(task?.Condition).toEqual({
      StringEquals: { 'ecs:container-name': ['app', 'worker'] },
    });
    expect(describeTasks).not.toHaveProperty('Condition');
  });
});

describe('permissions for sessions', () => {
  const sidsOf = (changes: Partial<PolicyValues>) =>
    documentOf(policyNamed('caller'), { ...VALUES, ...changes }).Statement.map(({ Sid }) => Sid);

  test('are not part of caller, because ECS Exec does not name its sessions after the caller', () => {
    const text = JSON.stringify(documentOf(policyNamed('caller'), VALUES));
    expect(text).not.toMatch(/ssm:|ssmmessages:/);
    expect(policyNamed('caller').remarks(VALUES).join(' ')).toMatch(/--with-session-control adds/);
  });

  test('are added on request, with a name that says so', () => {
    expect(sidsOf({ sessionControl: true })).toContain('AllExecSessions');
    const remarks = policyNamed('caller').remarks({ ...VALUES, sessionControl: true });
    expect(remarks[0]).toMatch(/reaches other people's sessions, also in other clusters/);
  });
});

describe('the permissions of the tool itself', () => {
  const statementsOf = (name: string, changes: Partial<PolicyValues> = {}) =>
    documentOf(policyNamed(name), { ...VALUES, ...changes }).Statement;
  const resourceOf = (name: string, action: string, changes: Partial<PolicyValues> = {}) =>
    statementsOf(name, changes).find(({ Action }) => [Action].flat().includes(action))?.Resource;

  test.each<[Partial<PolicyValues>, string]>([
    [{ cluster: '' }, 'service/*/*'],
    [{}, 'service/prod/*'],
    [{ service: 'web' }, 'service/prod/web'],
  ])('enable changes no service beyond %j', (changes, resource) => {
    expect(resourceOf('enable', 'ecs:UpdateService', changes)).toBe(
      `arn:aws:ecs:eu-central-1:123456789012:${resource}`,
    );
  });

  test('enable passes no role, runs no task, and can check before it changes something', () => {
    const text = JSON.stringify(statementsOf('enable'));
    expect(text).not.toMatch(/PassRole|RunTask/);
    expect(text).toMatch(/iam:GetRole.*iam:SimulatePrincipalPolicy/);
  });

  test.each(['enable-task', 'enable-revision'])(
    '%s passes the named roles only to tasks',
    (name) => {
      expect(statementsOf(name)).toContainEqual({
        Sid: 'PassRolesToTasks',
        Effect: 'Allow',
        Action: 'iam:PassRole',
        Resource: VALUES.roles,
        Condition: { StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' } },
      });
    },
  );

  test('enable-task runs one family, in one cluster', () => {
    expect(statementsOf('enable-task')[0]).toEqual({
      Sid: 'RunTask',
      Effect: 'Allow',
      Action: 'ecs:RunTask',
      Resource: 'arn:aws:ecs:eu-central-1:123456789012:task-definition/web:*',
      Condition: {
        ArnLike: { 'ecs:cluster': 'arn:aws:ecs:eu-central-1:123456789012:cluster/prod' },
      },
    });
  });

  test.each(['doctor', 'logging'])('%s only lists the objects of its bucket', (name) => {
    expect(resourceOf(name, 's3:ListBucket')).toBe('arn:aws:s3:::sessions');
    expect(resourceOf(name, 's3:ListBucket', { bucket: '' })).toBeUndefined();
  });

  test('logging changes one cluster', () => {
    expect(resourceOf('logging', 'ecs:UpdateCluster')).toBe(
      'arn:aws:ecs:eu-central-1:123456789012:cluster/prod',
    );
  });
});

describe('logs-s3', () => {
  const put = (changes: Partial<PolicyValues>) =>
    documentOf(policyNamed('logs-s3'), { ...VALUES, ...changes }).Statement[2];

  test.each([
    ['', '*'],
    ['demo', 'demo/*'],
    ['/demo/', 'demo/*'],
    ['a/b', 'a/b/*'],
  ])('only writes below the prefix %j', (prefix, path) => {
    expect(put({ prefix })?.Resource).toBe(`arn:aws:s3:::sessions/${path}`);
  });

  test('sets an ACL in a bucket of another account', () => {
    expect(put({})?.Action).toEqual(['s3:PutObject']);
    expect(put({ bucketAccount: '210987654321' })?.Action).toEqual([
      's3:PutObject',
      's3:PutObjectAcl',
    ]);
  });
});

describe('sessions', () => {
  const sids = (sessionControl: boolean) =>
    documentOf(policyNamed('sessions'), { ...VALUES, sessionControl }).Statement.map(
      ({ Sid, Resource }) => [Sid, Resource],
    );

  test('ends sessions only on request, and only those of ECS Exec', () => {
    expect(sids(false)).toEqual([['ListSessions', '*']]);
    expect(sids(true).at(-1)).toEqual([
      'EndSessions',
      'arn:aws:ssm:eu-central-1:123456789012:session/ecs-execute-command-*',
    ]);
  });
});

describe('caller-port-forward', () => {
  const { Statement } = documentOf(policyNamed('caller-port-forward'), VALUES);
  const resourceOf = (wanted: string) =>
    Statement.find(({ Action }) => Action === wanted || Action.includes(wanted))?.Resource;

  test.each(['ssmmessages:OpenDataChannel', 'ssm:ResumeSession', 'ssm:TerminateSession'])(
    'allows %s only on sessions that are named after the caller',
    (action) => {
      expect(resourceOf(action)).toEqual([
        // biome-ignore lint/suspicious/noTemplateCurlyInString: IAM fills it in
        'arn:aws:ssm:eu-central-1:123456789012:session/${aws:userid}-*',
        // biome-ignore lint/suspicious/noTemplateCurlyInString: IAM fills it in
        'arn:aws:ssm:eu-central-1:123456789012:session/${aws:username}-*',
      ]);
    },
  );

  test('requires a tag on the tasks, but not on the documents', () => {
    const values = { ...VALUES, tag: { key: 'team', value: 'web' } };
    const [tasks, documents, describeTasks] = documentOf(
      policyNamed('caller-port-forward'),
      values,
    ).Statement;
    expect(tasks).toMatchObject({
      Action: 'ssm:StartSession',
      Resource: 'arn:aws:ecs:eu-central-1:123456789012:task/prod/*',
      Condition: { StringEquals: { 'aws:ResourceTag/team': 'web' } },
    });
    expect(documents).toEqual({
      Effect: 'Allow',
      Action: 'ssm:StartSession',
      Resource: [
        'arn:aws:ssm:eu-central-1::document/AWS-StartPortForwardingSession',
        'arn:aws:ssm:eu-central-1::document/AWS-StartPortForwardingSessionToRemoteHost',
      ],
    });
    expect(describeTasks).toMatchObject({
      Action: 'ecs:DescribeTasks',
      Condition: { StringEquals: { 'ecs:ResourceTag/team': 'web' } },
    });
  });

  test('allows finding a target in its cluster', () => {
    expect(resourceOf('ecs:DescribeTasks')).toBe(
      'arn:aws:ecs:eu-central-1:123456789012:task/prod/*',
    );
    expect(Statement.find(({ Action }) => Action === 'ecs:ListTasks')?.Condition).toEqual({
      ArnEquals: { 'ecs:cluster': 'arn:aws:ecs:eu-central-1:123456789012:cluster/prod' },
    });
  });
});

test('a bucket prefix limits the objects that can be written', () => {
  const policy = documentOf(policyNamed('logs-s3'), { ...VALUES, prefix: 'exec/' });
  expect(policy.Statement.at(-1)?.Resource).toBe('arn:aws:s3:::sessions/exec/*');
});

test('a similar name is suggested for an unknown one', () => {
  expect(() => policyNamed('task-rol')).toThrow(
    expect.objectContaining({
      code: 'policy-unknown',
      hint: 'Did you mean  ecsh policy task-role  ?',
      exitCode: 2,
    }),
  );
});

test.each([
  ['eu-central-1', 'aws'],
  ['cn-north-1', 'aws-cn'],
  ['us-gov-west-1', 'aws-us-gov'],
  ['us-iso-east-1', 'aws-iso'],
  ['us-isob-east-1', 'aws-iso-b'],
  ['eu-isoe-west-1', 'aws-iso-e'],
  ['us-isof-south-1', 'aws-iso-f'],
  ['eusc-de-east-1', 'aws-eusc'],
])('region %s is in partition %s', (region, partition) => {
  expect(partitionOf(region)).toBe(partition);
});

function actionsOf(name: string): readonly string[] {
  return documentOf(policyNamed(name), VALUES).Statement.flatMap(({ Action }) => Action);
}

const CLIENTS: Readonly<Record<string, object>> = {
  cloudtrail,
  ec2,
  ecs,
  iam,
  kms,
  logs,
  s3,
  ssm,
  sts,
};

/** Permissions with a name other than their operation, or of operations that our clients do not have. */
const NAMED_OTHERWISE: Readonly<Record<string, string>> = {
  // Service Authorization Reference: GetBucketEncryption and HeadBucket.
  's3:GetEncryptionConfiguration': 's3:GetBucketEncryption',
  's3:ListBucket': 's3:HeadBucket',
};

/** Called only by the agent (amazon-ssm-agent, agent/session), and a permission without an operation. */
const WITHOUT_CLIENT = [
  'iam:PassRole',
  'ssmmessages:CreateControlChannel',
  'ssmmessages:CreateDataChannel',
  'ssmmessages:OpenControlChannel',
  'ssmmessages:OpenDataChannel',
];

function operationExists(action: string): boolean {
  if (WITHOUT_CLIENT.includes(action)) return true;
  const [service = '', operation = ''] = (NAMED_OTHERWISE[action] ?? action).split(':');
  return `${operation}Command` in (CLIENTS[service] ?? {});
}

test.each<[string, PolicyValues['containers'], object]>([
  ['names', ['app'], { StringEquals: { 'ecs:container-name': 'app' } }],
  ['patterns', ['vault-*', 'app'], { StringLike: { 'ecs:container-name': ['vault-*', 'app'] } }],
])('containers are compared as %s', (_what, containers, condition) => {
  const { Statement } = documentOf(policyNamed('deny-container'), { ...VALUES, containers });
  expect(Statement[0]?.Condition).toEqual(condition);
});

test('names and patterns can be combined', () => {
  const values = { ...VALUES, containers: ['app-*'], tag: { key: 'team', value: 'web' } };
  const { Statement } = documentOf(policyNamed('caller'), values);
  expect(Statement[1]?.Condition).toEqual({
    StringEquals: { 'ecs:ResourceTag/team': 'web' },
    StringLike: { 'ecs:container-name': 'app-*' },
  });
});
