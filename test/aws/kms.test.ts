import { beforeEach, describe, expect, it } from 'vitest';
import { createKms } from '#aws/kms.ts';
import { failure, startFakeAws } from '#test/fakes/fake-aws.ts';
import { isolateAws, TEST_KEYS } from './environment.ts';

const aws = isolateAws();
const KEY_ID = 'arn:aws:kms:eu-central-1:123456789012:key/1234';
const CONTEXT = { 'aws:ssm:SessionId': 's-1' };
const ANSWER = { body: { Plaintext: 'AQID', CiphertextBlob: 'BAUG', KeyId: KEY_ID } };

beforeEach(() => aws.set({ ...TEST_KEYS, AWS_REGION: 'us-east-1' }));

describe('a data key', () => {
  it.each([
    ['of a key ARN comes from the region of the key (K-2)', KEY_ID, 'eu-central-1'],
    ['of a key id comes from the region of the session (K-2)', '1234', 'us-east-1'],
  ])('%s', async (_name, keyId, region) => {
    const { url, requests } = await startFakeAws(() => ANSWER);
    const kms = createKms({ endpointUrl: url });
    const key = await kms.generateDataKey({ keyId, encryptionContext: CONTEXT });
    expect(key).toEqual({
      keyId: KEY_ID,
      plaintext: Uint8Array.of(1, 2, 3),
      ciphertext: Uint8Array.of(4, 5, 6),
    });
    expect(requests).toMatchObject([
      {
        operation: 'GenerateDataKey',
        input: { KeyId: keyId, NumberOfBytes: 64, EncryptionContext: CONTEXT },
      },
    ]);
    expect(requests[0]?.authorization).toContain(`/${region}/kms/`);
  });

  it.each([
    [
      'DisabledException',
      `${KEY_ID} is disabled.`,
      'kms-key-disabled',
      'Enable it:  aws kms enable-key --key-id KEY  or give the cluster another key.',
    ],
    [
      'NotFoundException',
      'Key does not exist',
      'kms-key-not-found',
      'Give the cluster a key that exists, in the configuration of ECS Exec.',
    ],
    [
      'KMSInvalidStateException',
      `${KEY_ID} is pending deletion.`,
      'kms-key-unusable',
      'Keep it:  aws kms cancel-key-deletion --key-id KEY  and enable it; or give the cluster another key.',
    ],
    [
      'KMSInvalidStateException',
      `${KEY_ID} is unavailable.`,
      'kms-key-unusable',
      'See which:  aws kms describe-key --key-id KEY',
    ],
    [
      'AccessDeniedException',
      `User: arn:aws:iam::1:user/me is not authorized to perform: kms:GenerateDataKey on resource: ${KEY_ID} because no identity-based policy allows the kms:GenerateDataKey action`,
      'access-denied',
      'Allow kms:GenerateDataKey for the identity you are using, in its own policy and in the key policy.',
    ],
  ])('that is refused with %s: %s', async (type, message, code, hint) => {
    const { url } = await startFakeAws(() => failure(type, message));
    const kms = createKms({ endpointUrl: url });
    const asking = kms.generateDataKey({ keyId: KEY_ID, encryptionContext: CONTEXT });
    await expect(asking).rejects.toMatchObject({
      name: 'EcshError',
      code,
      hint: expect.stringContaining(hint),
    });
  });

  it('that is missing in the answer is an error', async () => {
    const { url } = await startFakeAws(() => ({ body: { CiphertextBlob: 'BAUG' } }));
    const asking = createKms({ endpointUrl: url }).generateDataKey({
      keyId: KEY_ID,
      encryptionContext: CONTEXT,
    });
    await expect(asking).rejects.toThrow('KMS answered without a key');
  });
});
