import { describe, expect, it } from 'vitest';
import { createHandshakeReply, type KeyAnswer, keyRequestOf } from '#protocol/handshake.ts';
import type { RequestedAction } from '#protocol/payload.ts';

const ok = { ActionStatus: 1, ActionResult: null, Error: '' };
const unknown = { ActionStatus: 3, ActionResult: null };

describe('the answer to a handshake request', () => {
  it.each(['Standard_Stream', 'InteractiveCommands', 'NonInteractiveCommands'])(
    'takes part in a %s session (S-4)',
    (sessionType) => {
      expect(reply([shell(sessionType)])).toEqual({
        actions: [{ ActionType: 'SessionType', ...ok }],
        refusal: undefined,
      });
    },
  );

  it.each([
    ['Port', 'ecsh cannot take part in a Port session'],
    ['interactivecommands', 'ecsh cannot take part in a interactivecommands session'],
    [undefined, 'ecsh cannot take part in a undefined session'],
  ])('answers the session type %s with status 2 (S-4)', (sessionType, error) => {
    expect(reply([shell(sessionType)])).toEqual({
      actions: [{ ActionType: 'SessionType', ActionStatus: 2, ActionResult: null, Error: error }],
      refusal: error,
    });
  });

  it('takes part in the forwarding of a port (7.2)', () => {
    expect(portReply(port())).toBeUndefined();
    expect(portReply(port(), '3.1.1512.0')).toBeUndefined();
    expect(portReply(port(), '3.10.0.0')).toBeUndefined();
  });

  it.each(['3.1.1511.0', '3.0.196.0', '2.3.722.0', '3.1.99.0'])(
    'refuses to forward through the agent %s, which is too old (P-1)',
    (version) => {
      expect(portReply(port(), version)).toBe(
        `the SSM agent ${version} is too old to forward ports: it has to be newer than 3.1.1511.0`,
      );
    },
  );

  it.each([
    [
      shell('InteractiveCommands'),
      'the agent opened a InteractiveCommands session, not one of a port',
    ],
    [port({ portNumber: '22' }), 'the agent does not forward ports but "undefined"'],
    [port(null), 'the agent does not forward ports but "undefined"'],
  ])('refuses any session other than a port if it wants one: %j', (action, error) => {
    expect(portReply(action)).toBe(error);
  });

  it('answers an unknown action with status 3 and a message (M-7)', () => {
    const error = 'ecsh does not know the action Dance';
    expect(reply([{ type: 'Dance', parameters: {} }])).toEqual({
      actions: [{ ActionType: 'Dance', ActionStatus: 3, ActionResult: null, Error: error }],
      refusal: error,
    });
  });

  it('answers every action, in order, and names the first refusal (M-7)', () => {
    const actions = [
      { type: 'A', parameters: {} },
      shell('InteractiveCommands'),
      { type: 'B', parameters: {} },
    ];
    expect(reply(actions)).toEqual({
      actions: [
        { ...unknown, ActionType: 'A', Error: 'ecsh does not know the action A' },
        { ...ok, ActionType: 'SessionType' },
        { ...unknown, ActionType: 'B', Error: 'ecsh does not know the action B' },
      ],
      refusal: 'ecsh does not know the action A',
    });
  });

  it('answers an empty request with an empty answer', () => {
    expect(reply([])).toEqual({ actions: [], refusal: undefined });
  });

  it.each([
    ['without a challenge', {}, {}],
    ['with an empty challenge', { Challenge: '' }, {}],
    ['with a challenge (K-1)', { Challenge: 'cmFuZG9t' }, { ChallengeAcknowledgement: true }],
  ])('returns the data key %s', (_name, parameters, acknowledgement) => {
    const result = { KMSCipherTextKey: 'AQID', KMSCipherTextHash: null, ...acknowledgement };
    const key = { ciphertext: Uint8Array.of(1, 2, 3) };
    expect(reply([shell('InteractiveCommands'), encryption(parameters)], key)).toEqual({
      actions: [
        { ...ok, ActionType: 'SessionType' },
        { ...ok, ActionType: 'KMSEncryption', ActionResult: result },
      ],
      refusal: undefined,
    });
  });

  it.each([
    ['KMS denies it', { error: 'denied' }, 'denied'],
    ['none was requested', undefined, 'there is no data key'],
  ])('answers with status 2 if there is no data key: %s', (_name, key, error) => {
    expect(reply([encryption({})], key)).toEqual({
      actions: [{ ActionType: 'KMSEncryption', ActionStatus: 2, ActionResult: null, Error: error }],
      refusal: error,
    });
  });

  it('contains the client version', () => {
    const { payload } = createHandshakeReply(
      { agentVersion: '3', actions: [] },
      '1.2.764.0',
      undefined,
    );
    expect(new TextDecoder().decode(payload)).toBe(
      '{"ClientVersion":"1.2.764.0","ProcessedClientActions":[],"Errors":null}',
    );
  });
});

describe('the key in a handshake request', () => {
  it.each([
    ['none', [shell('InteractiveCommands')], undefined],
    ['a key', [encryption({ KMSKeyId: 'k' })], { kmsKeyId: 'k', challenge: undefined }],
    [
      'a key with a challenge',
      [shell('InteractiveCommands'), encryption({ KMSKeyId: 'k', Challenge: 'c' })],
      { kmsKeyId: 'k', challenge: 'c' },
    ],
    [
      'a key that is not a string',
      [encryption({ KMSKeyId: 7, Challenge: 7 })],
      { kmsKeyId: '', challenge: undefined },
    ],
  ])('is %s', (_name, actions, expected) => {
    expect(keyRequestOf({ agentVersion: '3', actions })).toEqual(expected);
  });
});

function encryption(parameters: object): RequestedAction {
  return { type: 'KMSEncryption', parameters: { ...parameters } };
}

function shell(sessionType: string | undefined): RequestedAction {
  return { type: 'SessionType', parameters: { SessionType: sessionType, Properties: null } };
}

function port(properties: object | null = { portNumber: '80', type: 'LocalPortForwarding' }) {
  return { type: 'SessionType', parameters: { SessionType: 'Port', Properties: properties } };
}

/** Returns the reason for the refusal, or undefined. */
function portReply(action: RequestedAction, agentVersion = '3.3.987.0'): string | undefined {
  const request = { agentVersion, actions: [action] };
  return createHandshakeReply(request, '1.2.764.0', undefined, 'port').refusal;
}

function reply(actions: readonly RequestedAction[], key?: KeyAnswer) {
  const { payload, refusal } = createHandshakeReply(
    { agentVersion: '3.3.0.0', actions },
    '1.2.764.0',
    key,
  );
  const response: Record<string, unknown> = JSON.parse(new TextDecoder().decode(payload));
  return { actions: response.ProcessedClientActions, refusal };
}
