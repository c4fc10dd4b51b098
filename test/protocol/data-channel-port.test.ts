import { describe, expect, it } from 'vitest';
import type { ChannelEvent } from '#protocol/channel-event.ts';
import { DataChannel } from '#protocol/data-channel.ts';
import { SMUX_NOP } from '#protocol/smux/smux-frame.ts';
import {
  acknowledgeFrame,
  decoded,
  handshakeCompleteFrame,
  handshakeRequestFrame,
  outputFrame,
  publicationFrame,
  sent,
  streamFrame,
} from './peer-frames.ts';

const START = 1_735_689_600_123;
const NOP = '"\\u0001\\u0003\\u0000\\u0000\\u0000\\u0000\\u0000\\u0000"';
const PORT_ACTION = {
  ActionType: 'SessionType',
  ActionParameters: {
    SessionType: 'Port',
    Properties: { localPortNumber: '0', portNumber: '5432', type: 'LocalPortForwarding' },
  },
};

describe('the data channel of a port', () => {
  it('has no terminal, and sends nothing on its own', () => {
    const channel = newChannel();
    channel.open(START);
    expect(sent(channel)).toEqual([]);
    expect(channel.nextDeadline()).toBeUndefined();
    channel.resize({ cols: 10, rows: 10 }, START);
    channel.probe(START);
    expect(sent(channel)).toEqual([]);
  });

  it('answers the handshake and, when that is complete, asks whether the agent listens', () => {
    const channel = newChannel();
    channel.open(START);
    channel.receive(handshakeRequestFrame(0, [PORT_ACTION]), START);
    expect(sent(channel)).toEqual(['ack #0', '#0 handshake response']);
    channel.receive(acknowledgeFrame(0), START);
    expect(channel.receive(handshakeCompleteFrame(1), START)).toEqual([{ type: 'input-ready' }]);
    expect(sent(channel)).toEqual(['ack #1', `#1 input ${NOP}`]);
    expect(channel.receive(acknowledgeFrame(1), START)).toEqual([{ type: 'input-taken' }]);
  });

  it('reports when everything has been acknowledged, and not before', () => {
    const channel = streaming();
    channel.sendInput(Buffer.from('a'), START);
    channel.sendInput(Buffer.from('b'), START);
    expect(channel.receive(acknowledgeFrame(3), START)).toEqual([]);
    expect(channel.receive(acknowledgeFrame(2), START)).toEqual([{ type: 'input-taken' }]);
  });

  it('is refused with a reason if the session is not a port', () => {
    const channel = newChannel();
    channel.open(START);
    const message = 'the agent opened a InteractiveCommands session, not one of a port';
    expect(channel.receive(handshakeRequestFrame(0), START)).toEqual([
      { type: 'failed', failure: { reason: 'handshake', message } },
    ]);
    expect(sent(channel)).toEqual(['ack #0', '#0 handshake response']);
  });

  it('passes on the flags of the agent (3.6), except damaged ones', () => {
    const channel = streaming();
    const flag = (sequenceNumber: number, payload: Uint8Array) =>
      channel.receive(streamFrame({ sequenceNumber, payloadType: 10, payload }), START);
    expect(flag(2, Uint8Array.of(0, 0, 0, 3))).toEqual([{ type: 'flag', flag: 3 }]);
    expect(flag(3, Uint8Array.of(3))).toEqual([{ type: 'ignored', what: 'flag of 1 bytes' }]);
    expect(sent(channel)).toEqual(['ack #2', 'ack #3']);
  });

  it('sends its own flags when the agent can handle them', () => {
    const early = newChannel();
    early.open(START);
    early.sendFlag(2, START);
    expect(sent(early)).toEqual([]);
    const channel = streaming();
    channel.sendFlag(2, START);
    const [frame = Buffer.alloc(0)] = channel.takeOutgoing();
    expect(decoded(frame)).toMatchObject({ sequenceNumber: 2, payloadType: 10 });
    expect([...decoded(frame).payload]).toEqual([0, 0, 0, 2]);
  });

  it('sends a flag after a reconnect, which the agent has to acknowledge', () => {
    const channel = streaming();
    channel.suspend();
    channel.reopen('token-2', START);
    expect(sent(channel)).toEqual([`#2 input ${NOP}`]);
    channel.sendInput(new Uint8Array(100_000), START);
    sent(channel);
    channel.suspend();
    channel.reopen('token-3', START);
    // Messages in transit are acknowledged too, and must not be split.
    expect(sent(channel).filter((line) => line.includes(NOP))).toEqual([`#2 input ${NOP}`]);
  });

  it('does not count unanswered time while it does not read (S-6, S-9)', () => {
    const channel = streaming();
    channel.sendInput(Buffer.from('a'), START);
    channel.pauseReceiving();
    expect(channel.nextDeadline()).toBeUndefined();
    // Messages that were read before still arrive.
    channel.receive(publicationFrame('start_publication'), START);
    channel.receive(outputFrame(2, 'x'), START);
    expect(channel.nextDeadline()).toBeUndefined();
    channel.resumeReceiving(START + 900_000);
    expect(channel.tick(START + 900_000)).toEqual([]);
    expect(failureAt(channel, START + 1_200_000)).toBe('unanswered');
  });
});

function newChannel(): DataChannel {
  return new DataChannel({
    token: 'token',
    size: undefined,
    portProbe: SMUX_NOP,
    requiresEncryption: false,
  });
}

/** Everything so far is acknowledged; the next numbers are 2 in both directions. */
function streaming(): DataChannel {
  const channel = newChannel();
  channel.open(START);
  channel.receive(handshakeRequestFrame(0, [PORT_ACTION]), START);
  channel.receive(acknowledgeFrame(0), START);
  channel.receive(handshakeCompleteFrame(1), START);
  channel.receive(acknowledgeFrame(1), START);
  channel.takeOutgoing();
  return channel;
}

function failureAt(channel: DataChannel, now: number): string | undefined {
  const [event]: readonly ChannelEvent[] = channel.tick(now);
  return event?.type === 'failed' ? event.failure.reason : undefined;
}
