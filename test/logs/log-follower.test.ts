import { describe, expect, it } from 'vitest';
import { LogFollower } from '#logs/log-follower.ts';
import { FakeLog } from '#test/fakes/fake-log.ts';

const START = 1_000_000;

async function poll(follower: LogFollower, ...streams: string[]): Promise<readonly string[]> {
  const messages: string[] = [];
  for await (const events of follower.poll(streams)) {
    messages.push(...events.map(({ message }) => message));
  }
  return messages;
}

describe('following a log group', () => {
  it('returns each event once, however it is split into pages and rounds', async () => {
    const log = new FakeLog();
    const follower = new LogFollower({ api: log, group: 'g', from: START });
    for (let i = 0; i < 8; i++) log.write('a', START + i, `line ${i}`);
    expect(await poll(follower, 'a')).toEqual([0, 1, 2, 3, 4, 5, 6, 7].map((i) => `line ${i}`));
    expect(await poll(follower, 'a')).toEqual([]);
    log.write('a', START + 7, 'of the same millisecond');
    log.write('a', START + 9, 'next');
    expect(await poll(follower, 'a')).toEqual(['of the same millisecond', 'next']);
  });

  it('returns an event that arrives up to a minute late', async () => {
    const log = new FakeLog();
    const follower = new LogFollower({ api: log, group: 'g', from: START });
    log.write('a', START + 90_000, 'on time');
    expect(await poll(follower, 'a')).toEqual(['on time']);
    for (let round = 1; round < 6; round++) expect(await poll(follower, 'a')).toEqual([]);
    log.write('a', START + 31_000, 'late');
    expect(await poll(follower, 'a')).toEqual(['late']);
  });

  it('starts at the given time, even if events arrive late', async () => {
    const log = new FakeLog();
    const follower = new LogFollower({ api: log, group: 'g', from: START });
    log.write('a', START - 1, 'before');
    log.write('a', START, 'first');
    expect(await poll(follower, 'a')).toEqual(['first']);
  });

  it('reads the other streams while one does not exist yet', async () => {
    const log = new FakeLog();
    const follower = new LogFollower({ api: log, group: 'g', from: START });
    log.write('a', START, 'a1');
    expect(await poll(follower, 'a', 'b')).toEqual(['a1']);
    log.write('b', START + 1, 'b1');
    expect(await poll(follower, 'a', 'b')).toEqual(['b1']);
  });

  it('requests at most 100 streams at once', async () => {
    const log = new FakeLog();
    const streams = Array.from({ length: 250 }, (_, i) => `s${i}`);
    for (const stream of streams) log.write(stream, START, stream);
    const follower = new LogFollower({ api: log, group: 'g', from: START });
    expect(await poll(follower, ...streams)).toEqual(streams);
    expect(log.queries.map((query) => query.streams.length)).toEqual([100, 100, 50]);
  });

  it('reads a new stream from its beginning, even if the others are further', async () => {
    const log = new FakeLog();
    const follower = new LogFollower({ api: log, group: 'g', from: START });
    log.write('a', START + 600_000, 'a1');
    expect(await poll(follower, 'a')).toEqual(['a1']);
    log.write('b', START + 1_000, 'b1');
    expect(await poll(follower, 'a', 'b')).toEqual(['b1']);
    log.write('b', START + 601_000, 'b2');
    expect(await poll(follower, 'a', 'b')).toEqual(['b2']);
  });

  it('returns an event that arrives before the page that a long round has reached', async () => {
    const log = new FakeLog();
    log.pageSize = 1;
    const follower = new LogFollower({ api: log, group: 'g', from: START });
    log.write('a', START + 1_000, 'one');
    log.write('a', START + 200_000, 'two');
    const messages: string[] = [];
    for await (const events of follower.poll(['a'])) {
      messages.push(...events.map(({ message }) => message));
      if (messages.length === 1) log.write('a', START + 2_000, 'behind');
    }
    messages.push(...(await poll(follower, 'a')));
    expect(messages).toEqual(['one', 'two', 'behind']);
  });

  it('reads the last minute again only in some rounds, and in the last one', async () => {
    const log = new FakeLog();
    const follower = new LogFollower({ api: log, group: 'g', from: 0 });
    log.write('a', START, 'on time');
    for (let round = 0; round < 8; round++) await poll(follower, 'a');
    for await (const _ of follower.poll(['a'], { isLast: true }));
    const [usual, long] = [START - 15_000, START - 60_000];
    expect(log.queries.map(({ from }) => from)).toEqual([
      ...[0, 0, usual, usual, usual, usual, 0, usual, long],
    ]);
  });
});
