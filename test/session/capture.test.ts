import { describe, expect, it } from 'vitest';
import { Capture } from '#session/capture.ts';

describe('Capture', () => {
  it('keeps every byte in order, in chunks smaller and larger than a block', () => {
    const capture = new Capture();
    const chunks = [1, 4_095, 0, 10_000, 3_000_000, 5].map((size, index) =>
      Buffer.alloc(size, index + 1),
    );
    for (const chunk of chunks) capture.write(chunk);
    expect(capture.bytes.equals(Buffer.concat(chunks))).toBe(true);
  });

  it('accepts more bytes after a read', () => {
    const capture = new Capture();
    capture.write('one ');
    const before = capture.bytes;
    capture.write('two');
    expect([`${before}`, `${capture}`, capture.bytes.length]).toEqual(['one ', 'one two', 7]);
  });

  it('copies each chunk, so that the writer can reuse its memory', () => {
    const capture = new Capture();
    const chunk = Buffer.from('abc');
    capture.write(chunk);
    chunk.fill('x');
    expect(capture.bytes).toEqual(Buffer.from('abc'));
  });

  it('starts empty, and distinguishes text from binary data', () => {
    const capture = new Capture();
    expect([capture.bytes.length, capture.isText]).toEqual([0, true]);
    capture.write(Buffer.from([0xff]));
    expect(capture.isText).toBe(false);
    expect(capture.toString('base64')).toBe('/w==');
  });
});
