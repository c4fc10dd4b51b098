import { describe, expect, test } from 'vitest';
import {
  changedLogging,
  type LoggingChange,
  loggingDifferences,
  loggingEffect,
} from '#domain/exec-logging.ts';
import type { ExecLoggingConfiguration } from '#domain/ports/ecs-responses.ts';
import { readFixture } from '#test/fakes/sample-task.ts';

const KEY = 'arn:aws:kms:eu-central-1:123456789012:key/1';
const BOTH: ExecLoggingConfiguration = {
  kmsKeyId: KEY,
  logging: 'OVERRIDE',
  logConfiguration: {
    cloudWatchLogGroupName: '/ecs/exec',
    cloudWatchEncryptionEnabled: true,
    s3BucketName: 'audit',
    s3EncryptionEnabled: true,
    s3KeyPrefix: 'exec/',
  },
};

describe('a change keeps the other settings', () => {
  test.each<[string, ExecLoggingConfiguration, LoggingChange, ExecLoggingConfiguration]>([
    ['without a change', BOTH, {}, BOTH],
    ['without a configuration, which means DEFAULT', {}, {}, { logging: 'DEFAULT' }],
    ['only a key', {}, { kmsKey: KEY }, { logging: 'DEFAULT', kmsKeyId: KEY }],
    ['a key remains with NONE', BOTH, { mode: 'NONE' }, { logging: 'NONE', kmsKeyId: KEY }],
    ['a key is removed', BOTH, { mode: 'NONE', kmsKey: false }, { logging: 'NONE' }],
    [
      'a bucket is removed with its settings',
      BOTH,
      { bucket: false },
      {
        kmsKeyId: KEY,
        logging: 'OVERRIDE',
        logConfiguration: {
          cloudWatchLogGroupName: '/ecs/exec',
          cloudWatchEncryptionEnabled: true,
        },
      },
    ],
    [
      'a log group is removed with its settings',
      BOTH,
      { logGroup: false, prefix: false, bucketEncryption: false },
      {
        kmsKeyId: KEY,
        logging: 'OVERRIDE',
        logConfiguration: { s3BucketName: 'audit', s3EncryptionEnabled: false },
      },
    ],
    [
      'an ARN is reduced to the name, and a prefix loses its first slash',
      {},
      {
        mode: 'OVERRIDE',
        logGroup: 'arn:aws:logs:eu-central-1:123456789012:log-group:/ecs/exec:*',
        bucket: 'audit',
        prefix: '/exec/',
      },
      {
        logging: 'OVERRIDE',
        logConfiguration: {
          cloudWatchLogGroupName: '/ecs/exec',
          s3BucketName: 'audit',
          s3KeyPrefix: 'exec/',
        },
      },
    ],
  ])('%s', (_case, before, change, after) => {
    expect(changedLogging(before, change)).toEqual(after);
  });
});

describe('a change that UpdateCluster would refuse is refused first', () => {
  test.each<[string, ExecLoggingConfiguration, LoggingChange]>([
    ['logging-needs-override', {}, { logGroup: '/ecs/exec' }],
    ['logging-needs-override', {}, { bucketEncryption: true }],
    ['logging-needs-override', BOTH, { mode: 'DEFAULT', prefix: 'x' }],
    ['logging-needs-destination', {}, { mode: 'OVERRIDE' }],
    ['logging-needs-destination', BOTH, { logGroup: false, bucket: false }],
    ['log-group-missing', {}, { mode: 'OVERRIDE', bucket: 'audit', logEncryption: true }],
    ['bucket-missing', {}, { mode: 'OVERRIDE', logGroup: 'g', bucketEncryption: true }],
    ['bucket-missing', {}, { mode: 'OVERRIDE', logGroup: 'g', prefix: 'x' }],
  ])('%s: %j with %j', (code, before, change) => {
    expect(() => changedLogging(before, change)).toThrow(
      expect.objectContaining({ code, exitCode: 2 }),
    );
  });
});

test('unknown fields of the configuration are kept', () => {
  const later = { retention: '30d' };
  const before = {
    ...BOTH,
    ...later,
    logConfiguration: { ...BOTH.logConfiguration, streamName: 'x' },
  };
  expect(changedLogging(before, { prefix: 'p', kmsKey: false })).toEqual({
    ...later,
    logging: 'OVERRIDE',
    logConfiguration: { ...BOTH.logConfiguration, streamName: 'x', s3KeyPrefix: 'p' },
  });
  expect(changedLogging(before, { mode: 'NONE' })).toEqual({
    ...later,
    kmsKeyId: KEY,
    logging: 'NONE',
  });
});

test('differences have readable names', () => {
  const after = changedLogging(BOTH, { mode: 'NONE' });
  expect(loggingDifferences(BOTH, after)).toEqual([
    { name: 'logging', before: 'OVERRIDE', after: 'NONE' },
    { name: 'log group', before: '/ecs/exec', after: undefined },
    { name: 'log group encryption', before: 'required', after: undefined },
    { name: 'bucket', before: 'audit', after: undefined },
    { name: 'bucket prefix', before: 'exec/', after: undefined },
    { name: 'bucket encryption', before: 'required', after: undefined },
  ]);
});

test.each([
  ['absent', /awslogs group/],
  ['none', /not recorded/],
  ['default', /awslogs group/],
  ['kms-only', /awslogs group/],
  ['override-cloudwatch', /log group \/aws\/ecs\/exec-audit\.$/],
  ['override-s3', /bucket /],
  ['override-both-kms', /log group .* and bucket /],
])('the effect of %s is described in a sentence', (name, sentence) => {
  expect(loggingEffect(configurationOfFixture(name))).toMatch(sentence);
});

function configurationOfFixture(name: string): ExecLoggingConfiguration {
  const { clusters } = readFixture(`cluster-logging/${name}.json`) as {
    clusters: readonly {
      configuration?: { executeCommandConfiguration?: ExecLoggingConfiguration };
    }[];
  };
  return clusters[0]?.configuration?.executeCommandConfiguration ?? {};
}
