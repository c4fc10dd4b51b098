import { beforeEach, describe, expect, it } from 'vitest';
import { createSsm } from '#aws/ssm.ts';
import type { PortSessionRequest } from '#domain/ports/session-ports.ts';
import { failure, startFakeAws } from '#test/fakes/fake-aws.ts';
import { isolateAws, TEST_KEYS } from './environment.ts';

const aws = isolateAws();
const ANSWER = { body: { SessionId: 's-1', StreamUrl: 'wss://stream', TokenValue: 'token' } };
const TASK = 'arn:aws:ecs:us-east-1:123456789012:task/prod/0f9de17a6465404e8b1b2356dc13c2f8';
const REQUEST: PortSessionRequest = {
  targetId: 'ecs:prod_0f9d_r-1',
  cluster: 'prod',
  task: TASK,
  service: 'web',
  host: undefined,
  port: 80,
};

beforeEach(() => aws.set({ ...TEST_KEYS, AWS_REGION: 'us-east-1' }));

describe('a session of a port (PROTOCOL 7.1)', () => {
  it.each([
    [undefined, 'AWS-StartPortForwardingSession', { portNumber: ['80'] }],
    [
      'db.internal',
      'AWS-StartPortForwardingSessionToRemoteHost',
      { host: ['db.internal'], portNumber: ['80'] },
    ],
  ])('to the host %s is started with the document %s', async (host, document, parameters) => {
    const { url, requests } = await startFakeAws(() => ANSWER);
    const session = await createSsm({ endpointUrl: url }).startPortSession({ ...REQUEST, host });
    expect(session).toEqual({ sessionId: 's-1', streamUrl: 'wss://stream', tokenValue: 'token' });
    expect(requests).toMatchObject([
      {
        operation: 'StartSession',
        input: { Target: 'ecs:prod_0f9d_r-1', DocumentName: document, Parameters: parameters },
      },
    ]);
  });

  it('is not requested again after a failure that may have started one', async () => {
    const { url, requests } = await startFakeAws(() => failure('InternalServerError', 'Oops', 500));
    const ssm = createSsm({ endpointUrl: url });
    await expect(ssm.startPortSession(REQUEST)).rejects.toMatchObject({
      code: 'service-unavailable',
    });
    expect(requests).toHaveLength(1);
  });

  it('names both resources and the policy if it is denied', async () => {
    const message = `User: arn:aws:iam::123456789012:user/me is not authorized to perform: ssm:StartSession on resource: ${TASK} because no identity-based policy allows the ssm:StartSession action`;
    const { url } = await startFakeAws(() => failure('AccessDeniedException', message));
    await expect(createSsm({ endpointUrl: url }).startPortSession(REQUEST)).rejects.toMatchObject({
      code: 'access-denied',
      message: `arn:aws:iam::123456789012:user/me may not ssm:StartSession on ${TASK}: no identity-based policy allows it.`,
      hint: `Allow ssm:StartSession on both the task ARNs and the document, AWS-StartPortForwardingSession or AWS-StartPortForwardingSessionToRemoteHost.
The policy for it:  ecsh policy caller-port-forward -C prod --endpoint-url ${url}`,
    });
  });

  it('names the service to replace if the task is not connected', async () => {
    const { url } = await startFakeAws(() => failure('TargetNotConnected', 'Not connected.'));
    const ssm = createSsm({ endpointUrl: url });
    const old = { ...REQUEST, taskStartedAt: new Date(0) };
    const young = { ...REQUEST, taskStartedAt: new Date() };
    await expect(ssm.startPortSession(old)).rejects.toMatchObject({
      code: 'target-not-connected',
      retryable: false,
      hint: expect.stringContaining('ecsh restart prod/web'),
    });
    await expect(ssm.startPortSession(young)).rejects.toMatchObject({ retryable: true });
  });

  it('fails without a token', async () => {
    const { url } = await startFakeAws(() => ({ body: { SessionId: 's-1' } }));
    await expect(createSsm({ endpointUrl: url }).startPortSession(REQUEST)).rejects.toMatchObject({
      code: 'answer-unreadable',
    });
  });
});
