import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeMessage } from '#protocol/message-codec.ts';
import {
  ActionStatus,
  decodeAcknowledgement,
  decodeChallenge,
  decodeChannelClosed,
  decodeExitCode,
  decodeFlag,
  decodeHandshakeComplete,
  decodeHandshakeRequest,
  decodeSize,
  encodeAcknowledgement,
  encodeFlag,
  encodeHandshakeResponse,
  encodeSize,
  FlagValue,
  PayloadError,
} from '#protocol/payload.ts';
import { rounds } from '#test/helpers/rounds.ts';
import { VECTORS } from '#test/helpers/wire.ts';

describe('size (3.4)', () => {
  it.each([
    [{ cols: 80, rows: 24 }, '{"cols":80,"rows":24}'],
    [{ cols: 1, rows: 65_535 }, '{"cols":1,"rows":65535}'],
    [{ cols: 0, rows: -3 }, '{"cols":1,"rows":1}'],
    [{ cols: 65_536, rows: 1e9 }, '{"cols":65535,"rows":65535}'],
    [{ cols: 80.9, rows: 24.1 }, '{"cols":80,"rows":24}'],
    [{ cols: Number.NaN, rows: Number.POSITIVE_INFINITY }, '{"cols":1,"rows":65535}'],
  ])('writes %o as %s (T-4)', (size, text) => {
    expect(utf8(encodeSize(size))).toBe(text);
  });

  it('is always one that the agent can apply', () => {
    fc.assert(
      fc.property(fc.double(), fc.double(), (cols, rows) => {
        const size = decodeSize(encodeSize({ cols, rows }));
        for (const side of [size.cols, size.rows]) {
          expect(side).toBe(Math.min(65_535, Math.max(1, side)));
        }
      }),
      { seed: 1, numRuns: rounds(300) },
    );
  });

  it('reads the size of another implementation', () => {
    expect(decodeSize(payloadOf('size-first'))).toEqual({ cols: 80, rows: 24 });
  });

  it.each([
    '',
    '{',
    '[]',
    'null',
    '7',
    '{"cols":80}',
    '{"cols":"80","rows":24}',
    '{"cols":1.5,"rows":2}',
  ])('refuses %j', (text) => {
    expect(() => decodeSize(bytes(text))).toThrow(PayloadError);
  });
});

describe('acknowledge (3.1)', () => {
  it('is encoded like by the other implementations (M-2)', () => {
    const output = decodeMessage(frameOf('output-first-syn'));
    expect(utf8(encodeAcknowledgement(output))).toBe(utf8(payloadOf('ack-output-0')));
  });

  it.each([0, 9, 10, 99, 100, 1_234_567_890, Number.MAX_SAFE_INTEGER])(
    'has the number %d',
    (sequenceNumber) => {
      const output = { ...decodeMessage(frameOf('output-first-syn')), sequenceNumber };
      expect(decodeAcknowledgement(encodeAcknowledgement(output))).toEqual({
        messageType: output.messageType,
        messageId: output.messageId,
        sequenceNumber,
      });
    },
  );

  it('contains the acknowledged message', () => {
    expect(decodeAcknowledgement(payloadOf('ack-input-1'))).toEqual({
      messageType: 'input_stream_data',
      messageId: '8f14e45f-ceea-467f-a9d1-0123456789ab',
      sequenceNumber: 1,
    });
  });

  it('requires only the sequence number, like the peers', () => {
    expect(decodeAcknowledgement(bytes('{"AcknowledgedMessageSequenceNumber":7,"X":[]}'))).toEqual({
      messageType: '',
      messageId: '',
      sequenceNumber: 7,
    });
  });

  it.each([
    '{}',
    '{"AcknowledgedMessageSequenceNumber":-1}',
    '{"AcknowledgedMessageSequenceNumber":"1"}',
    '{"AcknowledgedMessageSequenceNumber":1e300}',
    'acknowledged',
  ])('refuses %s', (text) => {
    expect(() => decodeAcknowledgement(bytes(text))).toThrow(PayloadError);
  });
});

