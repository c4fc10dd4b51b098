import { describe, expect, it } from 'vitest';
import { EcshError } from '#domain/errors/errors.ts';
import type { ServiceFailure } from '#domain/errors/failure-rule.ts';
import { explainServiceError } from '#domain/errors/service-errors.ts';
import { readFixture } from '#test/fakes/sample-task.ts';

interface Sample {
  readonly operation: string;
  readonly name: string;
  readonly httpStatusCode: number;
  readonly message: string;
  readonly expectedCause: string;
}

/** Our codes for the causes in the fixtures. */
const CODES: Readonly<Record<string, string>> = {
  'exec-not-enabled-or-agent-down': 'exec-not-ready',
  'access-denied-implicit': 'access-denied',
  'access-denied-scp': 'access-denied',
  'start-session-denied': 'access-denied',
  server: 'service-unavailable',
  'bad-credentials': 'credentials-invalid',
  'expired-credentials': 'credentials-expired',
};

const samples = readFixture('errors/service-errors.json') as readonly Sample[];
const USER = 'User: arn:aws:iam::123456789012:user/jane is not authorized to perform:';
const CLUSTER = 'arn:aws:ecs:us-east-1:123456789012:cluster/prod';
const denied = (message: string): ServiceFailure => ({ name: 'AccessDeniedException', message });

