import { describe, expect, it } from 'vitest';
import { EcshError } from '#domain/errors/errors.ts';
import {
  clusterIn,
  diagnosisOf,
  EC2_TASK,
  KEY,
  simulator,
  TASK_ROLE,
  type World,
} from '#test/fakes/doctor-world.ts';

/** A cluster with every kind of logging; the caller is a role. */
const FULL: World = {
  cluster: clusterIn('override-both-kms'),
  answers: {
    sts: {
      getCallerIdentity: async () => ({
        Account: '123456789012',
        Arn: 'arn:aws:sts::123456789012:assumed-role/ops/jane',
      }),
    },
    keys: {
      describeKey: async () => ({ Arn: KEY, KeyState: 'Enabled' }),
    },
    logs: {
      describeLogGroups: async () => [{ logGroupName: '/aws/ecs/exec-audit', kmsKeyId: KEY }],
    },
    s3: { bucketEncryption: async () => ({ SSEAlgorithm: 'AES256' }) },
  },
};
const count = (calls: readonly string[], name: string) =>
  calls.filter((call) => call === name).length;

describe('gather', () => {
  it('diagnoses a ready task in few calls', async () => {
    const { isReady, calls } = await diagnosisOf();
    expect(isReady).toBe(true);
    expect(calls).toHaveLength(17);
  });

  it('makes at most 27 calls if the cluster has a key, a log group and a bucket', async () => {
    const { isReady, calls, results } = await diagnosisOf(FULL);
    expect(results.filter(({ status }) => status === 'fail')).toEqual([]);
    expect(isReady).toBe(true);
    // And one for the task itself.
    expect(calls.length + 1).toBeLessThanOrEqual(27);
  });

  it('does not call KMS, CloudWatch Logs or S3 if the cluster uses none of them', async () => {
    const { calls } = await diagnosisOf();
    expect(calls.filter((call) => /Key|LogGroups|ucket/.test(call))).toEqual([]);
  });

  it('calls EC2 about an instance only if the task runs on one', async () => {
    expect((await diagnosisOf()).calls).not.toContain('describeInstance');
    expect((await diagnosisOf({ task: EC2_TASK })).calls).toContain('describeInstance');
  });

  it('makes no calls for areas that were not requested', async () => {
    const { calls } = await diagnosisOf({ areas: ['task', 'setup'] });
    expect(calls).toEqual(['describeTaskDefinition', 'describeCluster', 'describeService']);
  });

  it('makes no call twice', async () => {
    const { calls } = await diagnosisOf(FULL);
    expect(count(calls, 'getCallerIdentity')).toBe(1);
    expect(count(calls, 'describeSecurityGroups')).toBe(1);
    expect(count(calls, 'headBucket')).toBe(0);
    expect(count(calls, 'getKeyPolicy')).toBe(1);
    expect(count(calls, 'describeNetworkAcls')).toBe(1);
  });

  it('simulates actions separately if IAM refuses to simulate them together', async () => {
    const together = simulator();
    const { of, calls } = await diagnosisOf({
      answers: {
        iam: {
          simulate: async (request) => {
            if (request.PolicySourceArn !== TASK_ROLE || request.ActionNames.length === 1) {
              return together(request);
            }
            throw new EcshError(
              'aws-error',
              'Actions require different authorization information.',
            );
          },
        },
      },
    });
    expect(of('task-role-ssmmessages').status).toBe('pass');
    expect(count(calls, 'simulate')).toBe(2 + 1 + 4);
  });

  it('keeps values of environment variables out of its results', async () => {
    const { results } = await diagnosisOf({
      definition: {
        taskRoleArn: TASK_ROLE,
        containerDefinitions: [
          { name: 'app', environment: [{ name: 'AWS_SECRET_ACCESS_KEY', value: 'hunter2' }] },
        ],
      },
    });
    expect(JSON.stringify(results)).not.toContain('hunter2');
  });
});
