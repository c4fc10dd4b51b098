import { describe, expect, it } from 'vitest';
import { sessionLogging } from '#doctor/rules/session-logging.ts';
import type { ClusterDetails, ContainerDetails } from '#domain/ports/ecs-responses.ts';
import { readFixture } from '#test/fakes/sample-task.ts';

const clusterIn = (name: string): ClusterDetails =>
  Reflect.get(Object(readFixture(`cluster-logging/${name}.json`)), 'clusters')[0];
const AWSLOGS: ContainerDetails = {
  logConfiguration: {
    logDriver: 'awslogs',
    options: { 'awslogs-group': '/app', 'awslogs-region': 'eu-west-1' },
  },
};
const APP = { name: '/app', region: 'eu-west-1', mustBeEncrypted: false };
const AUDIT = { name: '/aws/ecs/exec-audit', region: undefined };

describe('sessionLogging', () => {
  it.each(['absent', 'default', 'kms-only', 'with-managed-storage'])(
    'follows the log driver of the container if the cluster is %s',
    (name) => {
      const cluster = clusterIn(name);
      expect(sessionLogging(cluster, AWSLOGS)).toEqual({
        mode: 'DEFAULT',
        logGroup: APP,
        bucket: undefined,
      });
      const other = { logConfiguration: { logDriver: 'awsfirelens' } };
      expect(sessionLogging(cluster, other).logGroup).toBeUndefined();
      expect(sessionLogging(cluster, undefined).logGroup).toBeUndefined();
    },
  );

  it.each([
    ['none', { mode: 'NONE', logGroup: undefined, bucket: undefined }],
    [
      'override-cloudwatch',
      { mode: 'OVERRIDE', logGroup: { ...AUDIT, mustBeEncrypted: false }, bucket: undefined },
    ],
    [
      'override-s3',
      {
        mode: 'OVERRIDE',
        logGroup: undefined,
        bucket: { name: 'example-exec-audit', prefix: 'demo/', mustBeEncrypted: true },
      },
    ],
    [
      'override-both-kms',
      {
        mode: 'OVERRIDE',
        logGroup: { ...AUDIT, mustBeEncrypted: true },
        bucket: { name: 'example-exec-audit', prefix: 'demo', mustBeEncrypted: true },
      },
    ],
  ])('follows the cluster if it is set to %s', (name, expected) => {
    expect(sessionLogging(clusterIn(name), AWSLOGS)).toEqual(expected);
  });
});
