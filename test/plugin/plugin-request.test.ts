import { describe, expect, it } from 'vitest';
import { readPluginRequest } from '#plugin/plugin-request.ts';

const SESSION = { sessionId: 's-1', streamUrl: 'wss://x/s-1', tokenValue: 't' };
const SSM_SPELLING = { SessionId: 's-1', StreamUrl: 'wss://x/s-1', TokenValue: 't' };
const TARGET = '{"Target":"ecs:demo_1_2"}';

describe('the arguments of session-manager-plugin', () => {
  it.each([
    ['nothing', [], { kind: 'banner' }],
    ['--version', ['--version'], { kind: 'version' }],
    ['one argument', ['Chat'], { kind: 'unknown-operation', operation: 'Chat' }],
    ['two arguments', ['--version', 'x'], { kind: 'unknown-operation', operation: '--version' }],
    ['another operation', ['{}', 'region', 'ResumeSession'], { kind: 'invalid-operation' }],
    [
      'a response that is cut off',
      ['{"SessionId":', 'region', 'StartSession'],
      { kind: 'unreadable', reason: 'unexpected end of JSON input' },
    ],
    [
      'a response without a token',
      ['{"SessionId":"s","StreamUrl":"wss://x"}', 'region', 'StartSession'],
      { kind: 'unreadable', reason: 'the response has no TokenValue' },
    ],
    [
      'a variable that is not set',
      ['AWS_SSM_START_SESSION_RESPONSE_7', 'region', 'StartSession'],
      { kind: 'unreadable', reason: 'unexpected end of JSON input' },
    ],
  ])('are read: %s', (_name, words, request) => {
    expect(readPluginRequest(words, {})).toEqual(request);
  });

  it.each([
    ['the AWS CLI for ECS', JSON.stringify(SESSION)],
    ['other tools', JSON.stringify(SSM_SPELLING)],
    ['the AWS CLI for SSM', 'AWS_SSM_START_SESSION_RESPONSE'],
  ])('are a session as passed by %s', (_name, response) => {
    const words = [response, 'eu-west-1', 'StartSession', 'dev', TARGET, 'https://ssm.example'];
    const env = { AWS_SSM_START_SESSION_RESPONSE: JSON.stringify(SSM_SPELLING) };
    expect(readPluginRequest(words, env)).toEqual({
      kind: 'session',
      session: {
        ...SESSION,
        targetId: 'ecs:demo_1_2',
        region: 'eu-west-1',
        profile: 'dev',
        endpoint: 'https://ssm.example',
      },
    });
  });

  it.each([
    ['the four arguments of old versions', []],
    ['no profile and a request that is not JSON', ['', 'none', '']],
  ])('may lack arguments that most sessions do not need: %s', (_name, more) => {
    const words = [JSON.stringify(SESSION), 'eu-west-1', 'StartSession', ...more];
    expect(readPluginRequest(words, {})).toEqual({
      kind: 'session',
      session: {
        ...SESSION,
        targetId: '',
        region: 'eu-west-1',
        profile: undefined,
        endpoint: undefined,
      },
    });
  });
});
