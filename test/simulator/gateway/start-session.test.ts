import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { policyNamed } from '#domain/policy/policies.ts';
import { documentOf, EMPTY_VALUES } from '#domain/policy/policy-model.ts';
import { parseFleet } from '#simulator/fleet/fleet-file.ts';
import { type Simulator, startSimulator } from '#simulator/simulator.ts';
import { callApi, recordsOf, targetOf, textOf } from '#test/simulator/api/api-call.ts';

const PORT = 'AWS-StartPortForwardingSession';
const REMOTE_HOST = 'AWS-StartPortForwardingSessionToRemoteHost';
const CALLER = 'arn:aws:iam::123456789012:user/simulator';
const DOCUMENT_ARN = `arn:aws:ssm:us-east-1::document/${PORT}`;

let simulator: Simulator;

async function simulate(account: object): Promise<Simulator> {
  const fleet = parseFleet({
    clusters: [
      {
        name: 'demo',
        services: [
          {
            name: 'web',
            tags: { team: 'shop' },
            tasks: [{ tags: { team: 'shop' }, containers: [{ name: 'app' }] }],
          },
          { name: 'gone', containers: [{ name: 'app', isConnected: false }] },
          { name: 'no-agent', containers: [{ name: 'app', agentStatus: 'STOPPED' }] },
          {
            name: 'stopped',
            tasks: [{ lastStatus: 'DEACTIVATING', containers: [{ name: 'app' }] }],
          },
        ],
      },
    ],
    ...account,
  });
  return startSimulator({ fleet, env: process.env });
}

beforeAll(async () => {
  simulator = await simulate({});
});

afterAll(() => simulator.stop());

function ssm(operation: string, input: object, on = simulator) {
  return callApi(on, `AmazonSSM.${operation}`, input);
}

async function start(input: object, on = simulator) {
  const Target = await targetOf(on, 'web');
  return ssm('StartSession', { Target, DocumentName: PORT, ...input }, on);
}

describe('StartSession', () => {
  it('starts a session named after the caller, and returns a token to join it', async () => {
    const { status, body } = await start({ Parameters: { portNumber: ['8080'] } });
    expect(status).toBe(200);
    expect(body).toEqual({
      SessionId: expect.stringMatching(/^simulator-[a-z0-9]{26}$/),
      TokenValue: expect.any(String),
      StreamUrl: `${simulator.endpoint.replace('http', 'ws')}/v1/data-channel/${body.SessionId}?role=publish_subscribe`,
    });
  });

  it('fills in the ports of the document', async () => {
    const { body } = await start({});
    expect(simulator.sessions.get(textOf(body, 'SessionId'))?.request).toEqual({
      kind: 'port',
      document: PORT,
      isNamed: true,
      parameters: { localPortNumber: '0', portNumber: '80' },
      properties: { localPortNumber: '0', portNumber: '80', type: 'LocalPortForwarding' },
    });
  });

  it.each<[string, object, string, string]>([
    [
      'a document that does not exist',
      { DocumentName: 'AWS-Nothing' },
      'InvalidDocument',
      'Document with name AWS-Nothing does not exist.',
    ],
    [
      'a document that it cannot run',
      { DocumentName: 'AWS-StartNonInteractiveCommand' },
      'InvalidDocument',
      'The simulator cannot run the document AWS-StartNonInteractiveCommand, only SSM-SessionManagerRunShell, AWS-StartInteractiveCommand, AWS-StartPortForwardingSession, AWS-StartPortForwardingSessionToRemoteHost, AWS-StartSSHSession.',
    ],
    [
      'parameters for the shell document',
      { DocumentName: undefined, Parameters: { command: ['ls'] } },
      'InvalidParameters',
      'The document has no parameter command.',
    ],
    [
      'no command for a document that requires one',
      { DocumentName: 'AWS-StartInteractiveCommand' },
      'InvalidParameters',
      'The document needs the parameter command.',
    ],
    [
      'no host for a document that requires one',
      { DocumentName: REMOTE_HOST, Parameters: { portNumber: ['80'] } },
      'InvalidParameters',
      'The document needs the parameter host.',
    ],
    [
      'a host for a document without that parameter',
      { Parameters: { host: ['db'] } },
      'InvalidParameters',
      'The document has no parameter host.',
    ],
    [
      'two values',
      { Parameters: { portNumber: ['80', '81'] } },
      'InvalidParameters',
      'The parameter portNumber is one text, not a list.',
    ],
    [
      'a string instead of a list',
      { Parameters: { portNumber: '80' } },
      'SerializationException',
      'portNumber is no list',
    ],
    ['no target', { Target: '' }, 'ValidationException', "Value at 'target' must not be null."],
  ])('rejects %s', async (_what, input, type, message) => {
    expect(await start(input)).toEqual({ status: 400, body: { __type: type, message } });
  });

  it.each(['0', '65536', '08', 'http', '-1', ''])('rejects the port %j', async (port) => {
    const { body } = await start({ Parameters: { portNumber: [port] } });
    expect(body).toMatchObject({
      __type: 'InvalidParameters',
      message: expect.stringContaining(`Parameter portNumber with value ${port} does not match`),
    });
  });

  it.each(['gone', 'no-agent', 'stopped'])(
    'requires a connected agent in a running task: %s',
    async (service) => {
      const Target = await targetOf(simulator, service);
      expect((await start({ Target })).body).toEqual({
        __type: 'TargetNotConnected',
        message: `${Target} is not connected.`,
      });
    },
  );

  it('does not find a target with another runtime id', async () => {
    const Target = `${await targetOf(simulator, 'web')}0`;
    expect((await start({ Target })).body).toEqual({
      __type: 'TargetNotConnected',
      message: `${Target} is not connected.`,
    });
  });
});

