import { describe, expect, it } from 'vitest';
import { encodeMessage } from '#protocol/message-codec.ts';
import { readAgentFrame } from '#simulator/agent/agent-frame.ts';

const MESSAGE = {
  messageType: 'input_stream_data',
  createdDate: 1_735_689_600_123,
  sequenceNumber: 7,
  flags: 0,
  messageId: '00112233-4455-4677-8899-aabbccddeeff',
  payloadType: 1,
  payload: Buffer.from('ls\r'),
};

function frame(change: (frame: Buffer) => void = () => undefined): Buffer {
  const bytes = Buffer.from(encodeMessage(MESSAGE));
  change(bytes);
  return bytes;
}

describe('readAgentFrame', () => {
  const { messageType, sequenceNumber, messageId, payloadType, payload } = MESSAGE;
  const good = { messageType, sequenceNumber, messageId, payloadType, payload };

  it('reads a client frame', () => {
    expect(readAgentFrame(frame())).toEqual({ kind: 'frame', frame: good });
  });

  it('ignores digest and payload length', () => {
    const bytes = frame((b) => {
      b.fill(0, 80, 112);
      b.writeUInt32BE(99, 116);
    });
    expect(readAgentFrame(bytes)).toEqual({ kind: 'frame', frame: good });
  });

  it('accepts NUL padding on the left', () => {
    const bytes = frame((b) => {
      b.fill(0, 4, 36);
      b.write('input_stream_data', 36 - 17);
    });
    expect(readAgentFrame(bytes)).toEqual({ kind: 'frame', frame: good });
  });

  it.each([
    ['a truncated header', frame().subarray(0, 115)],
    ['header length 0', frame((b) => b.writeUInt32BE(0, 0))],
    ['an empty type', frame((b) => b.fill(' ', 4, 36))],
    ['a zero date', frame((b) => b.fill(0, 40, 48))],
  ])('drops %s', (_, bytes) => {
    expect(readAgentFrame(bytes).kind).toBe('refused');
  });

  it.each([
    ['a header length past the end', frame((b) => b.writeUInt32BE(4000, 0))],
    ['a frame cut inside the payload length', frame().subarray(0, 118)],
  ])('panics on %s', (_, bytes) => {
    expect(readAgentFrame(bytes).kind).toBe('fatal');
  });
});
