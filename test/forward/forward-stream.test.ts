import { beforeEach, describe, expect, it } from 'vitest';
import { ForwardStream } from '#forward/forward-stream.ts';
import { FakeConnection } from '#test/fakes/fake-local.ts';
import { ManualClock } from '#test/fakes/manual-clock.ts';

let clock: ManualClock;
let connection: FakeConnection;
let stream: ForwardStream;
/** The calls that the stream makes to its session. */
let told: string[];

beforeEach(() => {
  clock = new ManualClock();
  connection = new FakeConnection();
  told = [];
  stream = new ForwardStream(connection, {
    clock,
    onReadable: () => stream.pull(),
    send: (data) => told.push(`send ${Buffer.from(data)}`),
    onTaken: (bytes) => told.push(`taken ${bytes}`),
    onEnded: () => told.push('ended'),
  });
  connection.listen(stream);
});

describe('a forwarded connection', () => {
  it('carries data both ways', () => {
    connection.send('ping');
    stream.receive(Buffer.from('pong'));
    expect(told).toEqual(['send ping', 'taken 4']);
    expect(connection.log).toEqual(['data pong']);
  });

  it('acknowledges only the data that the program has read', () => {
    connection.isReading = false;
    stream.receive(Buffer.from('pong'));
    expect(told).toEqual([]);
    connection.catchUp();
    expect(told).toEqual(['taken 4']);
  });

  it('is closed if the program drops it', () => {
    connection.disappear();
    expect(told).toEqual(['ended']);
    expect(clock.timers).toEqual([]);
  });
});

describe('a half-closed connection', () => {
  it('still receives the response and its end', async () => {
    connection.send('GET /');
    connection.sendEnd();
    await clock.advance(29_000);
    stream.receive(Buffer.from('slow '));
    await clock.advance(29_000);
    stream.receive(Buffer.from('answer'));
    stream.finish();
    connection.disappear();
    expect(connection.log).toEqual(['data slow ', 'data answer', 'end']);
    expect(told).toEqual(['send GET /', 'taken 5', 'taken 6', 'ended']);
    expect(clock.timers).toEqual([]);
  });

  it('is closed after thirty seconds without data from the remote side', async () => {
    connection.sendEnd();
    await clock.advance(29_999);
    expect(told).toEqual([]);
    await clock.advance(1);
    expect(connection.log).toEqual(['close']);
    expect(told).toEqual(['ended']);
  });

  it('is closed after five seconds if the remote side sent the last data', async () => {
    connection.send('GET /');
    stream.receive(Buffer.from('answer'));
    connection.sendEnd();
    await clock.advance(4_999);
    expect(connection.log).toEqual(['data answer']);
    await clock.advance(1);
    expect(connection.log).toEqual(['data answer', 'close']);
    expect(clock.timers).toEqual([]);
  });

  it.each([
    ['before', ['receive', 'sendEnd']],
    ['after', ['sendEnd', 'receive']],
  ])('stays open while the program has not read data from %s the half-close', async (_, order) => {
    connection.isReading = false;
    for (const what of order) {
      if (what === 'sendEnd') connection.sendEnd();
      else stream.receive(Buffer.from('answer'));
    }
    await clock.advance(3_600_000);
    expect(connection.log).toEqual(['data answer']);
    connection.catchUp();
    await clock.advance(29_999);
    expect(told).toEqual(['taken 6']);
    await clock.advance(1);
    expect(told).toEqual(['taken 6', 'ended']);
  });

  it('leaves no timer if it is dropped before it has read everything', () => {
    connection.isReading = false;
    stream.receive(Buffer.from('answer'));
    connection.sendEnd();
    connection.disappear();
    connection.catchUp();
    expect(clock.timers).toEqual([]);
  });

  it('is closed when the forward ends; one that is still open is not', () => {
    stream.close();
    expect(connection.log).toEqual([]);
    connection.sendEnd();
    stream.close();
    expect(connection.log).toEqual(['close']);
  });
});

describe('the end of the remote side', () => {
  it('is delivered after the unread data, however long that takes', async () => {
    connection.isReading = false;
    stream.receive(Buffer.from('pong'));
    stream.finish();
    await clock.advance(3_600_000);
    expect(connection.log).toEqual(['data pong', 'end']);
    connection.catchUp();
    await clock.advance(999);
    expect(told).toEqual(['taken 4']);
    await clock.advance(1);
    expect(connection.log).toEqual(['data pong', 'end', 'close']);
    expect(told).toEqual(['taken 4', 'ended']);
  });

  it('discards later data of the program', () => {
    stream.finish();
    connection.send('are you there?');
    connection.sendEnd();
    expect(told).toEqual([]);
  });
});

describe('a reset', () => {
  it('is an error for the program', () => {
    connection.sendEnd();
    stream.reset();
    expect(connection.log).toEqual(['reset']);
    expect(told).toEqual(['ended']);
    expect(clock.timers).toEqual([]);
  });
});
