import {
  ResumeSessionCommand,
  SSMClient,
  StartSessionCommand,
  TerminateSessionCommand,
} from '@aws-sdk/client-ssm';
import { EcshError } from '#domain/errors/errors.ts';
import type { PortSessionRequest, SsmApi } from '#domain/ports/session-ports.ts';
import { withCheckedAnswers } from './call/checked-answers.ts';
import type { AwsConfig } from './call/config.ts';
import { createIdentity } from './call/identity.ts';
import { createAccess } from './call/service-access.ts';

/**
 * `SsmApi` over the AWS SDK. Sessions of ECS Exec are ended at the SSM endpoint, not at the ECS one
 * (PROTOCOL O-6).
 */
export function createSsm(config: AwsConfig, identity = createIdentity(config)): SsmApi {
  const { settings, call } = createAccess(config, identity);
  const client = withCheckedAnswers(new SSMClient(settings));
  const { requestHandler } = client.config;
  // A retry after a lost answer would leave an orphaned session.
  const onceClient = withCheckedAnswers(
    new SSMClient({ ...settings, requestHandler, maxAttempts: 1 }),
  );
  return {
    async startPortSession(request) {
      const command = new StartSessionCommand(portSessionInput(request));
      const send = () => onceClient.send(command);
      const answer = await call('ssm:StartSession', send, contextOf(request));
      const { SessionId: sessionId, StreamUrl: streamUrl, TokenValue: tokenValue } = answer;
      if (!sessionId || !streamUrl || !tokenValue) throw noSession();
      return { sessionId, streamUrl, tokenValue };
    },
    async terminateSession(sessionId) {
      const command = new TerminateSessionCommand({ SessionId: sessionId });
      await call('ssm:TerminateSession', () => client.send(command));
    },
    async resumeSession(sessionId) {
      const command = new ResumeSessionCommand({ SessionId: sessionId });
      const answer = await call('ssm:ResumeSession', () => client.send(command));
      const { StreamUrl: streamUrl, TokenValue: tokenValue } = answer;
      // An answer without a token means that the session has ended (S-16).
      if (!streamUrl || !tokenValue) return undefined;
      return { streamUrl, tokenValue };
    },
  };
}

/** PROTOCOL 7.1. Only we use the local port: the documents just return it. */
function portSessionInput({ targetId, host, port }: PortSessionRequest) {
  const portNumber = [String(port)];
  return host === undefined
    ? {
        Target: targetId,
        DocumentName: 'AWS-StartPortForwardingSession',
        Parameters: { portNumber },
      }
    : {
        Target: targetId,
        DocumentName: 'AWS-StartPortForwardingSessionToRemoteHost',
        Parameters: { host: [host], portNumber },
      };
}

function contextOf({ cluster, task, service, taskStartedAt }: PortSessionRequest) {
  const taskAge = taskStartedAt === undefined ? undefined : Date.now() - taskStartedAt.getTime();
  return { cluster, task, service, taskAge };
}

function noSession(): EcshError {
  return new EcshError('answer-unreadable', 'SSM answered StartSession without a session.', {
    hint: 'Check --endpoint-url: this does not look like SSM.',
  });
}