describe('handshake (3.5)', () => {
  it.each([
    ['handshake-request-shell', [['SessionType', 'InteractiveCommands']]],
    [
      'handshake-request-kms',
      [
        ['SessionType', 'InteractiveCommands'],
        ['KMSEncryption', undefined],
      ],
    ],
    ['handshake-request-port', [['SessionType', 'Port']]],
  ])('reads the actions of %s', (name, actions) => {
    const request = decodeHandshakeRequest(payloadOf(name));
    expect(request.agentVersion).toMatch(/^3\.3\./);
    expect(request.actions.map(({ type, parameters }) => [type, parameters.SessionType])).toEqual(
      actions,
    );
  });

  it('treats an action without parameters as one with none', () => {
    const text = '{"RequestedClientActions":[{"ActionType":"X","ActionParameters":null},{}]}';
    expect(decodeHandshakeRequest(bytes(text))).toEqual({
      agentVersion: '',
      actions: [
        { type: 'X', parameters: {} },
        { type: '', parameters: {} },
      ],
    });
  });

  it.each([
    '{}',
    '{"RequestedClientActions":null}',
    '{"RequestedClientActions":[null]}',
    '{"RequestedClientActions":["a"]}',
    '\u0000',
  ])('refuses the request %j', (text) => {
    expect(() => decodeHandshakeRequest(bytes(text))).toThrow(PayloadError);
  });

  it('encodes the response like the plugin (M-2)', () => {
    const response = utf8(payloadOf('handshake-response'));
    const action = {
      type: 'SessionType',
      status: ActionStatus.success,
      result: null,
      error: '',
    };
    const [version] = /\d+(\.\d+){3}/.exec(response) ?? [''];
    expect(utf8(encodeHandshakeResponse(version, [action]))).toBe(response);
  });

  it.each([
    ['{"HandshakeTimeToComplete":1,"CustomerMessage":"Hello"}', 'Hello'],
    ['{"HandshakeTimeToComplete":1,"CustomerMessage":""}', ''],
    ['{"CustomerMessage":null}', ''],
    ['{}', ''],
  ])('reads the customer message of %s', (text, message) => {
    expect(decodeHandshakeComplete(bytes(text))).toBe(message);
  });
});

describe('channel_closed (3.2)', () => {
  it.each([
    ['channel-closed-112', /^$/],
    ['channel-closed-112-error', /^.{20}/s],
    ['channel-closed-116', /^$/],
  ])('reads the output of %s', (name, output) => {
    expect(decodeChannelClosed(payloadOf(name))).toMatch(output);
  });

  it.each(['{"Output":null}', '{}', '{"Output":7}'])('treats %s as no output', (text) => {
    expect(decodeChannelClosed(bytes(text))).toBe('');
  });
});

describe('flag (3.6)', () => {
  it.each([
    ['flag-terminate', FlagValue.terminateSession],
    ['flag-disconnect', FlagValue.disconnectToPort],
    ['flag-connect-error', FlagValue.connectToPortError],
  ])('%s is four bytes, big-endian', (name, value) => {
    expect(decodeFlag(payloadOf(name))).toBe(value);
    expect(Buffer.from(encodeFlag(value))).toEqual(Buffer.from(payloadOf(name)));
  });

  it.each([0, 3, 5])('refuses %i bytes', (length) => {
    expect(() => decodeFlag(new Uint8Array(length))).toThrow(PayloadError);
  });
});

describe('exit code (3.7)', () => {
  it.each([
    ['EXIT_CODE: 0', 0],
    ['EXIT_CODE: 255', 255],
    ['EXIT_CODE: -1', -1],
    ['EXIT_CODE: ', undefined],
    ['exit_code: 1', undefined],
    ['', undefined],
  ])('reads %j as %s (M-8)', (text, exitCode) => {
    expect(decodeExitCode(bytes(text))).toBe(exitCode);
  });

  it('reads the exit code of another implementation', () => {
    expect(decodeExitCode(payloadOf('exit-code'))).toBe(3);
  });
});

describe('an unknown field (M-1)', () => {
  it.each<[string, (payload: Uint8Array) => unknown, string]>([
    ['size', decodeSize, '"cols":80,"rows":24'],
    ['acknowledge', decodeAcknowledgement, '"AcknowledgedMessageSequenceNumber":7'],
    ['handshake request', decodeHandshakeRequest, '"RequestedClientActions":[]'],
    ['handshake complete', decodeHandshakeComplete, '"CustomerMessage":"Hello"'],
    ['challenge', decodeChallenge, '"Challenge":"eA=="'],
    ['channel_closed', decodeChannelClosed, '"Output":"bye"'],
  ])('does not change %s', (_, decode, fields) => {
    const known = decode(bytes(`{${fields}}`));
    expect(decode(bytes(`{"X":{"Output":1},${fields},"y":[null]}`))).toEqual(known);
  });
});

describe('any payload', () => {
  const decoders = {
    decodeSize,
    decodeAcknowledgement,
    decodeHandshakeRequest,
    decodeHandshakeComplete,
    decodeChannelClosed,
    decodeFlag,
  };

  it.each(Object.entries(decoders))('makes %s return or throw a PayloadError', (_, decode) => {
    const payload = fc.oneof(
      fc.uint8Array({ maxLength: 100 }),
      fc.json().map(bytes),
      fc.jsonValue().map((value) => bytes(JSON.stringify({ RequestedClientActions: value }))),
    );
    fc.assert(
      fc.property(payload, (data) => {
        try {
          decode(data);
        } catch (error) {
          expect(error).toBeInstanceOf(PayloadError);
        }
      }),
      { seed: 2, numRuns: rounds(300) },
    );
  });
});

function frameOf(name: string): Uint8Array {
  const vector = VECTORS.find((candidate) => candidate.name === name);
  if (vector === undefined) throw new Error(`no vector ${name}`);
  return vector.frame;
}

function payloadOf(name: string): Uint8Array {
  return decodeMessage(frameOf(name)).payload;
}

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function utf8(payload: Uint8Array): string {
  return new TextDecoder().decode(payload);
}
