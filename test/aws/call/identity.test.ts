import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createIdentity } from '#aws/call/identity.ts';
import { createEcs } from '#aws/ecs/ecs.ts';
import { createSsm } from '#aws/ssm.ts';
import { isolateAws, TEST_KEYS } from '#test/aws/environment.ts';
import { startFakeAws } from '#test/fakes/fake-aws.ts';

const aws = isolateAws();
const config = (text: string) => writeFileSync(join(aws.home(), 'config'), text);

describe('region', () => {
  it('is the given one, before any setting', async () => {
    aws.set({ AWS_REGION: 'eu-west-1' });
    expect(await createIdentity({ region: 'us-east-2' }).region()).toBe('us-east-2');
  });

  it('comes from AWS_REGION', async () => {
    aws.set({ AWS_REGION: 'eu-west-1' });
    expect(await createIdentity({}).region()).toBe('eu-west-1');
  });

  it('comes from the profile', async () => {
    config('[default]\nregion = eu-west-2\n[profile ops]\nregion = ap-south-1\n');
    expect(await createIdentity({}).region()).toBe('eu-west-2');
    expect(await createIdentity({ profile: 'ops' }).region()).toBe('ap-south-1');
  });

  it('falls back to AWS_DEFAULT_REGION, the variable of the AWS CLI', async () => {
    const env = { AWS_DEFAULT_REGION: 'eu-north-1' };
    expect(await createIdentity({ env }).region()).toBe('eu-north-1');
    aws.set({ AWS_REGION: 'eu-west-1' });
    expect(await createIdentity({ env }).region()).toBe('eu-west-1');
  });

  it('is required by every client if it is not set', async () => {
    aws.set(TEST_KEYS);
    const missing = { name: 'EcshError', code: 'region-missing' };
    await expect(createIdentity({}).region()).rejects.toMatchObject(missing);
    await expect(createEcs({}).listClusters()).rejects.toMatchObject(missing);
    await expect(createSsm({}).terminateSession('s')).rejects.toMatchObject(missing);
  });
});

describe('credentials', () => {
  it('come from the named profile', async () => {
    config('[profile ops]\naws_access_key_id = OPS\naws_secret_access_key = x\n');
    const identity = createIdentity({ region: 'us-east-1', profile: 'ops' });
    expect(await identity.credentials()).toMatchObject({ accessKeyId: 'OPS' });
  });

  it('are reported when they are found, and not before', async () => {
    config('[profile ops]\naws_access_key_id = OPS\naws_secret_access_key = x\n');
    let found = 0;
    const onCredentials = () => {
      found += 1;
    };
    const missing = createIdentity({ region: 'us-east-1', profile: 'nobody', onCredentials });
    await expect(missing.credentials()).rejects.toThrow();
    expect(found).toBe(0);
    await createIdentity({ region: 'us-east-1', profile: 'ops', onCredentials }).credentials();
    expect(found).toBe(1);
  });

  it('have a hint if they are missing', async () => {
    const error = { name: 'EcshError', code: 'credentials-missing' };
    const identity = createIdentity({ region: 'us-east-1' });
    await expect(identity.credentials()).rejects.toMatchObject(error);
    const ecs = createEcs({ region: 'us-east-1', endpointUrl: 'http://127.0.0.1:1' });
    await expect(ecs.listClusters()).rejects.toMatchObject(error);
  });

  it('name a profile without credentials', async () => {
    const identity = createIdentity({ region: 'us-east-1', profile: 'nope' });
    await expect(identity.credentials()).rejects.toMatchObject({
      code: 'credentials-missing',
      message: 'Profile nope gives no AWS credentials.',
    });
  });

  it('are expired if the SSO login is', async () => {
    config(
      '[default]\nsso_session = corp\nsso_account_id = 123456789012\nsso_role_name = dev\n' +
        '[sso-session corp]\nsso_region = us-east-1\nsso_start_url = https://example.invalid\n',
    );
    const identity = createIdentity({ region: 'us-east-1' });
    await expect(identity.credentials()).rejects.toMatchObject({ code: 'credentials-expired' });
  });
});

describe('endpoint', () => {
  it.each(['AWS_ENDPOINT_URL', 'AWS_ENDPOINT_URL_ECS'])('comes from %s', async (name) => {
    const fake = await startFakeAws(() => ({ body: { clusterArns: ['c'] } }));
    aws.set({ ...TEST_KEYS, [name]: fake.url });
    expect(await createEcs({ region: 'us-east-1' }).listClusters()).toEqual(['c']);
    expect(fake.requests[0]?.authorization).toContain('/us-east-1/ecs/aws4_request');
  });

  it('is the SSM one for TerminateSession (PROTOCOL O-6)', async () => {
    const ecs = await startFakeAws(() => ({ body: {} }));
    const ssm = await startFakeAws(() => ({ body: { SessionId: 's-1' } }));
    aws.set({ ...TEST_KEYS, AWS_ENDPOINT_URL_ECS: ecs.url, AWS_ENDPOINT_URL_SSM: ssm.url });
    await createSsm({ region: 'us-east-1' }).terminateSession('s-1');
    expect(ecs.requests).toEqual([]);
    expect(ssm.requests).toMatchObject([
      { operation: 'TerminateSession', input: { SessionId: 's-1' } },
    ]);
  });
});

describe('credentials of the caller', () => {
  const KEYS = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' };

  it('are requested once, and again shortly before they expire', async () => {
    const lifetimes = [undefined, 3_600_000, 60_000, 60_000];
    for (const lifetime of lifetimes) {
      let calls = 0;
      const { credentials } = createIdentity({
        credentials: async () => {
          calls += 1;
          return lifetime === undefined
            ? KEYS
            : { ...KEYS, expiration: new Date(Date.now() + lifetime) };
        },
      });
      await credentials();
      await credentials();
      expect(calls).toBe(lifetime === 60_000 ? 2 : 1);
    }
  });

  it('are requested again after a failure', async () => {
    let calls = 0;
    const { credentials } = createIdentity({
      credentials: async () => {
        calls += 1;
        if (calls === 1) throw new Error('vault');
        return KEYS;
      },
    });
    await expect(credentials()).rejects.toThrow('vault');
    expect(await credentials()).toEqual(KEYS);
  });

  it.each([null, {}, { accessKeyId: '', secretAccessKey: 'x' }])('cannot be %j', async (given) => {
    const { credentials } = createIdentity({
      credentials: async () => JSON.parse(JSON.stringify(given)),
    });
    await expect(credentials()).rejects.toMatchObject({ code: 'credentials-invalid' });
  });
});
