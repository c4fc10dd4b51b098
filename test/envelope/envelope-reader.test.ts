import { describe, expect, it } from 'vitest';
import type { EnvelopeEvent } from '#envelope/envelope.ts';
import { EnvelopeReader } from '#envelope/envelope-reader.ts';

const NONCE = '0123456789abcdef';
const END = `\u0001${NONCE}\u0002`;

/** Joins data, because chunks may split it anywhere. */
function summary(chunks: readonly Buffer[]): object {
  const reader = new EnvelopeReader(NONCE);
  const events: EnvelopeEvent[] = chunks.flatMap((chunk) => [...reader.read(chunk)]);
  const text = { stdout: '', stderr: '' };
  const others: string[] = [];
  for (const event of events) {
    if (event.type === 'data') text[event.stream] += Buffer.from(event.data).toString();
    else if (event.type === 'end') others.push(`end ${event.stream}`);
    else if (event.type === 'status') others.push(`status ${event.status}`);
    else others.push(event.type);
  }
  return { ...text, others: others.sort(), damaged: reader.damaged() };
}

const base64 = (text: string) => Buffer.from(text).toString('base64');
const hex = (text: string) =>
  ` ${Buffer.from(text)
    .toString('hex')
    .replace(/..(?=.)/g, '$& ')}`;
const mark = `\u0001${NONCE}`;
const begin = (features: string) => `welcome\r\n${NONCE} of an echo\n\n${NONCE} ${features}\n`;

const SEEN = {
  stdout: `out x7\n`,
  stderr: 'err',
  others: ['begin', 'end stderr', 'end stdout', 'started', 'status 7', 'taken'],
  damaged: [],
};

const STREAMS: readonly (readonly [string, string])[] = [
  [
    'base64',
    `${begin('tbbg')}p12\n1${base64('out ')}.\n2${base64('err')}.\na100\n1${base64(`x7\n${END}`)}.\n2${base64(END)}.\nx7\n`,
  ],
  [
    'hexadecimal, with the newlines of a terminal',
    `${begin('-xxg')}p12\n1${hex('out ')}.\n2${hex('err')}.\na1\n1${hex(`x7\n${END}`)}.\n2${hex(END)}.\nx7\n`.replaceAll(
      '\n',
      '\r\n',
    ),
  ],
  [
    'raw',
    `${begin('trbg')}${mark}p12\nout ${mark}3err\nx7${mark}a1\n\n${END}${mark}3${END}\n${mark}s12047083803 26\n${mark}x7\n`,
  ],
];

describe('EnvelopeReader', () => {
  it.each(STREAMS.slice(0, 2))('reads %s cut at any two places', (_name, text) => {
    const bytes = Buffer.from(text);
    for (let at = 0; at <= bytes.length; at++) {
      expect(summary([bytes.subarray(0, at), bytes.subarray(at)])).toEqual(SEEN);
    }
    expect(summary([...bytes].map((byte) => Buffer.from([byte])))).toEqual(SEEN);
  });

  it.each(STREAMS.slice(2))(
    'reads %s byte by byte as in one piece, and reports a wrong sum',
    (_name, text) => {
      const bytes = Buffer.from(text);
      const whole = { ...SEEN, damaged: ['stdout', 'stderr'] };
      expect(summary([bytes])).toEqual(whole);
      expect(summary([...bytes].map((byte) => Buffer.from([byte])))).toEqual(whole);
    },
  );

  it('ignores an echo of the command (C-11)', () => {
    expect(summary([Buffer.from(`sh -c '...' ecsh ${NONCE} wi '' '' cat\r\nx7\n`)])).toEqual({
      stdout: '',
      stderr: '',
      others: [],
      damaged: [],
    });
  });
});
