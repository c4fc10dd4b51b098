import { DescribeKeyCommand, GetKeyPolicyCommand, KMSClient } from '@aws-sdk/client-kms';
import type { KeyApi } from '#domain/ports/doctor-ports.ts';
import { parseArn } from '#domain/resolve/arn.ts';
import { answered } from './call/answered.ts';
import { withCheckedAnswers } from './call/checked-answers.ts';
import type { AwsConfig } from './call/config.ts';
import type { AwsIdentity } from './call/identity.ts';
import { createAccess, unlessMissing } from './call/service-access.ts';

const MISSING = ['NotFoundException'];

/** `KeyApi` over the AWS SDK; a call about a key ARN goes to the region of the key (K-2). */
export function createKeys(config: AwsConfig, identity: AwsIdentity): KeyApi {
  const { settings, call } = createAccess(config, identity);
  const clientFor = (keyId: string) =>
    withCheckedAnswers(
      new KMSClient({ ...settings, region: parseArn(keyId)?.region ?? settings.region }),
    );
  return {
    async describeKey(keyId) {
      const command = new DescribeKeyCommand({ KeyId: keyId });
      const answer = await call('kms:DescribeKey', () =>
        unlessMissing(MISSING, () => clientFor(keyId).send(command)),
      );
      return answer && answered('DescribeKey', answer.KeyMetadata);
    },
    async getKeyPolicy(keyId) {
      const command = new GetKeyPolicyCommand({ KeyId: keyId, PolicyName: 'default' });
      const answer = await call('kms:GetKeyPolicy', () =>
        unlessMissing(MISSING, () => clientFor(keyId).send(command)),
      );
      return answer?.Policy;
    },
  };
}
