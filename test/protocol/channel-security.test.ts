import { beforeEach, describe, expect, it } from 'vitest';
import { ChannelCipher } from '#protocol/channel-cipher.ts';
import { ChannelSecurity } from '#protocol/channel-security.ts';
import { SHELL_ACTION } from './peer-frames.ts';

const DATA_KEY = new Uint8Array(64).map((_, index) => index);
const agent = new ChannelCipher(Buffer.concat([DATA_KEY.subarray(32), DATA_KEY.subarray(0, 32)]));
const KEY = { plaintext: DATA_KEY, ciphertext: Uint8Array.of(1, 2, 3) };
const SECRET = Buffer.from('secret');

const notEncrypted = {
  failure: {
    reason: 'encryption',
    message: 'it was to be encrypted with a KMS key, but the agent does not encrypt',
  },
};

const wrongKey = {
  failure: {
    reason: 'encryption',
    message: 'the agent sent a payload that our key does not open',
  },
};

let security: ChannelSecurity;

/** The client does not know yet whether the cluster has a key. */
beforeEach(() => {
  security = new ChannelSecurity(false);
});

describe('the key exchange', () => {
  it.each([
    ['without a challenge', {}, undefined, {}],
    ['with an empty challenge', { Challenge: '' }, undefined, {}],
    ['with a challenge', { Challenge: 'cg==' }, 'cg==', { ChallengeAcknowledgement: true }],
  ])('requests a key and returns it %s (K-1)', (_name, more, challenge, acknowledgement) => {
    expect(security.begin(request(kms(more)))).toEqual({
      keyRequest: { kmsKeyId: 'the-key', challenge },
    });
    expect(actionsOf(security.provideKey(KEY))).toEqual([
      { ActionType: 'SessionType', ActionStatus: 1, ActionResult: null, Error: '' },
      {
        ActionType: 'KMSEncryption',
        ActionStatus: 1,
        ActionResult: { KMSCipherTextKey: 'AQID', KMSCipherTextHash: null, ...acknowledgement },
        Error: '',
      },
    ]);
    expect(security.complete()).toEqual({});
  });

  it.each([
    ['KMS denies it', { error: 'Not you.' }, 'Not you.'],
    [
      'it has the wrong length (K-3)',
      { ...KEY, plaintext: new Uint8Array(32) },
      'a data key of 32 bytes',
    ],
  ])('answers with status 2 and fails if %s', (_name, key, message) => {
    security.begin(request(kms()));
    const step = security.provideKey(key);
    expect(actionsOf(step)[1]).toEqual({
      ActionType: 'KMSEncryption',
      ActionStatus: 2,
      ActionResult: null,
      Error: message,
    });
    expect(step.failure).toEqual({ reason: 'handshake', message });
    expect(security.complete()).toEqual(notEncrypted);
  });

  it('accepts a key once, and only if it requested one', () => {
    expect(security.provideKey(KEY)).toEqual({});
    security.begin(request(kms()));
    security.provideKey(KEY);
    expect(security.provideKey(KEY)).toEqual({});
  });
});

describe('the challenge (6.3)', () => {
  it('is answered with the same secret, encrypted by the client', () => {
    encrypted();
    const { send } = security.answerChallenge(challenge(agent.encrypt(SECRET)));
    expect(send?.payloadType).toBe(9);
    const answer: unknown = JSON.parse(Buffer.from(send?.payload ?? []).toString());
    const text = String(Reflect.get(Object(answer), 'Challenge'));
    expect(Buffer.from(agent.decrypt(Buffer.from(text, 'base64')))).toEqual(SECRET);
  });

  it.each([
    ['there is no encryption', challenge(SECRET)],
    ['the key has been requested', challenge(SECRET)],
  ])('is ignored while %s', (name, payload) => {
    if (name.startsWith('the key')) security.begin(request(kms()));
    expect(security.answerChallenge(payload)).toEqual({ ignored: 'a challenge out of place' });
  });

  it.each([
    ['another key', challenge(new ChannelCipher(new Uint8Array(64)).encrypt(SECRET)), wrongKey],
    [
      "the client's own half of the key",
      challenge(new ChannelCipher(DATA_KEY).encrypt(SECRET)),
      wrongKey,
    ],
    [
      'nothing',
      challenge(Uint8Array.of(1)),
      {
        failure: {
          reason: 'encryption',
          message: 'the agent sent an encrypted payload of 1 bytes',
        },
      },
    ],
  ])('encrypted with %s ends the session at once (checklist 12)', (_name, payload, step) => {
    encrypted();
    expect(security.answerChallenge(payload)).toEqual(step);
  });

  it('is ignored if it cannot be decoded', () => {
    encrypted();
    expect(security.answerChallenge(Buffer.from('{'))).toHaveProperty('ignored');
  });
});

