import { describe, expect, it } from 'vitest';
import { DataChannel } from '#protocol/data-channel.ts';
import { SMUX_NOP } from '#protocol/smux/smux-frame.ts';
import {
  acknowledgeFrame,
  handshakeCompleteFrame,
  handshakeRequestFrame,
  outputFrame,
  sent,
} from './peer-frames.ts';

const START = 1_735_689_600_123;
const NOP = '"\\u0001\\u0003\\u0000\\u0000\\u0000\\u0000\\u0000\\u0000"';

describe('the data channel of a session that another program has started', () => {
  it('is a shell if output arrives without a handshake', () => {
    const channel = newChannel();
    channel.open(START);
    expect(sent(channel)).toEqual(['#0 size 80x24']);
    const events = channel.receive(outputFrame(0, 'hi'), START);
    expect(events).toEqual([
      { type: 'input-ready' },
      { type: 'output', data: Buffer.from('hi'), stream: 'stdout' },
    ]);
  });

  it.each(['Standard_Stream', 'InteractiveCommands', 'NonInteractiveCommands'])(
    'is a shell if the agent says %s',
    (name) => {
      const channel = newChannel();
      channel.open(START);
      const sessionType = { name, properties: {} };
      expect(channel.receive(handshakeRequestFrame(0, [action(name, null)]), START)).toEqual([
        { type: 'session-type', sessionType },
      ]);
      sent(channel);
      channel.receive(handshakeCompleteFrame(1), START);
      expect(sent(channel)).toEqual(['ack #1', '#2 size 80x24']);
    },
  );

  it('is a port with smux if the agent says so, and sends no more sizes', () => {
    const channel = newChannel();
    channel.open(START);
    const properties = { type: 'LocalPortForwarding', portNumber: '80' };
    expect(channel.receive(handshakeRequestFrame(0, [action('Port', properties)]), START)).toEqual([
      { type: 'session-type', sessionType: { name: 'Port', properties } },
    ]);
    sent(channel);
    channel.receive(handshakeCompleteFrame(1), START);
    expect(sent(channel)).toEqual(['ack #1', `#2 input ${NOP}`]);
    channel.resize({ cols: 10, rows: 10 }, START);
    expect(sent(channel)).toEqual([]);
  });

  it('sends only the given bytes to a plain port', () => {
    const channel = newChannel();
    channel.open(START);
    channel.receive(handshakeRequestFrame(0, [action('Port', { portNumber: '22' })]), START);
    sent(channel);
    channel.receive(acknowledgeFrame(0), START);
    channel.receive(handshakeCompleteFrame(1), START);
    channel.probe(START);
    expect(sent(channel)).toEqual(['ack #1']);
    channel.sendInput(Buffer.from('SSH-2.0'), START);
    expect(sent(channel)).toEqual(['#2 input "SSH-2.0"']);
  });

  it('refuses other sessions', () => {
    const channel = newChannel();
    channel.open(START);
    const message = 'ecsh cannot take part in a Chat session';
    expect(channel.receive(handshakeRequestFrame(0, [action('Chat', null)]), START)).toEqual([
      { type: 'session-type', sessionType: { name: 'Chat', properties: {} } },
      { type: 'failed', failure: { reason: 'handshake', message } },
    ]);
  });
});

function newChannel(): DataChannel {
  return new DataChannel({
    token: 'token',
    size: { cols: 80, rows: 24 },
    kind: 'any',
    portProbe: SMUX_NOP,
    requiresEncryption: false,
  });
}

function action(SessionType: string, Properties: object | null) {
  return { ActionType: 'SessionType', ActionParameters: { SessionType, Properties } };
}
