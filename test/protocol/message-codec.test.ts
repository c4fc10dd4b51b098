import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AgentMessage, MessageType, PayloadType } from '#protocol/message.ts';
import {
  decodeMessage,
  encodeMessage,
  encodeTemplate,
  FrameError,
  stampMessage,
} from '#protocol/message-codec.ts';
import { mutate } from '#test/helpers/mutation.ts';
import { decodeNaive, encodeNaive } from '#test/helpers/naive-codec.ts';
import { Random } from '#test/helpers/random.ts';
import { rounds } from '#test/helpers/rounds.ts';
import { INVALID_VECTORS, VECTORS, type Vector } from '#test/helpers/wire.ts';

const MUTATIONS = 20_000;
const HELLO: AgentMessage = {
  messageType: 'input_stream_data',
  createdDate: 1_735_689_600_123,
  sequenceNumber: 0,
  flags: 0,
  messageId: '00112233-4455-4677-8899-aabbccddeeff',
  payloadType: PayloadType.output,
  payload: new Uint8Array(Buffer.from('hello')),
};

describe('frames of other implementations', () => {
  it.each(VECTORS)('decodes $name to its fields (F-1, F-4)', (vector) => {
    expect(decoded(vector.frame)).toEqual(fieldsOf(vector));
  });

  it.each(VECTORS.filter(isCanonical))(
    'encodes the fields of $name to the same bytes',
    (vector) => {
      expect(hex(encodeMessage(fieldsOf(vector)))).toBe(hex(vector.frame));
    },
  );

  it("pads the type on the right regardless of the peer's padding (F-2, F-9)", () => {
    const vector = vectorNamed('type-nul-left-padded');
    expect(hex(encodeMessage(decodeMessage(vector.frame)))).toBe(
      hex(vectorNamed('size-first-syn').frame),
    );
  });

  it.each(VECTORS)('reads $name like the second codec', ({ frame }) => {
    expect(decoded(frame)).toEqual(decodeNaive(frame));
  });

  it.each(VECTORS)('refuses $name truncated at any byte', ({ frame, headerLength }) => {
    for (let length = 0; length < frame.length; length++) {
      const isHeaderCut = length < Math.max(116, headerLength + 4);
      expect(decoded(frame.subarray(0, length))).toBe(isHeaderCut ? 'truncated' : 'payload-length');
    }
  });

  it.each(VECTORS)('ignores surplus bytes after $name (F-10)', (vector) => {
    for (const surplus of ['00', '20', 'ff'.repeat(200), hex(vector.frame)]) {
      const frame = Buffer.concat([vector.frame, Buffer.from(surplus, 'hex')]);
      expect(decoded(frame)).toEqual(fieldsOf(vector));
    }
  });

  it('reads a frame inside a larger buffer', () => {
    const { frame } = vectorNamed('stdin-ls');
    const buffer = Buffer.concat([Buffer.alloc(13, 0xee), frame, Buffer.alloc(7, 0xee)]);
    expect(decoded(buffer.subarray(13, 13 + frame.length))).toEqual(decoded(frame));
  });
});

