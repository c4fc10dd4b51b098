import { describe, expect, it } from 'vitest';
import { OutputSink } from '#session/output-sink.ts';
import { SlowStream } from '#test/fakes/fake-streams.ts';
import { settle } from '#test/fakes/manual-clock.ts';

interface Subject {
  readonly stream: SlowStream;
  readonly sink: OutputSink;
  readonly heard: string[];
}

/** A sink over a stream whose buffer holds three bytes. */
function createSubject(): Subject {
  const stream = new SlowStream(3);
  const heard: string[] = [];
  const sink = new OutputSink(stream, {
    onFull: () => heard.push('full'),
    onDrain: () => heard.push('drain'),
    onBroken: (error) => heard.push(`broken ${error.message}`),
  });
  return { stream, sink, heard };
}

const bytes = (text: string) => Buffer.from(text);

describe('OutputSink', () => {
  it('reports once that the stream is full, and once that it has drained', async () => {
    const { stream, sink, heard } = createSubject();
    for (const text of ['ab', 'c', 'd']) {
      sink.write(bytes(text));
      sink.flush();
    }
    expect(heard).toEqual(['full']);
    for (let chunk = 0; chunk < 3; chunk++) {
      stream.take();
      await settle();
    }
    expect(heard).toEqual(['full', 'drain']);
    expect(stream.taken).toEqual(['ab', 'c', 'd']);
  });

  it('writes the chunks of one turn together, at its end or on flush', async () => {
    const { stream, sink } = createSubject();
    for (const text of ['a', 'b']) sink.write(bytes(text));
    expect(stream.writableLength).toBe(0);
    await settle();
    for (const text of ['c', 'd']) sink.write(bytes(text));
    sink.flush();
    stream.take();
    stream.take();
    expect(stream.taken).toEqual(['ab', 'cd']);
  });

  it('reports a stream that broke before any output once there is output', async () => {
    const { stream, sink, heard } = createSubject();
    stream.emit('error', new Error('EPIPE'));
    expect(heard).toEqual([]);
    for (const text of ['a', 'b']) sink.write(bytes(text));
    expect(heard).toEqual(['broken EPIPE']);
    await sink.close();
    expect(stream.taken).toEqual([]);
  });

  it('reports once that the reader is gone, and then drops output', async () => {
    const { stream, sink, heard } = createSubject();
    sink.write(bytes('a'));
    sink.flush();
    stream.break();
    await settle();
    sink.write(bytes('b'));
    await sink.close();
    expect(heard).toEqual(['broken write EPIPE']);
    expect(stream.writableLength).toBe(0);
  });

  it('is no longer full after the reader is gone', async () => {
    const { stream, sink, heard } = createSubject();
    sink.write(bytes('abc'));
    sink.flush();
    stream.break();
    await settle();
    expect(heard).toEqual(['full', 'drain', 'broken write EPIPE']);
  });

  it('closes at once if everything is written', async () => {
    const { stream, sink } = createSubject();
    sink.write(bytes('a'));
    sink.flush();
    stream.take();
    await sink.close();
    expect(stream.taken).toEqual(['a']);
  });

  it('waits for a slow reader on close', async () => {
    const { stream, sink } = createSubject();
    sink.write(bytes('a'));
    let isClosed = false;
    const closing = sink.close().then(() => {
      isClosed = true;
    });
    await settle();
    expect(isClosed).toBe(false);
    stream.take();
    await settle();
    // This is the empty write that waits behind the others.
    stream.take();
    await closing;
    expect(stream.taken).toEqual(['a', '']);
  });

  it('does not wait for a reader that disconnects', async () => {
    const { stream, sink, heard } = createSubject();
    sink.write(bytes('a'));
    const closing = sink.close();
    stream.break();
    await closing;
    expect(heard).toEqual(['broken write EPIPE']);
  });

  it('does not wait for a stalled reader if told not to', async () => {
    const { stream, sink } = createSubject();
    sink.write(bytes('a'));
    await sink.close(Promise.resolve());
    expect(stream.taken).toEqual([]);
  });

  it('removes its listeners from the stream', async () => {
    const { stream, sink } = createSubject();
    sink.write(bytes('a'));
    const closing = sink.close();
    stream.take();
    await settle();
    stream.take();
    await closing;
    expect([stream.listenerCount('error'), stream.listenerCount('drain')]).toEqual([0, 0]);
    expect(stream.writableEnded).toBe(false);
  });
});
