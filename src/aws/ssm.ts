import { ResumeSessionCommand, SSMClient, TerminateSessionCommand } from '@aws-sdk/client-ssm';
import type { SsmApi } from '../domain/ports.ts';
import { type AwsConfig, clientSettings, flagsOf } from './config.ts';
import { explained } from './failure.ts';
import { createIdentity } from './identity.ts';

/**
 * `SsmApi` over the AWS SDK. Sessions of ECS Exec are ended at the SSM endpoint, not at the ECS one
 * (PROTOCOL O-6).
 */
export function createSsm(config: AwsConfig, identity = createIdentity(config)): SsmApi {
  const client = new SSMClient({
    ...clientSettings(config),
    region: identity.region,
    credentials: identity.credentials,
  });
  const context = async () => ({
    region: await identity.region().catch(() => config.region),
    endpoint: config.endpointUrl,
    flags: flagsOf(config),
  });
  return {
    async terminateSession(sessionId) {
      const command = new TerminateSessionCommand({ SessionId: sessionId });
      await explained('TerminateSession', context, () => client.send(command));
    },
    async resumeSession(sessionId) {
      const command = new ResumeSessionCommand({ SessionId: sessionId });
      const answer = await explained('ResumeSession', context, () => client.send(command));
      const { StreamUrl: streamUrl, TokenValue: tokenValue } = answer;
      // An answer without a token is how the service says that the session has ended (S-16).
      if (!streamUrl || !tokenValue) return undefined;
      return { streamUrl, tokenValue };
    },
  };
}
