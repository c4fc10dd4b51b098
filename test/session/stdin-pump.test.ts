import { PassThrough, Readable } from 'node:stream';
import { beforeEach, describe, expect, it } from 'vitest';
import { StdinPump } from '#session/stdin-pump.ts';
import { settle } from '#test/fakes/manual-clock.ts';

let stdin: PassThrough;
let heard: string[];
let pump: StdinPump;

beforeEach(() => {
  stdin = new PassThrough();
  heard = [];
  pump = new StdinPump(stdin, {
    onData: (data) => heard.push(`data ${Buffer.from(data)}`),
    onEnd: () => heard.push('end'),
    onBroken: (cause) => heard.push(`broken ${cause.message}`),
  });
});

describe('StdinPump', () => {
  it('passes on data and the end', async () => {
    stdin.write('one');
    await settle();
    stdin.end('two');
    await settle();
    expect(heard).toEqual(['data one', 'data two', 'end']);
  });

  it('reads a stream that was paused before', async () => {
    const paused = new PassThrough();
    paused.pause();
    const received: string[] = [];
    new StdinPump(paused, {
      onData: (data) => received.push(Buffer.from(data).toString()),
      onEnd: () => undefined,
      onBroken: () => undefined,
    });
    paused.write('x');
    await settle();
    expect(received).toEqual(['x']);
  });

  it('accepts strings, as a stream with an encoding or in object mode yields them', async () => {
    const received: string[] = [];
    new StdinPump(Readable.from(['grüße', ' ', 'x']), {
      onData: (data) => received.push(Buffer.from(data).toString()),
      onEnd: () => received.push('end'),
      onBroken: () => received.push('broken'),
    });
    await settle();
    await settle();
    expect(received).toEqual(['grüße', ' ', 'x', 'end']);
  });

  it('rejects anything but bytes and strings', async () => {
    const received: string[] = [];
    new StdinPump(Readable.from(['x', { a: 1 }, 'y']), {
      onData: (data) => received.push(Buffer.from(data).toString()),
      onEnd: () => received.push('end'),
      onBroken: (cause) => received.push(cause.message),
    });
    await settle();
    await settle();
    expect(received).toEqual(['x', 'it yields objects, not bytes or text']);
  });

  it('reads nothing while paused', async () => {
    pump.pause();
    stdin.end('x');
    await settle();
    expect(heard).toEqual([]);
    pump.resume();
    await settle();
    expect(heard).toEqual(['data x', 'end']);
  });

  it('does not treat a broken stdin as its end', async () => {
    stdin.destroy(new Error('EIO'));
    await settle();
    expect(heard).toEqual(['broken EIO']);
  });

  it('leaves later input unread', async () => {
    pump.close();
    stdin.write('for the next');
    await settle();
    expect(heard).toEqual([]);
    expect(stdin.read()).toEqual(Buffer.from('for the next'));
  });

  it('handles the error of a stdin that breaks later', async () => {
    pump.close();
    stdin.destroy(new Error('EIO'));
    await settle();
    expect(heard).toEqual([]);
  });
});