describe('permission for StartSession', () => {
  const on = (resource: string) =>
    `User: ${CALLER} is not authorized to perform: ssm:StartSession on resource: ${resource}`;
  const allowed = { Effect: 'Allow', Action: 'ssm:StartSession' };

  async function refusal(account: object, input: object = {}) {
    const other = await simulate(account);
    onTestFinished(() => other.stop());
    const task = (await targetOf(other, 'web')).split('_')[1];
    const { status, body } = await start(input, other);
    return { status, taskArn: `arn:aws:ecs:us-east-1:123456789012:task/demo/${task}`, body };
  }

  it.each<[string, object, string]>([
    [
      'nothing allows it',
      { caller: { allow: ['ecs:*'] } },
      'because no identity-based policy allows the ssm:StartSession action',
    ],
    [
      'a policy denies it',
      { caller: { allow: ['*'], deny: ['ssm:StartSession'] } },
      'with an explicit deny in an identity-based policy',
    ],
    [
      'the organization denies it',
      { organization: { deny: ['ssm:*'] } },
      'with an explicit deny in a service control policy',
    ],
    [
      'a permissions boundary excludes it',
      { caller: { boundary: ['ecs:*'] } },
      'because no permissions boundary allows the ssm:StartSession action',
    ],
  ])('is denied on the task if %s', async (_when, account, why) => {
    const { status, taskArn, body } = await refusal(account);
    expect({ status, body }).toEqual({
      status: 400,
      body: { __type: 'AccessDeniedException', message: `${on(taskArn)} ${why}` },
    });
  });

  it('is denied on the document if only the task is allowed', async () => {
    const statements = [{ ...allowed, Resource: 'arn:aws:ecs:*:*:task/*' }];
    const { body } = await refusal({ caller: { statements } });
    expect(body.message).toBe(
      `${on(DOCUMENT_ARN)} because no identity-based policy allows the ssm:StartSession action`,
    );
  });

  it('covers the preferences document only if the call names it', async () => {
    const statements = [{ ...allowed, Resource: 'arn:aws:ecs:*:*:task/*' }];
    const unnamed = { DocumentName: undefined };
    expect((await refusal({ caller: { statements } }, unnamed)).status).toBe(200);
    const named = { DocumentName: 'SSM-SessionManagerRunShell' };
    const { body } = await refusal({ caller: { statements } }, named);
    expect(body.message).toBe(
      `${on('arn:aws:ssm:us-east-1:123456789012:document/SSM-SessionManagerRunShell')} because no identity-based policy allows the ssm:StartSession action`,
    );
  });

  it('requires both the document and the task, here by a tag', async () => {
    const statements = [
      { ...allowed, Resource: DOCUMENT_ARN },
      {
        ...allowed,
        Resource: 'arn:aws:ecs:*:*:task/demo/*',
        Condition: { StringEquals: { 'aws:ResourceTag/team': 'shop' } },
      },
    ];
    expect((await refusal({ caller: { statements } })).status).toBe(200);
  });

  it('is denied by the fleet file before anything else is checked', async () => {
    const { body } = await refusal({ deny: ['ssm:StartSession'] }, { DocumentName: 'nothing' });
    expect(body).toMatchObject({ __type: 'AccessDeniedException' });
  });
});

