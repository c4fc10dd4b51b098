import { expect, it } from 'vitest';
import { EcshError } from '#domain/errors/errors.ts';
import type { DataKeyRequest } from '#domain/ports/session-ports.ts';
import { fetchDataKey } from '#session/data-key.ts';

const HOME = 'arn:aws:kms:us-east-1:123456789012';
const CLUSTER_ARN = 'arn:aws:ecs:us-east-1:123456789012:cluster/prod';
const UNKNOWN = { clusterKeyId: undefined, clusterArn: CLUSTER_ARN, allowsForeignKey: false };
const SESSION = { sessionId: 's-1', targetId: 'ecs:prod_task_runtime', key: UNKNOWN };
const CONTEXT = {
  'aws:ssm:SessionId': 's-1',
  'aws:ssm:TargetId': 'ecs:prod_task_runtime',
};

/** A KMS that returns a key with this ARN, and records the requests. */
function kmsOf(keyId: string | undefined) {
  const asked: DataKeyRequest[] = [];
  const plaintext = new Uint8Array(64).fill(1);
  const kms = async () => ({
    generateDataKey: async (request: DataKeyRequest) => {
      asked.push(request);
      return { keyId, plaintext, ciphertext: Uint8Array.of(1) };
    },
  });
  return { kms, asked, plaintext };
}

it.each([
  ['without a challenge', undefined, CONTEXT],
  ['with the unchanged challenge (K-1)', 'cg==', { ...CONTEXT, 'aws:ssm:RandomChallenge': 'cg==' }],
])(
  'requests a key with the context that the agent verifies, %s',
  async (_name, challenge, context) => {
    const { kms, asked, plaintext } = kmsOf(`${HOME}:key/the-key`);
    const result = await fetchDataKey({ ...SESSION, kms }, { kmsKeyId: 'the-key', challenge });
    expect(asked).toEqual([{ keyId: 'the-key', encryptionContext: context }]);
    expect(result).toEqual({
      key: { plaintext, ciphertext: Uint8Array.of(1) },
      error: undefined,
      usedKeyId: `${HOME}:key/the-key`,
    });
  },
);

it("requests the cluster's key if it is known, as the cluster spells it", async () => {
  const { kms, asked } = kmsOf(`${HOME}:key/1234`);
  const key = { ...UNKNOWN, clusterKeyId: 'alias/logs' };
  const request = { kmsKeyId: `${HOME}:key/1234`, challenge: undefined };
  expect(await fetchDataKey({ ...SESSION, key, kms }, request)).toMatchObject({
    error: undefined,
    usedKeyId: `${HOME}:key/1234`,
  });
  expect(asked).toEqual([{ keyId: 'alias/logs', encryptionContext: CONTEXT }]);
});

it("does not call KMS if the agent names a different key from the cluster's", async () => {
  const { kms, asked } = kmsOf(`${HOME}:key/5678`);
  const key = { ...UNKNOWN, clusterKeyId: '1234' };
  const result = await fetchDataKey(
    { ...SESSION, key, kms },
    { kmsKeyId: '5678', challenge: undefined },
  );
  const message =
    'The session was ended for your safety: the agent asked for 5678; the cluster uses 1234.';
  expect(result.key).toEqual({ error: message });
  expect(result.error).toMatchObject({
    code: 'session-not-encrypted',
    message,
    hint: 'If the key of the cluster was changed just now, try again; else inform the owner of the cluster.',
  });
  expect(asked).toEqual([]);
});

it('wipes a data key that was made with the wrong KMS key', async () => {
  const { kms, plaintext } = kmsOf(`${HOME}:key/1234`);
  const key = { ...UNKNOWN, clusterKeyId: 'alias/logs' };
  const result = await fetchDataKey(
    { ...SESSION, key, kms },
    { kmsKeyId: '5678', challenge: undefined },
  );
  expect(result.error).toMatchObject({
    code: 'session-not-encrypted',
    message: `The session was ended for your safety: the agent asked for 5678; the cluster uses ${HOME}:key/1234.`,
  });
  expect(plaintext).toEqual(new Uint8Array(64));
});

it.each([
  [
    'an explained failure, with its fix',
    new EcshError('kms-key-disabled', 'The key is disabled.', { hint: 'Enable it.' }),
    'The key is disabled.',
    'Enable it.',
  ],
  [
    'an unexpected failure',
    new Error('KMS answered without a key'),
    'KMS answered without a key',
    'Your identity needs kms:GenerateDataKey on that key, in its own policy and in the key policy.',
  ],
])('reports to the agent and the user %s', async (_name, failure, why, hint) => {
  for (const kms of [
    () => Promise.reject(failure),
    async () => ({ generateDataKey: () => Promise.reject(failure) }),
  ]) {
    const { key, error } = await fetchDataKey(
      { ...SESSION, kms },
      { kmsKeyId: 'the-key', challenge: undefined },
    );
    const message = `The cluster encrypts sessions with the-key, and KMS gives no data key: ${why}`;
    expect(key).toEqual({ error: message });
    expect(error).toMatchObject({ code: 'data-key-refused', message, hint, cause: failure });
  }
});
