import { GenerateDataKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { parseArn } from '../domain/arn.ts';
import type { KmsApi } from '../domain/ports.ts';
import { type AwsConfig, clientSettings, flagsOf } from './config.ts';
import { explained } from './failure.ts';
import { createIdentity } from './identity.ts';

/** K-3. */
const DATA_KEY_BYTES = 64;

/** `KmsApi` over the AWS SDK; a key ARN is asked in its own region (K-2). */
export function createKms(config: AwsConfig, identity = createIdentity(config)): KmsApi {
  return {
    async generateDataKey({ keyId, encryptionContext }) {
      const client = new KMSClient({
        ...clientSettings(config),
        region: parseArn(keyId)?.region ?? identity.region,
        credentials: identity.credentials,
      });
      const context = async () => ({
        region: await identity.region().catch(() => config.region),
        endpoint: config.endpointUrl,
        flags: flagsOf(config),
      });
      const command = new GenerateDataKeyCommand({
        KeyId: keyId,
        NumberOfBytes: DATA_KEY_BYTES,
        EncryptionContext: { ...encryptionContext },
      });
      const answer = await explained('GenerateDataKey', context, () => client.send(command));
      const { Plaintext: plaintext, CiphertextBlob: ciphertext } = answer;
      if (plaintext === undefined || ciphertext === undefined) {
        throw new Error('KMS answered without a key');
      }
      return { plaintext, ciphertext };
    },
  };
}