describe('frames that break the rules', () => {
  it.each(INVALID_VECTORS)('refuses $name as $error', ({ frame, error }) => {
    expect(decoded(frame)).toBe(error);
    expect(decodeNaive(frame)).toBe(error);
  });

  it.each([
    ['an empty frame', Buffer.alloc(0), 'truncated'],
    ['a header length of 111', withUint32(0, 111), 'header-length'],
    ['a header length just past the end', withUint32(0, 122), 'header-length'],
    ['a payload of 4 GiB', withUint32(116, 0xffff_ffff), 'payload-length'],
    [
      'a type of NULs and blanks only',
      withBytes(4, Buffer.from('\0 \t\r\n'.padEnd(32))),
      'message-type',
    ],
    ['a negative sequence number', withBytes(48, Buffer.alloc(8, 0xff)), 'sequence-number'],
    [
      'a sequence number of 2^53',
      withBytes(48, Buffer.from('0020000000000000', 'hex')),
      'sequence-number',
    ],
    ['one wrong bit in the digest', withBytes(80, Buffer.from([0])), 'digest'],
  ])('refuses %s', (_, frame, reason) => {
    expect(decoded(frame)).toBe(reason);
  });

  it.each([
    ['the largest sequence number', withBytes(48, Buffer.from('001fffffffffffff', 'hex'))],
    ['unknown flags (F-15)', withBytes(56, Buffer.alloc(8, 0xff))],
    ['another schema version', withUint32(36, 7)],
  ])('accepts %s', (_, frame) => {
    expect(decoded(frame)).toEqual(decodeNaive(frame));
    expect(decoded(frame)).toMatchObject({ messageType: 'input_stream_data' });
  });

  it.each(['start_publication', 'pause_publication'])(
    'accepts %s with any digest (F-11)',
    (type) => {
      const frame = Buffer.from(
        encodeMessage({ ...HELLO, messageType: type, payloadType: undefined }),
      );
      frame.fill(0, 80, 112);
      expect(decoded(frame)).toMatchObject({ messageType: type });
    },
  );

  it('verifies the digest of channel_closed, even though the service creates it (F-11)', () => {
    const frame = Buffer.from(vectorNamed('channel-closed-112').frame);
    frame.fill(0, 80, 112);
    expect(decoded(frame)).toBe('digest');
  });

  it.each([113, 114, 115, 117, 200])(
    'reads the payload at header length %i (F-8)',
    (headerLength) => {
      const header = Buffer.alloc(headerLength + 4);
      Buffer.from(encodeMessage(HELLO)).copy(header, 0, 0, Math.min(headerLength, 116));
      header.writeUInt32BE(headerLength, 0);
      header.writeUInt32BE(5, headerLength);
      const frame = Buffer.concat([header, Buffer.from('hello')]);
      expect(decoded(frame)).toEqual({
        ...HELLO,
        payloadType: headerLength < 116 ? undefined : PayloadType.output,
      });
    },
  );
});

describe('a message that cannot be encoded', () => {
  it.each([
    ['an empty payload (F-5)', { payload: new Uint8Array() }, 'empty-payload'],
    ['an empty type (F-12)', { messageType: '' }, 'message-type'],
    ['a type of 33 characters', { messageType: 'x'.repeat(33) }, 'message-type'],
    ['no date (F-12)', { createdDate: 0 }, 'created-date'],
    ['a sequence number of 2^53 (F-7)', { sequenceNumber: 2 ** 53 }, 'sequence-number'],
    ['a negative sequence number', { sequenceNumber: -1 }, 'sequence-number'],
    ['an id that is not a UUID', { messageId: 'f00' }, 'message-id'],
  ])('refuses %s', (_, change, reason) => {
    expect(reasonOf(() => encodeMessage({ ...HELLO, ...change }))).toBe(reason);
  });

  it('truncates fractions of the time', () => {
    const frame = encodeMessage({ ...HELLO, createdDate: HELLO.createdDate + 0.75 });
    expect(hex(frame)).toBe(hex(encodeMessage(HELLO)));
  });
});

describe('a frame made from a template', () => {
  const { payload, ...rest } = HELLO;
  const template = encodeTemplate({ ...rest, createdDate: 1 });

  it('has its own date, id and payload in the frame of the template', () => {
    const { messageId, ...fields } = decodeMessage(
      stampMessage(template, HELLO.createdDate, payload),
    );
    expect({ ...fields, payload: new Uint8Array(fields.payload), messageId }).toEqual({
      ...HELLO,
      messageId,
    });
  });

  it('has a new id each time', () => {
    const frames = [1, 2, 3].map((now) => stampMessage(template, now, payload));
    const ids = frames.map((frame) => decodeMessage(frame).messageId);
    expect(new Set([HELLO.messageId, ...ids]).size).toBe(4);
  });
});