describe('explainServiceError', () => {
  it.each(samples)('$operation $name: $expectedCause', (sample) => {
    const { expectedCause, httpStatusCode, ...failure } = sample;
    const error = explainServiceError({ ...failure, statusCode: httpStatusCode });
    expect(error).toBeInstanceOf(EcshError);
    expect(error.code).toBe(CODES[expectedCause] ?? expectedCause);
    expect(error.exitCode).toBe(255);
  });

  it.each<[ServiceFailure, string]>([
    [{ name: 'Error', message: 'Region is missing' }, 'region-missing'],
    [
      {
        name: 'Error',
        message: 'Region not accepted: region="" is not a valid hostname component.',
      },
      'region-missing',
    ],
    [{ name: 'TokenProviderError', message: 'Token is expired.' }, 'credentials-expired'],
    [
      {
        name: 'CredentialsProviderError',
        message: 'The SSO session associated with this profile has expired.',
      },
      'credentials-expired',
    ],
    [
      {
        name: 'CredentialsProviderError',
        message: 'Could not load credentials from any providers',
      },
      'credentials-missing',
    ],
    [{ name: 'CredentialsProviderError', message: 'Profile is not valid' }, 'credentials-missing'],
    [{ name: 'ExpiredToken', message: 'x' }, 'credentials-expired'],
    [{ name: 'OptInRequired', message: 'x' }, 'region-not-enabled'],
    [{ name: 'InvalidSignatureException', message: 'Signature expired: 1 < 2' }, 'clock-skew'],
    [
      {
        name: 'SignatureDoesNotMatch',
        message: 'The request signature we calculated does not match',
      },
      'signature-mismatch',
    ],
    [{ name: 'RequestTimeTooSkewed', message: 'x' }, 'clock-skew'],
    [{ name: 'Error', message: 'x', code: 'EAI_AGAIN' }, 'endpoint-unreachable'],
    [{ name: 'Error', message: 'x', code: 'ECONNREFUSED' }, 'endpoint-unreachable'],
    [{ name: 'Error', message: 'x', code: 'EMFILE' }, 'too-many-open-files'],
    [{ name: 'TimeoutError', message: 'x' }, 'endpoint-unreachable'],
    [{ name: 'Error', message: 'x', code: 'SELF_SIGNED_CERT_IN_CHAIN' }, 'tls-untrusted'],
    [{ name: 'Error', message: 'x', code: 'CERT_HAS_EXPIRED' }, 'tls-untrusted'],
    [{ name: 'Error', message: 'x', code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' }, 'tls-untrusted'],
    [{ name: 'SyntaxError', message: 'Unexpected token <' }, 'answer-unreadable'],
    [
      { name: 'Error', message: '@aws-sdk XML parse error: unexpected content.' },
      'answer-unreadable',
    ],
    [{ name: 'TargetNotFoundException', message: 'x' }, 'target-not-connected'],
    [{ name: 'ServiceNotActiveException', message: 'x' }, 'service-not-active'],
    [{ name: 'InvalidParameterException', message: 'Invalid identifier' }, 'invalid-parameter'],
    [{ name: 'Strange', message: 'x', statusCode: 503 }, 'service-unavailable'],
    [{ name: 'Strange', message: 'x', statusCode: 400 }, 'aws-error'],
  ])('%j is %s', (failure, code) => {
    expect(explainServiceError(failure).code).toBe(code);
  });

  it.each<[string, ServiceFailure, string]>([
    [
      'the message of another error',
      { name: 'ClientException', message: 'Region is missing' },
      'request-refused',
    ],
    [
      'a known message under an unknown name',
      { name: 'Other', message: 'The maximum session limit of 2 has been reached' },
      'aws-error',
    ],
    [
      'a longer message that contains it',
      { name: 'Error', message: 'Region is missing an a' },
      'aws-error',
    ],
  ])('is not misled by %s', (_, failure, code) => {
    expect(explainServiceError(failure).code).toBe(code);
  });

  it('names both possible causes of InvalidParameterException, and keeps its text (O-3)', () => {
    const sample = samples.find((it) => it.expectedCause === 'exec-not-enabled-or-agent-down');
    const { name = '', message = '' } = sample ?? {};
    const cause = new Error(message);
    const error = explainServiceError({ name, message, cause });
    expect(name).toBe('InvalidParameterException');
    expect(error.message).toMatch(/^ECS Exec was off when .+ or its exec agent is not running\.$/);
    expect(error.cause).toBe(cause);
  });

  it('keeps the text of AWS if it has no explanation, and the cause', () => {
    const cause = new Error('original');
    const failure = { name: 'Strange', message: 'No luck', operation: 'ListTasks', cause };
    const error = explainServiceError(failure);
    expect(error.message).toBe('ListTasks: No luck (Strange)');
    expect(error.cause).toBe(cause);
  });
});

describe('a denial', () => {
  it.each([
    'a service control policy',
    'an identity-based policy',
    'a permissions boundary',
    'a session policy',
    'a VPC endpoint policy',
    'a resource-based policy',
  ])('names the explicit deny in %s', (source) => {
    const text = `${USER} ecs:ExecuteCommand on resource: ${CLUSTER} with an explicit deny in ${source}`;
    expect(explainServiceError(denied(text)).message).toBe(
      `arn:aws:iam::123456789012:user/jane may not ecs:ExecuteCommand on ${CLUSTER}: explicit deny in ${source}.`,
    );
  });

  it('names the kind of policy that is missing', () => {
    const text = `${USER} ecs:ListTasks on resource: * because no identity-based policy allows the ecs:ListTasks action`;
    expect(explainServiceError(denied(text))).toMatchObject({
      message:
        'arn:aws:iam::123456789012:user/jane may not ecs:ListTasks on *: no identity-based policy allows it.',
      hint: 'Allow ecs:ListTasks for the identity you are using, or choose another with --profile.',
    });
  });

  it('mentions that ecs:ExecuteCommand is needed on the cluster and the task', () => {
    const text = `${USER} ecs:ExecuteCommand on resource: ${CLUSTER}`;
    expect(explainServiceError(denied(text)).hint).toContain('both the cluster ARN and the task');
  });

  it.each([
    ['ecs:ExecuteCommand', CLUSTER, 'ecsh policy caller -C prod --profile ops'],
    [
      'kms:GenerateDataKey',
      'arn:aws:kms:r:1:key/1',
      'ecsh policy caller-kms --kms-key arn:aws:kms:r:1:key/1 --profile ops',
    ],
    ['ecs:UpdateService', '*', 'ecsh policy enable --profile ops'],
    ['ecs:UpdateCluster', CLUSTER, 'ecsh policy logging --profile ops'],
  ])('of %s names the policy that allows it', (action, resource, command) => {
    const text = `${USER} ${action} on resource: ${resource}`;
    const context = { cluster: 'prod', flags: { profile: 'ops' } };
    const { hint } = explainServiceError(denied(text), context);
    expect(hint).toContain(`\nThe policy for it:  ${command}`);
  });

  it('keeps the text of AWS if there is nothing else', () => {
    const failure = { ...denied('Access Denied'), operation: 'ListTasks' };
    expect(explainServiceError(failure).message).toBe('ListTasks was denied: Access Denied');
  });
});

describe('an agent that is not connected', () => {
  const failure = { name: 'TargetNotConnectedException', message: 'Try again later.' };

  it('is worth another try while the task is young', () => {
    expect(explainServiceError(failure, { taskAge: 59_000 }).retryable).toBe(true);
    expect(explainServiceError(failure, { taskAge: 61_000 }).retryable).toBe(false);
    expect(explainServiceError(failure).retryable).toBe(false);
  });

  it('is replaced through its service', () => {
    const context = { cluster: 'prod', service: 'web', task: 'prod/a1' };
    expect(explainServiceError(failure, context)).toMatchObject({
      message: 'The exec agent of task a1 is not connected to AWS.',
      hint: expect.stringMatching(/: {2}ecsh restart prod\/web$/),
    });
  });

  it('has a log to read if no cause is found', () => {
    const { hint } = explainServiceError(failure, { task: 'prod/0f9de17a', taskAge: 600_000 });
    expect(hint?.split('\n')[1]).toBe(
      'The log of the agent may tell more: on an EC2 instance in /var/log/ecs/exec/0f9de17a/CONTAINER/, in the container in /var/log/amazon/ssm/.',
    );
  });

  it('has no useful log in a task that has just started', () => {
    expect(
      explainServiceError(failure, { task: 'prod/0f9de17a', taskAge: 1_000 }).hint,
    ).not.toContain('/var/log');
  });
});

it('warns that a command may be running if ECS failed to answer', () => {
  const failure = { name: 'ServerException', message: 'x', operation: 'ExecuteCommand' };
  expect(explainServiceError(failure)).toMatchObject({
    retryable: false,
    hint: 'The command may have been started all the same. Check before you repeat it.',
  });
  expect(explainServiceError({ ...failure, operation: 'ListTasks' }).retryable).toBe(true);
});

it('names the session limit and a way to free a session', () => {
  const message =
    'Unable to start new execute sessions because the maximum session limit of 2 has been reached.';
  expect(explainServiceError({ name: 'ClientException', message })).toMatchObject({
    code: 'session-limit',
    message: 'The container has no room for another session (the limit is 2).',
    hint: 'Sessions of lost terminals end after 20 idle minutes. End one of yours:  ecsh sessions end ID\nSee who is in there:  ecsh sessions',
  });
});
