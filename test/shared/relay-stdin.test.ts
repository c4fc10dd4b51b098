import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { STDIN_CREDIT, StdinReceiver, StdinSender } from '#shared/relay-stdin.ts';
import { settle } from '#test/fakes/manual-clock.ts';

function sender() {
  const stdin = new PassThrough({ highWaterMark: 10 * STDIN_CREDIT });
  const sent: (number | 'end' | Error)[] = [];
  const client = new StdinSender(stdin, {
    onData: (data) => sent.push(data.length),
    onEnd: () => sent.push('end'),
    onBroken: (cause) => sent.push(cause),
  });
  return { stdin, sent, client };
}

describe('StdinSender', () => {
  it('sends no more than its credit, and the end after the last byte', async () => {
    const { stdin, sent, client } = sender();
    stdin.end(Buffer.alloc(STDIN_CREDIT + 1_000));
    await settle();
    expect(sent).toEqual([STDIN_CREDIT]);
    client.grant(255);
    expect(sent).toEqual([STDIN_CREDIT]);
    client.grant(645);
    client.grant(1_000);
    await settle();
    client.grant(1_000);
    expect(sent).toEqual([STDIN_CREDIT, 900, 100, 'end']);
  });

  it('never has more credit than at the start', async () => {
    const { stdin, sent, client } = sender();
    client.grant(2 ** 32 - 1);
    stdin.write(Buffer.alloc(3 * STDIN_CREDIT));
    await settle();
    expect(sent).toEqual([STDIN_CREDIT]);
  });
});

describe('StdinReceiver', () => {
  it('grants the bytes that the command has read, once the client has read the previous credit', async () => {
    const granted: number[] = [];
    const server = new StdinReceiver((bytes) => granted.push(bytes) !== 1);
    for (const length of [2_000, 3_000, 4_000]) server.write(Buffer.alloc(length));
    expect(granted).toEqual([2_000]);
    server.stream.resume();
    await settle();
    expect(granted).toEqual([2_000]);
    server.resume();
    expect(granted).toEqual([2_000, 7_000]);
  });

  it('accepts unread data up to the credit of the client', () => {
    const server = new StdinReceiver(() => true);
    server.write(Buffer.alloc(2_000));
    server.write(Buffer.alloc(STDIN_CREDIT));
    expect(() => server.write(Buffer.alloc(1))).toThrow(RangeError);
  });

  it('accepts only as many short frames as their overhead allows', () => {
    const server = new StdinReceiver(() => true);
    const handedOn = 1_024;
    for (let frame = 0; frame < handedOn + STDIN_CREDIT / 256; frame += 1) {
      server.write(Buffer.alloc(1));
    }
    expect(() => server.write(Buffer.alloc(1))).toThrow(RangeError);
  });
});