describe('payloads', () => {
  it('are plain in both directions in a session without encryption', () => {
    expect(security.seal(SECRET)).toBe(SECRET);
    expect(security.open(SECRET)).toBe(SECRET);
  });

  it('are encrypted in both directions when there is a key', () => {
    encrypted();
    expect(Buffer.from(agent.decrypt(security.seal(SECRET)))).toEqual(SECRET);
    expect(security.open(agent.encrypt(SECRET))).toEqual(SECRET);
  });

  it.each([
    ['in plain text', Buffer.from('a plain text that is long enough for a nonce and a tag')],
    ['under another key', new ChannelCipher(new Uint8Array(64)).encrypt(SECRET)],
  ])('%s are rejected when there is a key', (_name, payload) => {
    encrypted();
    expect(security.open(payload)).toEqual(wrongKey);
  });

  it('cannot be decrypted after the key is wiped (K-3)', () => {
    encrypted();
    const sealed = agent.encrypt(SECRET);
    security.wipe();
    expect(security.open(sealed)).toEqual(wrongKey);
  });
});

/** All ways in which an agent can omit encryption where it is required. */
describe('a session that requires encryption', () => {
  const ways: readonly [string, (required: ChannelSecurity) => unknown][] = [
    ['plain output', (required) => required.open(SECRET)],
    ['a handshake without KMS', (required) => required.begin(request())],
    ['a handshake that completes before it began', (required) => required.complete()],
    ['no handshake at all', (required) => required.complete()],
  ];

  it.each(ways)('fails on %s, and sends no answer', (_name, misbehave) => {
    const required = new ChannelSecurity(true);
    expect(misbehave(required)).toEqual(notEncrypted);
    expect(() => required.seal(SECRET)).toThrow('before there is a key');
  });

  it.each(ways.filter(([name]) => !name.includes('without')))(
    'is required as soon as the agent asks for a key: fails on %s',
    (_name, misbehave) => {
      security.begin(request(kms()));
      expect(misbehave(security)).toEqual(notEncrypted);
      expect(() => security.seal(SECRET)).toThrow('before there is a key');
    },
  );
});

function encrypted(): void {
  security.begin(request(kms()));
  security.provideKey(KEY);
}

function kms(more: object = {}): object {
  return { ActionType: 'KMSEncryption', ActionParameters: { KMSKeyId: 'the-key', ...more } };
}

function request(...actions: readonly object[]): Uint8Array {
  const body = { AgentVersion: '3.3', RequestedClientActions: [SHELL_ACTION, ...actions] };
  return Buffer.from(JSON.stringify(body));
}

function challenge(secret: Uint8Array): Uint8Array {
  return Buffer.from(JSON.stringify({ Challenge: Buffer.from(secret).toString('base64') }));
}

function actionsOf({ send }: ReturnType<ChannelSecurity['provideKey']>): readonly unknown[] {
  expect(send?.payloadType).toBe(6);
  const response: unknown = JSON.parse(Buffer.from(send?.payload ?? []).toString());
  const actions: unknown = Reflect.get(Object(response), 'ProcessedClientActions');
  return Array.isArray(actions) ? actions : [];
}
