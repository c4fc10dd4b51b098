import { describe, expect, it } from 'vitest';
import { ChannelCipher } from '#protocol/channel-cipher.ts';
import type { ChannelEvent } from '#protocol/channel-event.ts';
import { DataChannel } from '#protocol/data-channel.ts';
import { readDataKey, readSession } from '#test/helpers/wire.ts';
import {
  acknowledgeFrame,
  decoded,
  handshakeCompleteFrame,
  handshakeRequestFrame,
  outputFrame,
  SHELL_ACTION,
  streamFrame,
} from './peer-frames.ts';

const START = 1_735_689_600_000;
const KMS_ACTION = { ActionType: 'KMSEncryption', ActionParameters: { KMSKeyId: 'the-key' } };

const notEncrypted: ChannelEvent = {
  type: 'failed',
  failure: {
    reason: 'encryption',
    message: 'it was to be encrypted with a KMS key, but the agent does not encrypt',
  },
};

describe.each([true, false])('the recorded session with KMS (known before: %s)', (isKnown) => {
  const key = readDataKey();
  const channel = open(isKnown);
  const events: ChannelEvent[] = [];
  for (const { direction, frame, at } of readSession('kms')) {
    if (direction !== 'agent->client' && direction !== 'mgs->client') continue;
    const now = START + at;
    const news = channel.receive(frame, now);
    events.push(...news);
    if (news.some(({ type }) => type === 'key-needed')) {
      events.push(...channel.provideKey({ ...key, plaintext: Buffer.from(key.plaintext) }, now));
    }
    if (news.some(({ type }) => type === 'input-ready')) {
      channel.sendInput(Buffer.from('exit\r'), now);
    }
  }
  const messages = channel.takeOutgoing().map(decoded);

  it('returns the exact output', () => {
    const output = events.flatMap((event) => (event.type === 'output' ? [event.data] : []));
    expect(Buffer.concat(output).toString('latin1')).toBe(
      '# ls /usr\r\n' +
        'bin  etc  games  include  lib  lib64  libexec  local  sbin  share  src\r\n' +
        '# stty size\r\n40 120\r\n# exit\r\n',
    );
    expect(events.filter(({ type }) => type === 'ignored')).toEqual([]);
    expect(events.at(-1)).toEqual({ type: 'closed', output: '', isComplete: true });
  });

  it('requests the key first, and accepts input last', () => {
    const request = {
      kmsKeyId: 'arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555',
      challenge: 'lf0wg0gkJwSB46Z4Rew92g==',
    };
    expect(events.slice(0, 3)).toEqual([
      { type: 'key-needed', request },
      { type: 'notice', text: expect.any(String) },
      { type: 'input-ready' },
    ]);
  });

  it('answers with the messages of the plugin, and encrypts the input', () => {
    const types = messages
      .filter(({ messageType }) => messageType === 'input_stream_data')
      .map(({ payloadType }) => payloadType);
    expect(types).toEqual([3, 6, 9, 3, 1]);
    const typed = messages.find(({ payloadType }) => payloadType === 1)?.payload;
    const plaintext = asAgent(key.plaintext).decrypt(typed ?? new Uint8Array());
    expect(Buffer.from(plaintext).toString()).toBe('exit\r');
  });

  it('proves in the challenge that it has the key', () => {
    const secrets = [...readSession('kms').map(({ frame }) => decoded(frame)), ...messages]
      .filter(({ payloadType }) => payloadType === 8 || payloadType === 9)
      .map(({ payloadType, payload }) => {
        const text = String(Reflect.get(JSON.parse(Buffer.from(payload).toString()), 'Challenge'));
        const cipher =
          payloadType === 8 ? new ChannelCipher(key.plaintext) : asAgent(key.plaintext);
        return Buffer.from(cipher.decrypt(Buffer.from(text, 'base64'))).toString('hex');
      });
    expect(secrets).toHaveLength(3);
    expect(new Set(secrets).size).toBe(1);
  });
});

