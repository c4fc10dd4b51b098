import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import type { StsApi } from '#domain/ports/doctor-ports.ts';
import { answered } from './call/answered.ts';
import { withCheckedAnswers } from './call/checked-answers.ts';
import type { AwsConfig } from './call/config.ts';
import type { AwsIdentity } from './call/identity.ts';
import { createAccess } from './call/service-access.ts';

/** `StsApi` over the AWS SDK. */
export function createSts(config: AwsConfig, identity: AwsIdentity): StsApi {
  const { settings, call } = createAccess(config, identity);
  const client = withCheckedAnswers(new STSClient(settings));
  return {
    getCallerIdentity: () =>
      call('sts:GetCallerIdentity', async () => {
        const identity = await client.send(new GetCallerIdentityCommand({}));
        answered('GetCallerIdentity', identity.Account);
        return identity;
      }),
  };
}
