import { beforeEach, describe, expect, it } from 'vitest';
import { SmuxServer } from '#simulator/ports/smux-server.ts';
import type { SmuxStream } from '#simulator/ports/smux-stream.ts';
import { ManualClock, settle } from '#test/fakes/manual-clock.ts';
import { FIN, NOP, PSH, readSmux, type SmuxFrame, SYN, smux } from './smux-frames.ts';

let server: SmuxServer;
let streams: SmuxStream[];

beforeEach(() => {
  streams = [];
  server = new SmuxServer((stream) => streams.push(stream));
});

function stream(index = 0): SmuxStream {
  const found = streams[index];
  if (found === undefined) throw new Error(`no stream ${index}`);
  return found;
}

async function receive(...frames: readonly Uint8Array[]): Promise<void> {
  for (const frame of frames) await server.receive(Buffer.from(frame));
  await settle();
}

/** Returns everything that has been sent so far. */
async function sent(): Promise<SmuxFrame[]> {
  const all: Buffer[] = [];
  for (;;) {
    const data = await Promise.race([server.read(1024), settle().then(settle)]);
    if (data === undefined) return readSmux(Buffer.concat(all));
    all.push(data);
  }
}

/** Collects the data of a stream and whether it has ended. */
function collect(from: SmuxStream): { texts: string[]; isEnded: boolean } {
  const collected = { texts: [] as string[], isEnded: false };
  void from
    .copyTo(async (data) => void collected.texts.push(String(data)))
    .then(() => {
      collected.isEnded = true;
    });
  return collected;
}

describe('the smux server (PROTOCOL 7.3)', () => {
  it('opens a stream once on SYN, and yields its data until FIN', async () => {
    await receive(smux(SYN, 3), smux(SYN, 3), smux(PSH, 3, 'one'), smux(PSH, 3, 'two'));
    expect(streams.map(({ id }) => id)).toEqual([3]);
    const seen = collect(stream());
    await settle();
    expect(seen).toEqual({ texts: ['one', 'two'], isEnded: false });
    await receive(smux(FIN, 3));
    expect(seen.isEnded).toBe(true);
  });

  it.each([1, 3, 1000])('reads frames in pieces of %d bytes', async (size) => {
    const bytes = Buffer.concat([
      smux(NOP, 0),
      smux(SYN, 0x01020305),
      smux(PSH, 0x01020305, 'x'.repeat(700)),
      smux(FIN, 0x01020305),
    ]);
    for (let at = 0; at < bytes.length; at += size) await receive(bytes.subarray(at, at + size));
    const seen = collect(stream());
    await settle();
    expect(stream().id).toBe(0x01020305);
    expect(seen).toEqual({ texts: ['x'.repeat(700)], isEnded: true });
  });

  it('sends data in frames of at most 32768 bytes, and FIN on close', async () => {
    await receive(smux(SYN, 5));
    await stream().write(Buffer.alloc(40_000, 'y'));
    stream().close();
    stream().close();
    expect(await sent()).toEqual([
      [PSH, 5, 'y'.repeat(32_768)],
      [PSH, 5, 'y'.repeat(7232)],
      [FIN, 5, ''],
    ]);
    await expect(stream().write(Buffer.from('late'))).rejects.toThrow('stream 5 is closed');
  });

  it('drops unread and late data of a closed stream', async () => {
    await receive(smux(SYN, 3), smux(PSH, 3, 'unread'));
    stream().close();
    await receive(smux(PSH, 3, 'late'), smux(FIN, 3), smux(PSH, 99, 'never opened'));
    const seen = collect(stream());
    await settle();
    expect(seen).toEqual({ texts: [], isEnded: true });
    expect(server.isOver).toBe(false);
  });

  it('blocks all streams while unread data of one fills the pool', async () => {
    const block = smux(PSH, 3, Buffer.alloc(32_768));
    await receive(smux(SYN, 3), smux(SYN, 5));
    let blocks = 0;
    const writing = (async () => {
      for (; blocks < 200; blocks++) await server.receive(block);
    })();
    await settle();
    await settle();
    const stalled = blocks;
    // The pool holds 4 MiB, plus what the pipe before it holds.
    expect(stalled * 32_768).toBeGreaterThan(4 * 1024 * 1024);
    expect(stalled * 32_768).toBeLessThan(4 * 1024 * 1024 + 300_000);
    let received = 0;
    void stream().copyTo(async ({ length }) => {
      received += length;
    });
    await writing;
    await settle();
    expect(received).toBe(200 * 32_768);
  });

  it('ignores the window updates of version 2', async () => {
    const update = Buffer.from([1, 4, 8, 0, 3, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8]);
    await receive(smux(SYN, 3), update, smux(PSH, 3, 'data'));
    const seen = collect(stream());
    await settle();
    expect(seen.texts).toEqual(['data']);
  });

  it.each([
    ['another version', Buffer.from([2, SYN, 0, 0, 7, 0, 0, 0])],
    ['an unknown command', smux(9, 7)],
  ])('fails on %s: streams end, and further frames are ignored', async (_what, bad) => {
    await receive(smux(SYN, 3));
    const seen = collect(stream());
    await receive(bad, smux(SYN, 5));
    expect(server.isBroken).toBe(true);
    expect(seen.isEnded).toBe(true);
    expect(streams).toHaveLength(1);
  });

  it('ends everything on close', async () => {
    await receive(smux(SYN, 3));
    const seen = collect(stream());
    server.close();
    await settle();
    expect(seen.isEnded).toBe(true);
    expect(await server.read(1)).toBeUndefined();
    await expect(server.receive(smux(NOP, 0))).rejects.toThrow('the pipe has ended');
  });
});

describe('keepalive (PROTOCOL 7.2)', () => {
  it('sends a NOP every 10 s, and closes a session that receives nothing for 30 s', async () => {
    const clock = new ManualClock();
    server.keepAlive(clock, new AbortController().signal);
    await clock.advance(25_000);
    expect(await sent()).toEqual([
      [NOP, 0, ''],
      [NOP, 0, ''],
    ]);
    await receive(smux(NOP, 0));
    await clock.advance(30_000);
    expect(server.isOver).toBe(false);
    await clock.advance(30_000);
    expect(server.isOver).toBe(true);
  });
});