/** A channel that has input to send, and an agent that does not encrypt. */
describe('no input is sent in plain text', () => {
  it.each([
    ['plain output', () => outputFrame(0, '$ ')],
    ['a handshake without KMS', () => handshakeRequestFrame(0)],
    ['only the end of a handshake', () => handshakeCompleteFrame(0)],
    ['an exit code', () => streamFrame({ sequenceNumber: 0, payloadType: 12, payload: '0' })],
    [
      'a message on stderr',
      () => streamFrame({ sequenceNumber: 0, payloadType: 11, payload: 'e' }),
    ],
  ])('if KMS is known to be on, and the agent sends %s', (_name, frame) => {
    const channel = open(true);
    channel.sendInput(Buffer.from('secret'), START);
    expect(channel.receive(frame(), START)).toEqual([notEncrypted]);
    expectSilence(channel);
  });

  it('if KMS is known to be on, and the agent sends only acknowledgements', () => {
    const channel = open(true);
    channel.sendInput(Buffer.from('secret'), START);
    channel.receive(acknowledgeFrame(0), START);
    expect(channel.tick(START + 14_999)).toEqual([]);
    expect(channel.nextDeadline()).toBe(START + 15_000);
    expect(channel.tick(START + 15_000)).toEqual([notEncrypted]);
    expectSilence(channel);
  });

  it.each([
    ['plain output', () => outputFrame(1, '$ ')],
    ['the end of the handshake', () => handshakeCompleteFrame(1)],
  ])('while the key is requested, and the agent sends %s', (_name, frame) => {
    const channel = open(false);
    channel.sendInput(Buffer.from('secret'), START);
    channel.receive(handshakeRequestFrame(0, [SHELL_ACTION, KMS_ACTION]), START);
    channel.receive(acknowledgeFrame(0), START);
    expect(channel.tick(START + 60_000)).toEqual([]);
    expect(channel.receive(frame(), START)).toEqual([notEncrypted]);
    expectSilence(channel);
  });

  it('if there is no key', () => {
    const channel = open(false);
    channel.sendInput(Buffer.from('secret'), START);
    channel.receive(handshakeRequestFrame(0, [SHELL_ACTION, KMS_ACTION]), START);
    channel.takeOutgoing();
    expect(channel.provideKey({ error: 'denied' }, START)).toEqual([
      { type: 'failed', failure: { reason: 'handshake', message: 'denied' } },
    ]);
    expect(channel.takeOutgoing().map((each) => decoded(each).payloadType)).toEqual([6]);
    expectSilence(channel);
  });
});

it('a repeated request requests no second key (checklist 8)', () => {
  const channel = open(false);
  const request = handshakeRequestFrame(0, [SHELL_ACTION, KMS_ACTION]);
  expect(channel.receive(request, START).map(({ type }) => type)).toEqual(['key-needed']);
  expect(channel.receive(request, START)).toEqual([]);
});

it('an answer after the end is ignored', () => {
  const channel = open(true);
  channel.receive(handshakeRequestFrame(0, [SHELL_ACTION, KMS_ACTION]), START);
  channel.takeOutgoing();
  channel.close();
  expect(channel.provideKey(readDataKey(), START)).toEqual([]);
  expectSilence(channel);
});

it('an undecryptable message is not acknowledged, and ends the session (4.4)', () => {
  const channel = open(true);
  const key = readDataKey();
  channel.receive(handshakeRequestFrame(0, [SHELL_ACTION, KMS_ACTION]), START);
  channel.provideKey(key, START);
  channel.receive(handshakeCompleteFrame(1), START);
  const good = asAgent(key.plaintext).encrypt(Buffer.from('good'));
  const events = channel.receive(streamFrame({ sequenceNumber: 2, payload: good }), START);
  expect(events).toEqual([{ type: 'output', data: Buffer.from('good'), stream: 'stdout' }]);
  channel.takeOutgoing();
  const bad = streamFrame({ sequenceNumber: 3, payload: good.subarray(1) });
  expect(channel.receive(bad, START).map(({ type }) => type)).toEqual(['failed']);
  expect(channel.takeOutgoing()).toEqual([]);
});

function open(requiresEncryption: boolean): DataChannel {
  const channel = new DataChannel({
    token: 'token',
    size: { cols: 80, rows: 24 },
    requiresEncryption,
  });
  channel.open(START);
  return channel;
}

/** Asserts that no input message leaves the channel after any later event. */
function expectSilence(channel: DataChannel): void {
  channel.sendInput(Buffer.from('more'), START);
  channel.tick(START + 120_000);
  channel.reopen('again', START + 120_000);
  const typed = channel
    .takeOutgoing()
    .map(decoded)
    .filter(({ payloadType, messageType }) => {
      return messageType === 'input_stream_data' && payloadType === 1;
    });
  expect(typed).toEqual([]);
  expect(channel.nextDeadline()).toBeUndefined();
}

function asAgent(dataKey: Uint8Array): ChannelCipher {
  return new ChannelCipher(Buffer.concat([dataKey.subarray(32), dataKey.subarray(0, 32)]));
}