describe('any message', () => {
  const message: fc.Arbitrary<AgentMessage> = fc.record({
    messageType: fc.oneof(
      fc.constantFrom(...Object.values(MessageType)),
      fc.stringMatching(/^[!-~]([ -~]{0,30}[!-~])?$/),
    ),
    createdDate: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
    sequenceNumber: fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }),
    flags: fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }),
    messageId: fc.uuid(),
    payloadType: fc.option(fc.integer({ min: 0, max: 2 ** 32 - 1 }), { nil: undefined }),
    payload: fc.uint8Array({ minLength: 1, maxLength: 1500 }),
  });

  it('is decoded to the same message', () => {
    fc.assert(
      fc.property(message, (original) => {
        expect(decoded(encodeMessage(original))).toEqual(original);
      }),
      { seed: 1, numRuns: rounds(500) },
    );
  });

  it('is encoded like by the second codec', () => {
    fc.assert(
      fc.property(message, (original) => {
        expect(hex(encodeMessage(original))).toBe(hex(encodeNaive(original)));
      }),
      { seed: 2, numRuns: rounds(500) },
    );
  });
});

describe('any bytes', () => {
  it('are decoded or refused, and never cause a crash', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        expect(decoded(bytes)).toEqual(decodeNaive(bytes));
      }),
      { seed: 3, numRuns: rounds(1000) },
    );
  });

  it(`are handled like by the second codec after ${MUTATIONS} mutations`, () => {
    const random = new Random(4);
    const verdicts = new Map<string, number>();
    for (let i = 0; i < MUTATIONS; i++) {
      const frame = mutate(random.pick(VECTORS).frame, random);
      const verdict = decoded(frame);
      // Only one `expect` in twenty thousand is for the report; a plain comparison is faster.
      if (!isSame(verdict, decodeNaive(frame))) expect(verdict).toEqual(decodeNaive(frame));
      const kind = typeof verdict === 'string' ? verdict : 'accepted';
      verdicts.set(kind, (verdicts.get(kind) ?? 0) + 1);
    }
    // The mutations must pass the outermost checks, or the test proves nothing.
    expect([...verdicts.keys()].sort()).toEqual([
      'accepted',
      'created-date',
      'digest',
      'header-length',
      'payload-length',
      'sequence-number',
      'truncated',
    ]);
  });
});

/** Returns the message, or the reason of the refusal; any other exception fails the test. */
function decoded(frame: Uint8Array): AgentMessage | string {
  try {
    const message = decodeMessage(frame);
    return { ...message, payload: new Uint8Array(message.payload) };
  } catch (error) {
    if (!(error instanceof FrameError)) throw error;
    return error.reason;
  }
}

function reasonOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof FrameError) return error.reason;
    throw error;
  }
  return 'accepted';
}

function isSame(a: AgentMessage | string, b: AgentMessage | string): boolean {
  if (typeof a === 'string' || typeof b === 'string') return a === b;
  return (
    a.messageType === b.messageType &&
    a.createdDate === b.createdDate &&
    a.sequenceNumber === b.sequenceNumber &&
    a.flags === b.flags &&
    a.messageId === b.messageId &&
    a.payloadType === b.payloadType &&
    Buffer.compare(a.payload, b.payload) === 0
  );
}

function fieldsOf(vector: Vector): AgentMessage {
  const { messageType, createdDate, sequenceNumber, flags, messageId, payloadType, payload } =
    vector;
  return { messageType, createdDate, sequenceNumber, flags, messageId, payloadType, payload };
}

/** Frames as the two Go peers and the service encode them. */
function isCanonical(vector: Vector): boolean {
  return vector.typePadding === (vector.headerLength === 112 ? 'nul' : 'space');
}

function vectorNamed(name: string): Vector {
  const vector = VECTORS.find((candidate) => candidate.name === name);
  if (vector === undefined) throw new Error(`no vector ${name}`);
  return vector;
}

function withBytes(offset: number, bytes: Uint8Array): Uint8Array {
  const frame = Buffer.from(encodeNaive(HELLO));
  frame.set(bytes, offset);
  return frame;
}

function withUint32(offset: number, value: number): Uint8Array {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return withBytes(offset, bytes);
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
