import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseFleet } from '#simulator/fleet/fleet-file.ts';
import { type Simulator, startSimulator } from '#simulator/simulator.ts';
import { callApi, recordsOf } from '#test/simulator/api/api-call.ts';
import { RawClient } from '#test/simulator/gateway/raw-client.ts';

const KEY = 'arn:aws:kms:us-east-1:123456789012:key/11111111-2222-4333-8444-555555555555';
const services = [{ name: 'web', containers: [{ name: 'app' }] }];
const logged = (name: string, logConfiguration: object, logging = 'OVERRIDE') => ({
  ...{ name, logging, services },
  ...(logging === 'OVERRIDE' ? { logConfiguration } : {}),
});
const toGroup = (name: string, isDemanded = true) => ({
  cloudWatchLogGroupName: name,
  cloudWatchEncryptionEnabled: isDemanded,
});
const toBucket = (name: string, isDemanded = true) => ({
  s3BucketName: name,
  s3EncryptionEnabled: isDemanded,
});

let simulator: Simulator;

beforeAll(async () => {
  const fleet = parseFleet({
    timings: { outputDelayMs: 1 },
    logGroups: [
      { name: '/plain' },
      { name: '/repaired' },
      { name: '/locked', kmsKeyId: KEY },
      { name: '/gone', exists: false },
    ],
    buckets: [
      { name: 'plain', encryption: 'none' },
      { name: 'dual', encryption: 'aws:kms:dsse' },
      { name: 'locked', encryption: 'aws:kms' },
    ],
    clusters: [
      logged('plain-group', toGroup('/plain')),
      logged('no-group', toGroup('/gone')),
      logged('locked-group', toGroup('/locked')),
      logged('any-group', toGroup('/plain', false)),
      logged('repaired-group', toGroup('/repaired')),
      logged('plain-bucket', toBucket('plain')),
      logged('dual-bucket', toBucket('dual')),
      logged('locked-bucket', toBucket('locked')),
      logged('any-bucket', toBucket('plain', false)),
      logged('both', { ...toGroup('/locked'), ...toBucket('plain') }),
      logged('unlogged', {}, 'NONE'),
    ],
  });
  simulator = await startSimulator({ fleet, env: process.env });
});

afterAll(() => simulator.stop());

/** Runs a session, and returns its output and closing message. */
async function session(cluster: string) {
  const client = new RawClient(simulator);
  await client.execute('echo ran', cluster);
  await client.open();
  await client.until(() => client.closedWith !== undefined);
  return { output: client.output, closedWith: client.closedWith };
}

const refusal = (what: string) => ({
  output: '',
  closedWith: expect.stringContaining(
    `\n----------ERROR-------\nWe couldn't start the session because encryption is not set up on the selected ${what}`,
  ),
});
const ran = { output: 'ran\r\n', closedWith: '' };

describe('a session that requires an encrypted log', () => {
  it.each(['plain-group', 'no-group'])('is rejected: %s', async (cluster) => {
    expect(await session(cluster)).toEqual(refusal('CloudWatch Logs log group'));
  });

  it.each(['plain-bucket', 'dual-bucket', 'both'])('is rejected: %s', async (cluster) => {
    expect(await session(cluster)).toEqual(refusal('Amazon S3 bucket'));
  });

  it.each(['locked-group', 'any-group', 'locked-bucket', 'any-bucket', 'unlogged'])(
    'runs: %s',
    async (cluster) => {
      expect(await session(cluster)).toEqual(ran);
    },
  );

  it('starts as soon as its log group has a key', async () => {
    expect(await session('repaired-group')).toEqual(refusal('CloudWatch Logs log group'));
    const group = { logGroupName: '/repaired', kmsKeyId: KEY };
    await callApi(simulator, 'Logs_20140328.AssociateKmsKey', group);
    expect(await session('repaired-group')).toEqual(ran);
  });

  it('writes its log to a separate stream at the end', async () => {
    await session('any-group');
    const group = { logGroupName: '/plain' };
    const { body } = await callApi(simulator, 'Logs_20140328.FilterLogEvents', group);
    const events = recordsOf(body, 'events');
    expect(events.map(({ logStreamName }) => logStreamName)).toContainEqual(
      expect.stringMatching(/^ecs-execute-command-/),
    );
    expect(events.at(-1)?.message).toMatch(/^Script started on .*\nran\r\n\nScript done on .*$/);
  });
});
