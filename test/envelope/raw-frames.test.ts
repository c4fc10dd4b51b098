import { describe, expect, it } from 'vitest';
import { Cksum } from '#envelope/cksum.ts';
import type { EnvelopeEvent, EnvelopeStream } from '#envelope/envelope.ts';
import { RawFrames } from '#envelope/raw-frames.ts';

const MARK = '\u0001abcd';
const END = `${MARK}\u0002`;

function sumFrame(stream: 1 | 2, written: string): string {
  const cksum = new Cksum();
  cksum.update(Buffer.from(written + END));
  return `${MARK}s${stream}${cksum}\n`;
}

function read(chunks: readonly Buffer[], hasTerminalSettings = true) {
  const frames = new RawFrames('abcd', hasTerminalSettings);
  const events: EnvelopeEvent[] = [];
  for (const chunk of chunks) frames.read(chunk, events);
  const text = (stream: EnvelopeStream) => {
    const parts = events.flatMap((event) =>
      event.type === 'data' && event.stream === stream ? [event.data] : [],
    );
    return Buffer.concat(parts).toString();
  };
  const status = events.find((event) => event.type === 'status');
  return { out: text('stdout'), err: text('stderr'), status, damaged: frames.damaged() };
}

const OUT = 'one \u0001ab\ntwo é\n';
const ERR = 'bad\nworse';
const SESSION = [
  `${MARK}p7\none \u0001ab\n${MARK}2bad\ntwo é\n${MARK}3wor\n`,
  `${MARK}3se\n${MARK}x3\n${END}${MARK}3${END}\n${sumFrame(1, OUT)}${sumFrame(2, ERR)}`,
].join('');

describe('RawFrames', () => {
  it('reads both streams, split at any place', () => {
    const bytes = Buffer.from(SESSION);
    for (let at = 0; at <= bytes.length; at++) {
      expect(read([bytes.subarray(0, at), bytes.subarray(at)])).toEqual({
        out: OUT,
        err: ERR,
        status: { type: 'status', status: 3 },
        damaged: [],
      });
    }
  });

  it('reports which stream was damaged', () => {
    const changed = Buffer.from(SESSION.replace('two', 'tow'));
    expect(read([changed]).damaged).toEqual(['stdout']);
    expect(read([Buffer.from(SESSION.replace('3wor', '3wro'))]).damaged).toEqual(['stderr']);
    expect(read([Buffer.from(SESSION.slice(0, -5))]).damaged).toEqual(['stderr']);
  });

  it('does not treat the echo of our own lines as output, if there is no stty', () => {
    const onTerminal = SESSION.replace(`${MARK}s1`, `Q\n${MARK}s1`).replaceAll('\n', '\r\n');
    const bytes = [...Buffer.from(onTerminal)].map((byte) => Buffer.from([byte]));
    expect(read(bytes, false)).toMatchObject({ out: OUT, err: ERR, damaged: [] });
  });

  it('removes the echo of the line that starts the command from the middle of its output, if there is no stty', () => {
    const [first, ...rest] = SESSION.split('\n');
    const onTerminal = [first, ':1V', ...rest].join('\r\n');
    const bytes = [...Buffer.from(onTerminal)].map((byte) => Buffer.from([byte]));
    expect(read(bytes, false)).toMatchObject({ out: OUT, err: ERR, damaged: [] });
    expect(read([Buffer.from(onTerminal)], false)).toMatchObject({
      out: OUT,
      err: ERR,
      damaged: [],
    });
  });
});
