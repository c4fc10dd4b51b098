import { describe, expect, it } from 'vitest';
import { BytePipe } from '#simulator/container/byte-pipe.ts';
import { settle } from '#test/fakes/manual-clock.ts';

describe('BytePipe', () => {
  it('returns bytes in order, regardless of chunks', async () => {
    const pipe = new BytePipe(100);
    for (const text of ['ab', 'cdef', 'g']) await pipe.write(Buffer.from(text));
    expect(String(await pipe.read(3))).toBe('abc');
    expect(String(await pipe.readExactly(2))).toBe('de');
    expect(String(await pipe.read(100))).toBe('fg');
  });

  it('blocks a writer while it is over its limit', async () => {
    const pipe = new BytePipe(4);
    let isDone = false;
    const writing = pipe.write(Buffer.from('12345')).then(() => {
      isDone = true;
    });
    await settle();
    expect(isDone).toBe(false);
    await pipe.read(1);
    await writing;
  });

  it('blocks a reader until the requested bytes have arrived', async () => {
    const pipe = new BytePipe(100);
    const reading = pipe.readExactly(4);
    await pipe.write(Buffer.from('12'));
    await pipe.write(Buffer.from('345'));
    expect(String(await reading)).toBe('1234');
  });

  it('ends readers and writers after the remaining bytes were read', async () => {
    const pipe = new BytePipe(1);
    const writing = pipe.write(Buffer.from('abc'));
    pipe.end();
    await writing;
    expect(String(await pipe.read(2))).toBe('ab');
    expect(await pipe.readExactly(2)).toBeUndefined();
    expect(String(await pipe.read(2))).toBe('c');
    expect(await pipe.read(2)).toBeUndefined();
    await expect(pipe.write(Buffer.from('x'))).rejects.toThrow('the pipe has ended');
  });
});