describe('a session started by StartSession', () => {
  it('is listed with its document until it is terminated, and recorded by CloudTrail', async () => {
    const other = await simulate({});
    onTestFinished(() => other.stop());
    const Target = await targetOf(other, 'web');
    const { body } = await start({ Parameters: { portNumber: ['5432'] } }, other);
    const SessionId = textOf(body, 'SessionId');
    const listed = async (State: string) => (await ssm('DescribeSessions', { State }, other)).body;
    expect(await listed('Active')).toEqual({
      Sessions: [
        {
          SessionId,
          Target,
          Status: 'Disconnected',
          StartDate: expect.any(Number),
          DocumentName: PORT,
          Owner: CALLER,
        },
      ],
    });
    expect((await ssm('ResumeSession', { SessionId }, other)).body).toMatchObject({ SessionId });
    await ssm('TerminateSession', { SessionId }, other);
    expect(await listed('Active')).toEqual({ Sessions: [] });
    expect(recordsOf(await listed('History'), 'Sessions')).toMatchObject([{ SessionId }]);

    const lookup = async (AttributeValue: string) => {
      const input = { LookupAttributes: [{ AttributeKey: 'EventName', AttributeValue }] };
      return (await callApi(other, 'CloudTrail_20131101.LookupEvents', input)).body;
    };
    expect(await lookup('ExecuteCommand')).toEqual({ Events: [] });
    const [event] = recordsOf(await lookup('StartSession'), 'Events');
    expect(event).toMatchObject({ EventName: 'StartSession', EventSource: 'ssm.amazonaws.com' });
    expect(JSON.parse(textOf(event, 'CloudTrailEvent'))).toMatchObject({
      requestParameters: {
        target: Target,
        documentName: PORT,
        parameters: { localPortNumber: ['0'], portNumber: ['5432'] },
      },
      responseElements: { sessionId: SessionId, tokenValue: 'HIDDEN_DUE_TO_SECURITY_REASONS' },
    });
  });
});

describe('a caller with only the policy caller-port-forward', () => {
  const { Statement: statements } = documentOf(policyNamed('caller-port-forward'), {
    ...EMPTY_VALUES,
    ...{ partition: 'aws', region: 'us-east-1', account: '123456789012', cluster: 'demo' },
  });

  it.each([CALLER, 'arn:aws:sts::123456789012:assumed-role/dev/jane@example.com'])(
    'can start, resume and end its own sessions as %s, but no others',
    async (arn) => {
      const own = await simulate({ caller: { arn, statements } });
      onTestFinished(() => own.stop());
      const { status, body } = await start({}, own);
      expect(status).toBe(200);
      const { SessionId } = body;
      expect((await ssm('ResumeSession', { SessionId }, own)).status).toBe(200);
      expect((await ssm('TerminateSession', { SessionId }, own)).status).toBe(200);
      const other = await ssm('TerminateSession', { SessionId: 'other-0123' }, own);
      expect(other.body.__type).toBe('AccessDeniedException');
    },
  );
});
