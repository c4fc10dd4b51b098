import { expect, it } from 'vitest';
import { EcshError } from '#domain/errors/errors.ts';
import type { DataKeyRequest } from '#domain/ports/session-ports.ts';
import { fetchDataKey } from '#session/data-key.ts';

const SESSION = { sessionId: 's-1', targetId: 'ecs:prod_task_runtime' };
const KEY = { plaintext: new Uint8Array(64), ciphertext: Uint8Array.of(1) };
const CONTEXT = {
  'aws:ssm:SessionId': 's-1',
  'aws:ssm:TargetId': 'ecs:prod_task_runtime',
};

it.each([
  ['without a challenge', undefined, CONTEXT],
  ['with the challenge as it is (K-1)', 'cg==', { ...CONTEXT, 'aws:ssm:RandomChallenge': 'cg==' }],
])('asks for a key with what the agent will compare, %s', async (_name, challenge, context) => {
  const asked: DataKeyRequest[] = [];
  const kms = async () => ({
    generateDataKey: async (request: DataKeyRequest) => {
      asked.push(request);
      return KEY;
    },
  });
  const result = await fetchDataKey({ ...SESSION, kms }, { kmsKeyId: 'the-key', challenge });
  expect(asked).toEqual([{ keyId: 'the-key', encryptionContext: context }]);
  expect(result).toEqual({ key: KEY, error: undefined });
});

it.each([
  [
    'an explained failure, with its fix',
    new EcshError('kms-key-disabled', 'The key is disabled.', { hint: 'Enable it.' }),
    'The key is disabled.',
    'Enable it.',
  ],
  [
    'a failure that nobody expected',
    new Error('KMS answered without a key'),
    'KMS answered without a key',
    'Your identity needs kms:GenerateDataKey on that key, in its own policy and in the key policy.',
  ],
])('tells the agent and the user of %s', async (_name, failure, why, hint) => {
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
