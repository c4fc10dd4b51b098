import { describe, expect, it } from 'vitest';
import { encodeFrame, FRAME_TYPES, FrameSplitter, MAX_PAYLOAD } from '#shared/relay-frames.ts';

const { stdin, stdinEnd, stdout } = FRAME_TYPES;
const BYTES = Buffer.concat([
  encodeFrame(stdin, Buffer.from('one')),
  encodeFrame(stdinEnd),
  encodeFrame(stdout, Buffer.alloc(3_000, 7)),
]);
const FRAMES = [
  { type: stdin, payload: Buffer.from('one') },
  { type: stdinEnd, payload: Buffer.alloc(0) },
  { type: stdout, payload: Buffer.alloc(3_000, 7) },
];

function* piecesOf(bytes: Buffer, length: number) {
  for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length);
}

function split(splitter: FrameSplitter, pieces: Iterable<Buffer>) {
  return [...pieces].flatMap((piece) => [...splitter.push(piece)]);
}

describe('FrameSplitter', () => {
  it.each([1, 2, 4, 5, 6, 7, 8, 9, 13, 14, 1_000, 4_000])(
    'finds the same frames in chunks of %d bytes',
    (length) => {
      const splitter = new FrameSplitter();
      const pieces = piecesOf(Buffer.concat([BYTES, BYTES]), length);
      expect(split(splitter, pieces)).toEqual([...FRAMES, ...FRAMES]);
      expect(splitter.held).toBe(0);
    },
  );

  it('keeps an incomplete frame', () => {
    const splitter = new FrameSplitter();
    expect(split(splitter, [BYTES.subarray(0, -1)])).toEqual(FRAMES.slice(0, 2));
    expect(split(splitter, [BYTES.subarray(-1)])).toEqual(FRAMES.slice(2));
  });

  it('parses the largest frame in small chunks in linear time', () => {
    const payload = Buffer.alloc(MAX_PAYLOAD, 1);
    const frames = split(new FrameSplitter(), piecesOf(encodeFrame(stdin, payload), 32));
    expect(frames.map((frame) => [frame.type, frame.payload.equals(payload)])).toEqual([
      [stdin, true],
    ]);
  });

  it('allocates no memory for bytes that a header only announces', () => {
    const splitter = new FrameSplitter();
    const begun = encodeFrame(stdin, Buffer.alloc(MAX_PAYLOAD)).subarray(0, 3_000);
    expect(split(splitter, piecesOf(begun, 1))).toEqual([]);
    expect(splitter.held).toBe(4_096);
  });

  it.each(['with its header', 'byte by byte'])(
    'rejects a frame longer than its type allows, %s',
    (how) => {
      const limits: Readonly<Record<number, number>> = { [stdin]: 3, [stdinEnd]: 0 };
      const header = Buffer.from([stdinEnd, 0, 0, 0, 1]);
      const splitter = new FrameSplitter((type) => limits[type] ?? 0);
      expect(split(splitter, [encodeFrame(stdin, Buffer.alloc(3))])).toHaveLength(1);
      expect(() => split(splitter, piecesOf(header, how === 'byte by byte' ? 1 : 5))).toThrow(
        RangeError,
      );
    },
  );
});
