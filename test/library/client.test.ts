import { PassThrough, Readable, Writable } from 'node:stream';
import { beforeEach, describe, expect, it } from 'vitest';
import { EcshError } from '#domain/errors/errors.ts';
import { CommandError } from '#library/command-error.ts';
import { limitOf, waitOf } from '#library/limits.ts';
import { BoundedCapture, Onward, readableOf } from '#library/streams.ts';

describe('limits', () => {
  it.each([
    [undefined, undefined],
    [0, undefined],
    [Number.POSITIVE_INFINITY, undefined],
    [5_000, 5_000],
  ])('of %s are %s milliseconds', (given, expected) => {
    expect(limitOf('timeoutMs', given)).toBe(expected);
  });

  it.each([Number.NaN, -1, 2 ** 31])('of %s are rejected', (given) => {
    expect(() => limitOf('timeoutMs', given)).toThrowError(
      expect.objectContaining({ code: 'usage' }),
    );
    expect(() => waitOf('waitMs', given)).toThrowError(expect.objectContaining({ code: 'usage' }));
  });

  it('use the longest possible timer for Infinity, and no time for 0', () => {
    expect([waitOf('w', Number.POSITIVE_INFINITY), waitOf('w', 0)]).toEqual([2 ** 31 - 1, 0]);
  });
});

describe('the stdin of a command', () => {
  async function contentOf(input: Parameters<typeof readableOf>[0]): Promise<string> {
    const chunks: string[] = [];
    for await (const chunk of readableOf(input) ?? []) chunks.push(String(chunk));
    return chunks.join('');
  }

  it.each([
    ['text', 'abc'],
    ['bytes', new Uint8Array([97, 98, 99])],
    ['a stream of text', Readable.from(['a', 'bc'])],
    ['a list', ['a', 'bc']],
    ['a web stream', new Blob(['abc']).stream().pipeThrough(new TextDecoderStream())],
  ])('can be %s', async (_, input) => {
    expect(await contentOf(input)).toBe('abc');
  });

  it('can be empty', () => {
    expect([readableOf(''), readableOf(undefined)]).toEqual([undefined, undefined]);
  });
});

describe("the caller's stream", () => {
  let target: PassThrough;
  beforeEach(() => {
    target = new PassThrough();
  });

  const written = (stream: Writable, text: string) =>
    new Promise<Error | null | undefined>((resolve) => stream.write(text, resolve));

  it('receives all bytes, and has one error listener for any number of commands', async () => {
    const streams = Array.from({ length: 20 }, () => new Onward(target));
    for (const stream of streams) expect(await written(stream, 'x')).toBeFalsy();
    expect(target.read().toString()).toBe('x'.repeat(20));
    expect(target.listenerCount('error')).toBe(1);
    expect(target.listenerCount('close')).toBe(0);
  });

  it.each(['destroy', 'end'] as const)('fails the command after %s', async (how) => {
    const stream = new Onward(target).on('error', () => undefined);
    target[how]();
    expect(await written(stream, 'x')).toBeInstanceOf(Error);
  });

  it('fails a waiting command if it is destroyed', async () => {
    const stuck = new Writable({ write: () => undefined });
    const stream = new Onward(stuck).on('error', () => undefined);
    const result = written(stream, 'x');
    stuck.destroy();
    expect(await result).toBeInstanceOf(Error);
  });
});

describe('output in memory', () => {
  it('ends at its limit', async () => {
    const capture = new BoundedCapture(3).on('error', () => undefined);
    capture.write('abc');
    expect([capture.isExceeded, capture.bytes.toString()]).toEqual([false, 'abc']);
    capture.write('d');
    expect([capture.isExceeded, capture.bytes.toString()]).toEqual([true, 'abc']);
  });
});

describe('CommandError', () => {
  it('is an EcshError with the output so far, and keeps its message in JSON', () => {
    const cause = new EcshError('timed-out', 'It took too long.', { exitCode: 124 });
    const output = { stdout: Buffer.from('out'), stderr: Buffer.from('err') };
    const error = new CommandError(cause, output, 'session-1');
    expect(error).toBeInstanceOf(EcshError);
    expect([error.code, `${error.stdout}`, `${error.stderr}`, error.sessionId]).toEqual([
      'timed-out',
      'out',
      'err',
      'session-1',
    ]);
    expect(JSON.parse(JSON.stringify(error))).toEqual({
      name: 'EcshError',
      code: 'timed-out',
      message: 'It took too long.',
      exitCode: 124,
    });
  });
});
