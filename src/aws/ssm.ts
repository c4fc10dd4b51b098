import { ResumeSessionCommand, SSMClient, TerminateSessionCommand } from '@aws-sdk/client-ssm';
import type { SsmApi } from '../domain/ports.ts';
import type { AwsConfig } from './config.ts';
import { createIdentity } from './identity.ts';
import { createAccess } from './service-access.ts';

/**
 * `SsmApi` over the AWS SDK. Sessions of ECS Exec are ended at the SSM endpoint, not at the ECS one
 * (PROTOCOL O-6).
 */
export function createSsm(config: AwsConfig, identity = createIdentity(config)): SsmApi {
  const { settings, call } = createAccess(config, identity);
  const client = new SSMClient(settings);
  return {
    async terminateSession(sessionId) {
      const command = new TerminateSessionCommand({ SessionId: sessionId });
      await call('ssm:TerminateSession', () => client.send(command));
    },
    async resumeSession(sessionId) {
      const command = new ResumeSessionCommand({ SessionId: sessionId });
      const answer = await call('ssm:ResumeSession', () => client.send(command));
      const { StreamUrl: streamUrl, TokenValue: tokenValue } = answer;
      // An answer without a token is how the service says that the session has ended (S-16).
      if (!streamUrl || !tokenValue) return undefined;
      return { streamUrl, tokenValue };
    },
  };
}
