import { GenerateDataKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import type { KmsApi } from '#domain/ports/session-ports.ts';
import { parseArn } from '#domain/resolve/arn.ts';
import { withCheckedAnswers } from './call/checked-answers.ts';
import type { AwsConfig } from './call/config.ts';
import { createIdentity } from './call/identity.ts';
import { createAccess } from './call/service-access.ts';

/** K-3. */
const DATA_KEY_BYTES = 64;

/** `KmsApi` over the AWS SDK; a call about a key ARN goes to the region of the key (K-2). */
export function createKms(config: AwsConfig, identity = createIdentity(config)): KmsApi {
  const { settings, call } = createAccess(config, identity);
  return {
    async generateDataKey({ keyId, encryptionContext }) {
      const region = parseArn(keyId)?.region ?? settings.region;
      const client = withCheckedAnswers(new KMSClient({ ...settings, region }));
      const command = new GenerateDataKeyCommand({
        KeyId: keyId,
        NumberOfBytes: DATA_KEY_BYTES,
        EncryptionContext: { ...encryptionContext },
      });
      const answer = await call('kms:GenerateDataKey', () => client.send(command));
      const { KeyId: usedKeyId, Plaintext: plaintext, CiphertextBlob: ciphertext } = answer;
      if (plaintext === undefined || ciphertext === undefined) {
        throw new Error('KMS answered without a key');
      }
      return { keyId: usedKeyId, plaintext, ciphertext };
    },
  };
}
