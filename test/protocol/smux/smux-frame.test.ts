import { describe, expect, it } from 'vitest';
import {
  encodeSmuxData,
  encodeSmuxSignal,
  SMUX_NOP,
  SmuxDecoder,
  SmuxError,
  type SmuxPart,
} from '#protocol/smux/smux-frame.ts';
import { readSession } from '#test/helpers/wire.ts';
import { decoded } from '#test/protocol/peer-frames.ts';

/** Name, bytes and meaning; the first ones are from the plugin and the agent (port-forward.jsonl). */
const FRAMES: readonly (readonly [string, string, SmuxPart])[] = [
  ['SYN of stream 3', '0100000003000000', { command: 'syn', streamId: 3 }],
  ['FIN of stream 3', '0101000003000000', { command: 'fin', streamId: 3 }],
  ['PSH of stream 3', '01020a000300000068656c6c6f206f6e650a', psh(3, 'hello one\n')],
  ['NOP', '0103000000000000', { command: 'nop', streamId: 0 }],
  ['the greatest id', '01000000ffffffff', { command: 'syn', streamId: 0xffff_ffff }],
];

describe('a smux frame', () => {
  it.each(FRAMES)('%s is encoded', (_name, hex, part) => {
    expect(hexOf(encode(part))).toBe(hex);
  });

  it.each(FRAMES)(
    '%s is decoded, whole or byte by byte, with another frame after it',
    (_n, hex, part) => {
      const bytes = Buffer.from(`${hex}${hex}0103000000000000`, 'hex');
      const nop: SmuxPart = { command: 'nop', streamId: 0 };
      const expected = joined([part, part, nop]);
      expect(joined(decode([bytes]))).toEqual(expected);
      expect(joined(decode([...bytes].map((byte) => Uint8Array.of(byte))))).toEqual(expected);
    },
  );

  it('NOP is a constant', () => {
    expect(hexOf([SMUX_NOP])).toBe('0103000000000000');
  });

  it('contains at most 32768 bytes', () => {
    const [first, data, second, rest, ...more] = encodeSmuxData(5, new Uint8Array(40_000));
    expect([hexOf([first ?? data ?? SMUX_NOP]), data?.length]).toEqual([
      '0102008005000000',
      32_768,
    ]);
    expect([hexOf([second ?? SMUX_NOP]), rest?.length]).toEqual(['0102401c05000000', 7232]);
    expect(more).toEqual([]);
  });

  it('is not created for no data', () => {
    expect(encodeSmuxData(5, new Uint8Array())).toEqual([]);
    expect(decode([Buffer.from('0102000005000000' + '0101000005000000', 'hex')])).toEqual([
      { command: 'fin', streamId: 5 },
    ]);
  });

  it('passes its data on before it is complete', () => {
    const decoder = new SmuxDecoder();
    const read = (hex: string) => [...decoder.read(Buffer.from(hex, 'hex'))].map(describePart);
    expect(read('01020a000300000068656c')).toEqual(['psh 3 hel']);
    expect(read('6c6f')).toEqual(['psh 3 lo']);
  });

  it.each([
    ['of another version', '0200000003000000', 'smux version 2'],
    ['with the window update of version 2', '0104080003000000', 'smux command 4'],
  ])('%s is an error', (_name, hex, message) => {
    expect(() => decode([Buffer.from(hex, 'hex')])).toThrow(new SmuxError(message));
  });
});

describe('the recorded session of a port', () => {
  it.each([
    [
      'client->agent',
      [
        'syn 3',
        'psh 3 hello one\n',
        'syn 5',
        'psh 5 hello two\n',
        'fin 3',
        'psh 5 again\n',
        'fin 5',
        'syn 7',
        'fin 7',
      ],
    ],
    [
      'agent->client',
      ['psh 3 HELLO ONE\n', 'psh 5 HELLO TWO\n', 'fin 3', 'psh 5 AGAIN\n', 'fin 5', 'fin 7'],
    ],
  ])('%s is decoded completely', (direction, expected) => {
    const payloads = readSession('port-forward')
      .filter((frame) => frame.direction === direction)
      .map(({ frame }) => decoded(frame))
      .filter(({ messageType, payloadType }) => messageType.endsWith('data') && payloadType === 1)
      .map(({ payload }) => payload);
    const bytes = Buffer.concat(payloads);
    const parts = decode([bytes]);
    expect(parts.map(describePart)).toEqual(expected);
    expect(hexOf(parts.flatMap(encode))).toBe(bytes.toString('hex'));
  });
});

function decode(chunks: readonly Uint8Array[]): readonly SmuxPart[] {
  const decoder = new SmuxDecoder();
  return chunks.flatMap((chunk) => [...decoder.read(chunk)]);
}

function encode(part: SmuxPart): readonly Uint8Array[] {
  return part.command === 'psh'
    ? encodeSmuxData(part.streamId, part.data)
    : [encodeSmuxSignal(part.command, part.streamId)];
}

/** Joins adjacent pieces of data, because the decoder does not report where a frame ends. */
function joined(parts: readonly SmuxPart[]): readonly string[] {
  return parts.map(describePart).reduce<string[]>((lines, line) => {
    const [, head = '', text = ''] = /^(psh \d+ )(.*)$/s.exec(line) ?? [];
    if (head !== '' && lines.at(-1)?.startsWith(head)) lines.push(`${lines.pop()}${text}`);
    else lines.push(line);
    return lines;
  }, []);
}

function describePart(part: SmuxPart): string {
  const { command, streamId } = part;
  return `${command} ${streamId}${part.command === 'psh' ? ` ${Buffer.from(part.data)}` : ''}`;
}

function psh(streamId: number, text: string): SmuxPart {
  return { command: 'psh', streamId, data: new Uint8Array(Buffer.from(text)) };
}

function hexOf(parts: readonly Uint8Array[]): string {
  return Buffer.concat(parts).toString('hex');
}
