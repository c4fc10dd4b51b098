import { describe, expect, it } from 'vitest';
import type { ChannelEvent } from '#protocol/channel-event.ts';
import { DataChannel, type DataChannelOptions } from '#protocol/data-channel.ts';
import {
  acknowledgeFrame,
  channelClosedFrame,
  decoded,
  frame,
  handshakeCompleteFrame,
  handshakeRequestFrame,
  outputFrame,
  publicationFrame,
  SHELL_ACTION,
  sent,
  serviceFrame,
  streamFrame,
} from './peer-frames.ts';

const START = 1_735_689_600_123;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const MINUTE = 60_000;

const ready: ChannelEvent = { type: 'input-ready' };

describe('opening', () => {
  it('identifies the client in the first frame (1.6, W-6)', () => {
    const channel = newChannel();
    expect(JSON.parse(channel.open(START))).toEqual({
      MessageSchemaVersion: '1.0',
      RequestId: expect.stringMatching(UUID),
      TokenValue: 'token',
      ClientId: expect.stringMatching(UUID),
      ClientVersion: '1.2.764.0',
    });
  });

  it('keeps the client id and renews the request id on another connection', () => {
    const channel = newChannel();
    const first = JSON.parse(channel.open(START));
    const second = JSON.parse(channel.open(START));
    expect(second.ClientId).toBe(first.ClientId);
    expect(second.RequestId).not.toBe(first.RequestId);
  });

  it('sends Size right after it, without waiting (S-1)', () => {
    expect(sent(opened())).toEqual([]);
    const channel = newChannel();
    channel.open(START);
    const [size = Buffer.alloc(0)] = channel.takeOutgoing();
    expect(decoded(size)).toEqual({
      messageType: 'input_stream_data',
      createdDate: START,
      sequenceNumber: 0,
      flags: 0,
      messageId: expect.stringMatching(UUID),
      payloadType: 3,
      payload: new TextEncoder().encode('{"cols":80,"rows":24}'),
    });
  });

  it('repeats the same Size frame until it is acknowledged (S-1, S-8)', () => {
    const channel = newChannel();
    channel.open(START);
    const [size] = channel.takeOutgoing();
    expect(channel.nextDeadline()).toBe(START + 200);
    channel.tick(START + 199);
    expect(channel.takeOutgoing()).toEqual([]);
    channel.tick(START + 200);
    channel.tick(START + 600);
    expect(channel.takeOutgoing()).toEqual([size, size]);
    channel.receive(acknowledgeFrame(0), START + 700);
    channel.tick(START + 1500);
    expect(sent(channel)).toEqual([]);
  });

  it('accepts start_publication before anything else, and continues to wait (checklist 3)', () => {
    const channel = opened();
    expect(channel.receive(publicationFrame('start_publication'), START)).toEqual([]);
    expect(sent(channel)).toEqual([]);
  });
});

describe('when input may start (S-2) and Size is sent again (S-1)', () => {
  it('at the first output', () => {
    const channel = opened();
    expect(channel.receive(outputFrame(0, '# '), START + 1200)).toEqual([ready, stdout('# ')]);
    expect(sent(channel)).toEqual(['ack #0', '#1 size 80x24']);
    expect(channel.hasInputRoom).toBe(true);
  });

  it('one second after the first acknowledgement, if nothing else arrives', () => {
    const channel = opened();
    channel.receive(acknowledgeFrame(0), START + 50);
    expect(channel.hasInputRoom).toBe(false);
    expect(channel.nextDeadline()).toBe(START + 1050);
    expect(channel.tick(START + 1049)).toEqual([]);
    expect(channel.tick(START + 1050)).toEqual([ready]);
    expect(sent(channel)).toEqual(['#1 size 80x24']);
  });

  it('earlier if the caller expects no handshake and repeats lost input; a handshake is still answered', () => {
    const channel = newChannel({ handshakeGraceMs: 100 });
    channel.open(START);
    channel.receive(acknowledgeFrame(0), START + 50);
    expect(channel.nextDeadline()).toBe(START + 150);
    expect(channel.tick(START + 150)).toEqual([ready]);
    sent(channel);
    channel.receive(handshakeRequestFrame(0), START + 160);
    expect(sent(channel)).toEqual(['ack #0', '#2 handshake response']);
    expect(channel.hasInputRoom).toBe(false);
  });

  it('counts that second from the first acknowledgement, not from later ones', () => {
    const channel = opened();
    channel.resize({ cols: 100, rows: 30 }, START);
    channel.receive(acknowledgeFrame(0), START + 50);
    channel.receive(acknowledgeFrame(1), START + 500);
    expect(channel.nextDeadline()).toBe(START + 1050);
  });

  it('exactly then, regardless of rounding', () => {
    const channel = newChannel();
    const start = 1_735_689_600_123.456;
    channel.open(start);
    channel.receive(acknowledgeFrame(0), start + 0.123);
    expect(channel.tick(channel.nextDeadline() ?? 0)).toEqual([ready]);
  });

  it('at HandshakeComplete, if there is a handshake', () => {
    const channel = opened();
    channel.receive(acknowledgeFrame(0), START + 50);
    expect(channel.receive(handshakeRequestFrame(0), START + 60)).toEqual([]);
    expect(sent(channel)).toEqual(['ack #0', '#1 handshake response']);
    channel.receive(acknowledgeFrame(1), START + 70);
    expect(channel.nextDeadline()).toBe(START + 60 + MINUTE);
    expect(channel.tick(START + 5000)).toEqual([]);
    expect(channel.receive(handshakeCompleteFrame(1), START + 5000)).toEqual([ready]);
    expect(sent(channel)).toEqual(['ack #1', '#2 size 80x24']);
  });

  it('only once: neither later output nor the time repeats it', () => {
    const channel = opened();
    channel.receive(acknowledgeFrame(0), START + 50);
    channel.receive(outputFrame(0, 'a'), START + 60);
    channel.receive(acknowledgeFrame(1), START + 70);
    sent(channel);
    expect(channel.receive(outputFrame(1, 'b'), START + 80)).toEqual([stdout('b')]);
    expect(channel.tick(START + 3000)).toEqual([]);
    expect(sent(channel)).toEqual(['ack #1']);
  });

  it.each([
    ['start_publication', publicationFrame('start_publication')],
    ['a message on stderr', streamFrame({ sequenceNumber: 0, payloadType: 11, payload: 'e' })],
    ['an exit code', streamFrame({ sequenceNumber: 0, payloadType: 12, payload: 'EXIT_CODE: 0' })],
    ['an unknown payload type', streamFrame({ sequenceNumber: 0, payloadType: 99, payload: 'x' })],
    ['output out of order', outputFrame(1, 'later')],
  ])('not at %s', (_, bytes) => {
    const channel = opened();
    expect(channel.receive(bytes, START + 10)).not.toContainEqual(ready);
    expect(channel.hasInputRoom).toBe(false);
  });

  it('holds back early input, and sends it after Size', () => {
    const channel = opened();
    channel.sendInput(bytes('early'), START + 10);
    expect(sent(channel)).toEqual([]);
    channel.receive(outputFrame(0, '# '), START + 1200);
    expect(sent(channel)).toEqual(['ack #0', '#1 size 80x24', '#2 input "early"']);
  });

  it('holds input back again if a handshake arrives late', () => {
    const channel = opened();
    channel.receive(acknowledgeFrame(0), START);
    expect(channel.tick(START + 1000)).toEqual([ready]);
    channel.receive(handshakeRequestFrame(0), START + 1100);
    expect(channel.hasInputRoom).toBe(false);
    sent(channel);
    channel.sendInput(bytes('held'), START + 1200);
    expect(sent(channel)).toEqual([]);
    expect(channel.receive(handshakeCompleteFrame(1), START + 1300)).toEqual([
      { type: 'input-drained' },
    ]);
    expect(sent(channel)).toEqual(['ack #1', '#3 size 80x24', '#4 input "held"']);
  });
});

describe('the handshake (3.5)', () => {
  it('answers every action in order, and an unknown one with status 3 (M-7)', () => {
    const channel = opened();
    const actions = [{ ActionType: 'Dance', ActionParameters: {} }, SHELL_ACTION];
    channel.receive(handshakeRequestFrame(0, actions), START);
    const [, response = Buffer.alloc(0)] = channel.takeOutgoing();
    expect(decoded(response)).toMatchObject({ sequenceNumber: 1, payloadType: 6 });
    expect(JSON.parse(new TextDecoder().decode(decoded(response).payload))).toEqual({
      ClientVersion: '1.2.764.0',
      ProcessedClientActions: [
        {
          ActionType: 'Dance',
          ActionStatus: 3,
          ActionResult: null,
          Error: 'ecsh does not know the action Dance',
        },
        { ActionType: 'SessionType', ActionStatus: 1, ActionResult: null, Error: '' },
      ],
      Errors: null,
    });
  });

  it('acknowledges a repeated request but answers it once (checklist 8)', () => {
    const channel = opened();
    const request = handshakeRequestFrame(0);
    channel.receive(request, START);
    channel.receive(request, START + 100);
    expect(sent(channel)).toEqual(['ack #0', '#1 handshake response', 'ack #0']);
  });

  it('answers no second request, because an unexpected answer blocks the agent (4.4)', () => {
    const channel = opened();
    channel.receive(handshakeRequestFrame(0), START);
    expect(channel.receive(handshakeRequestFrame(1), START)).toEqual([
      ignored('another handshake request'),
    ]);
    expect(sent(channel)).toEqual(['ack #0', '#1 handshake response', 'ack #1']);
  });

  it('answers no request after output', () => {
    const channel = opened();
    channel.receive(outputFrame(0, '# '), START);
    sent(channel);
    expect(channel.receive(handshakeRequestFrame(1), START)).toEqual([
      ignored('another handshake request'),
    ]);
    expect(sent(channel)).toEqual(['ack #1']);
    expect(channel.hasInputRoom).toBe(true);
  });

  it('processes HandshakeComplete in order if it overtakes the request (checklist 9)', () => {
    const channel = opened();
    expect(channel.receive(handshakeCompleteFrame(1, 'Hi'), START)).toEqual([]);
    expect(sent(channel)).toEqual(['ack #1']);
    expect(channel.receive(handshakeRequestFrame(0), START)).toEqual([
      { type: 'notice', text: 'Hi' },
      ready,
    ]);
    expect(sent(channel)).toEqual(['ack #0', '#1 handshake response', '#2 size 80x24']);
  });

  it('passes on the message of the service, separate from the output (M-6)', () => {
    const channel = opened();
    channel.receive(handshakeRequestFrame(0), START);
    expect(channel.receive(handshakeCompleteFrame(1, 'Encrypted.'), START)).toEqual([
      { type: 'notice', text: 'Encrypted.' },
      ready,
    ]);
  });

  it('completes once', () => {
    const channel = opened();
    channel.receive(handshakeRequestFrame(0), START);
    channel.receive(handshakeCompleteFrame(1), START);
    sent(channel);
    expect(channel.receive(handshakeCompleteFrame(2), START)).toEqual([
      { type: 'ignored', what: 'the end of no handshake' },
    ]);
    expect(sent(channel)).toEqual(['ack #2']);
  });

  it('passes on one message of the service, even if it completes again', () => {
    const channel = opened();
    channel.receive(handshakeRequestFrame(0), START);
    const texts = [1, 2, 3].flatMap((number) =>
      channel
        .receive(handshakeCompleteFrame(number, 'Recorded.'), START)
        .flatMap((event) => (event.type === 'notice' ? [event.text] : [])),
    );
    expect(texts).toEqual(['Recorded.']);
  });

  it('fails if it is not completed within a minute of our answer', () => {
    const channel = opened();
    channel.receive(handshakeRequestFrame(0), START + 1000);
    channel.receive(acknowledgeFrame(0), START + 1000);
    channel.receive(acknowledgeFrame(1), START + 1000);
    expect(channel.nextDeadline()).toBe(START + 1000 + MINUTE);
    expect(channel.tick(START + 999 + MINUTE)).toEqual([]);
    const message = 'the agent did not complete the handshake';
    expect(channel.tick(START + 1000 + MINUTE)).toEqual([
      { type: 'failed', failure: { reason: 'handshake', message } },
    ]);
  });

  it.each([
    [{ ActionType: 'Dance', ActionParameters: {} }, 'ecsh does not know the action Dance'],
    [
      { ActionType: 'SessionType', ActionParameters: { SessionType: 'Port' } },
      'ecsh cannot take part in a Port session',
    ],
  ])('refuses %o: answers, then ends (checklist 10, S-4)', (action, message) => {
    const channel = opened();
    expect(channel.receive(handshakeRequestFrame(0, [action]), START)).toEqual([
      { type: 'failed', failure: { reason: 'handshake', message } },
    ]);
    expect(sent(channel)).toEqual(['ack #0', '#1 handshake response']);
    expect(channel.nextDeadline()).toBeUndefined();
  });

  it('ends if the request cannot be decoded, because the agent would wait 15 s (checklist 12)', () => {
    const channel = opened();
    const request = streamFrame({ sequenceNumber: 0, payloadType: 5, payload: '{"Requested' });
    expect(channel.receive(request, START)).toEqual([
      ignored('payload is not JSON'),
      {
        type: 'failed',
        failure: {
          reason: 'handshake',
          message: 'the agent sent a handshake that ecsh cannot read',
        },
      },
    ]);
    expect(sent(channel)).toEqual(['ack #0']);
  });
});

describe('receiving', () => {
  it('acknowledges output at once, with the same fields as the peers (3.1, S-5)', () => {
    const channel = opened();
    const output = outputFrame(0, 'x');
    channel.receive(output, START + 1);
    const [acknowledgement = Buffer.alloc(0)] = channel.takeOutgoing();
    expect(decoded(acknowledgement)).toEqual({
      messageType: 'acknowledge',
      createdDate: START + 1,
      sequenceNumber: 0,
      flags: 3,
      messageId: expect.stringMatching(UUID),
      payloadType: 0,
      payload: bytes(
        `{"AcknowledgedMessageType":"output_stream_data","AcknowledgedMessageId":"${decoded(output).messageId}",` +
          '"AcknowledgedMessageSequenceNumber":0,"IsSequentialMessage":true}',
      ),
    });
  });

  it('acknowledges a duplicate but delivers it once (checklist 13)', () => {
    const channel = streaming();
    expect(channel.receive(outputFrame(0, '# '), START)).toEqual([]);
    expect(sent(channel)).toEqual(['ack #0']);
  });

  it('stores messages after a gap, acknowledges them, and delivers in order (14, S-7)', () => {
    const channel = streaming();
    expect(channel.receive(outputFrame(3, 'c'), START)).toEqual([]);
    expect(channel.receive(outputFrame(2, 'b'), START)).toEqual([]);
    expect(channel.receive(outputFrame(1, 'a'), START)).toEqual([
      stdout('a'),
      stdout('b'),
      stdout('c'),
    ]);
    expect(sent(channel)).toEqual(['ack #3', 'ack #2', 'ack #1']);
  });

  it('drops messages that it cannot store, without an acknowledgement (checklist 15)', () => {
    const channel = streaming();
    for (let number = 2; number <= 10_001; number++) {
      channel.receive(outputFrame(number, 'x'), START);
    }
    expect(sent(channel)).toHaveLength(10_000);
    expect(channel.receive(outputFrame(10_002, 'x'), START)).toEqual([]);
    expect(sent(channel)).toEqual([]);
    expect(channel.receive(outputFrame(1, 'x'), START)).toHaveLength(10_001);
    expect(sent(channel)).toEqual(['ack #1']);
  });

  it('uses the first of two messages with one number (checklist 16)', () => {
    const channel = streaming();
    channel.receive(outputFrame(2, 'first'), START);
    channel.receive(outputFrame(2, 'second'), START);
    expect(channel.receive(outputFrame(1, '-'), START)).toEqual([stdout('-'), stdout('first')]);
  });

  it('drops a frame with a wrong digest without an acknowledgement, and accepts its repetition (18, F-11)', () => {
    const channel = streaming();
    const output = outputFrame(1, 'x');
    expect(channel.receive(corrupted(output, 80), START)).toEqual([
      ignored('payload digest of output_stream_data does not match'),
    ]);
    expect(sent(channel)).toEqual([]);
    expect(channel.receive(output, START)).toEqual([stdout('x')]);
  });

  it('drops a truncated frame, and ignores surplus bytes (17, F-10)', () => {
    const channel = streaming();
    const output = outputFrame(1, 'xyz');
    expect(channel.receive(output.subarray(0, output.length - 1), START)).toEqual([
      ignored('payload of 3 bytes in 122'),
    ]);
    expect(channel.receive(Buffer.concat([output, bytes('surplus')]), START)).toEqual([
      stdout('xyz'),
    ]);
    expect(sent(channel)).toEqual(['ack #1']);
  });

  it.each([
    ['for a number never sent', 7],
    ['that arrived before', 0],
  ])('ignores an acknowledgement %s (checklist 19)', (_, number) => {
    const channel = streaming();
    channel.receive(acknowledgeFrame(0), START);
    const deadline = channel.nextDeadline();
    expect(channel.receive(acknowledgeFrame(number), START + 77)).toEqual([]);
    expect(channel.nextDeadline()).toBe(deadline);
  });

  it('ignores an acknowledgement without a number', () => {
    const channel = streaming();
    const bad = frame({ messageType: 'acknowledge', payloadType: 0, payload: '{}' });
    expect(channel.receive(bad, START)).toEqual([ignored('acknowledge without a sequence number')]);
  });

  it.each([2, 3, 4, 6, 9, 10, 13, 4_294_967_295])(
    'acknowledges payload type %i, counts it and ignores it (checklist 21, M-9)',
    (payloadType) => {
      const channel = streaming();
      expect(
        channel.receive(streamFrame({ sequenceNumber: 1, payloadType, payload: '?' }), START),
      ).toEqual([ignored(`payload type ${payloadType}`)]);
      expect(sent(channel)).toEqual(['ack #1']);
      expect(channel.receive(outputFrame(2, 'on'), START)).toEqual([stdout('on')]);
    },
  );

  it.each(['input_stream_data', 'agent_session_state', 'something_new'])(
    'ignores the message type %s, and continues (F-13)',
    (messageType) => {
      const channel = streaming();
      const unknown = frame({ messageType, payloadType: 1, payload: '?', sequenceNumber: 1 });
      expect(channel.receive(unknown, START)).toEqual([ignored(`message type ${messageType}`)]);
      expect(sent(channel)).toEqual([]);
      expect(channel.receive(outputFrame(1, 'on'), START)).toEqual([stdout('on')]);
    },
  );

  it.each([0, 1, 2, 3, 2 ** 40])('does not act on flags of %d (checklist 22, F-15)', (flags) => {
    const channel = streaming();
    const output = frame({
      messageType: 'output_stream_data',
      payloadType: 1,
      payload: 'x',
      sequenceNumber: 1,
      flags,
    });
    expect(channel.receive(output, START)).toEqual([stdout('x')]);
  });

  it('passes bytes on unchanged: split characters, and invalid ones (23, C-7)', () => {
    const channel = streaming();
    const payloads = [Uint8Array.of(0xe2, 0x82), Uint8Array.of(0xac, 0xff, 0, 0xfe)];
    const events = payloads.flatMap((payload, index) =>
      channel.receive(streamFrame({ sequenceNumber: index + 1, payload }), START),
    );
    expect(events).toEqual(
      payloads.map((data) => ({ type: 'output', data: Buffer.from(data), stream: 'stdout' })),
    );
  });

  it('keeps stderr separate and remembers the exit code, if an agent sends them (M-8)', () => {
    const channel = streaming();
    expect(
      channel.receive(streamFrame({ sequenceNumber: 1, payloadType: 11, payload: 'oh' }), START),
    ).toEqual([{ type: 'output', data: Buffer.from('oh'), stream: 'stderr' }]);
    expect(
      channel.receive(
        streamFrame({ sequenceNumber: 2, payloadType: 12, payload: 'EXIT_CODE: -1' }),
        START,
      ),
    ).toEqual([{ type: 'exit-code', exitCode: -1 }]);
    expect(
      channel.receive(streamFrame({ sequenceNumber: 3, payloadType: 12, payload: 'bye' }), START),
    ).toEqual([ignored('exit code that is none')]);
  });

  it('loses only the message that it cannot decode, not the stored ones after it (4.4)', () => {
    const channel = streaming();
    channel.receive(outputFrame(2, 'behind'), START);
    const broken = streamFrame({ sequenceNumber: 1, payloadType: 12, payload: 'not a number' });
    expect(channel.receive(broken, START)).toEqual([
      ignored('exit code that is none'),
      stdout('behind'),
    ]);
    expect(channel.receive(outputFrame(3, 'later'), START)).toEqual([stdout('later')]);
  });
});

describe('sending', () => {
  it('splits input into payloads of 1024 bytes that share one counter with Size (F-6, 2.5)', () => {
    const channel = streaming();
    channel.sendInput(bytes(`${'a'.repeat(1024)}${'b'.repeat(1024)}c`), START);
    channel.resize({ cols: 100, rows: 30 }, START);
    channel.sendInput(bytes('d'), START);
    expect(sent(channel)).toEqual([
      `#2 input "${'a'.repeat(1024)}"`,
      `#3 input "${'b'.repeat(1024)}"`,
      '#4 input "c"',
      '#5 size 100x30',
      '#6 input "d"',
    ]);
  });

  it('sends no frame for empty input (checklist 26, F-5)', () => {
    const channel = streaming();
    channel.sendInput(new Uint8Array(), START);
    expect(sent(channel)).toEqual([]);
    expect(channel.hasInputRoom).toBe(true);
  });

  it('does not change a single line feed (checklist 27, T-6)', () => {
    const channel = streaming();
    channel.sendInput(bytes('\n'), START);
    expect(sent(channel)).toEqual(['#2 input "\\n"']);
  });

  it('sends a size only if it has changed', () => {
    const channel = streaming();
    channel.resize({ cols: 80, rows: 24 }, START);
    expect(sent(channel)).toEqual([]);
    channel.resize({ cols: 80, rows: 25 }, START);
    expect(sent(channel)).toEqual(['#2 size 80x25']);
  });

  it('never sends a size that the agent cannot apply (T-4)', () => {
    const channel = streaming();
    channel.resize({ cols: 0, rows: 1e6 }, START);
    expect(sent(channel)).toEqual(['#2 size 1x65535']);
  });

  it('allows 64 unacknowledged messages at first and holds the rest back (checklist 28, S-11)', () => {
    const channel = streaming();
    channel.sendInput(new Uint8Array(70 * 1024), START);
    // Two Size messages are in transit as well.
    expect(sent(channel)).toHaveLength(62);
    expect(channel.hasInputRoom).toBe(false);
    const events = [2, 3, 4].map((number) => channel.receive(acknowledgeFrame(number), START));
    expect(events.flat()).toEqual([]);
    // One for each answer, and one because the window grows.
    expect(sent(channel)).toHaveLength(6);
    expect(channel.receive(acknowledgeFrame(5), START)).toEqual([{ type: 'input-drained' }]);
    expect(sent(channel)).toHaveLength(2);
    expect(channel.hasInputRoom).toBe(true);
  });

  it('reports room only after there was none', () => {
    const channel = streaming();
    channel.sendInput(bytes('a'), START);
    expect(channel.receive(acknowledgeFrame(2), START)).toEqual([]);
  });

  it('keeps only the latest size while the window is full', () => {
    const channel = streaming();
    channel.sendInput(new Uint8Array(62 * 1024), START);
    sent(channel);
    for (let cols = 100; cols < 200; cols++) channel.resize({ cols, rows: 24 }, START);
    expect(sent(channel)).toEqual([]);
    channel.receive(acknowledgeFrame(2), START);
    expect(sent(channel)).toEqual(['#64 size 199x24']);
    channel.receive(acknowledgeFrame(3), START);
    expect(sent(channel)).toEqual([]);
  });

  it('sends a changed size before waiting input', () => {
    const channel = streaming();
    channel.sendInput(new Uint8Array(62 * 1024), START);
    channel.sendInput(bytes('waits'), START);
    channel.resize({ cols: 100, rows: 24 }, START);
    sent(channel);
    channel.receive(acknowledgeFrame(2), START);
    channel.receive(acknowledgeFrame(3), START);
    expect(sent(channel)).toEqual(['#64 size 100x24', '#65 input "waits"']);
  });

  it('resends only the oldest message, and only when its timeout has passed (S-8)', () => {
    const channel = streaming();
    channel.sendInput(bytes('a'), START);
    channel.sendInput(bytes('b'), START);
    sent(channel);
    channel.tick(START + 1000);
    expect(sent(channel)).toEqual(['#0 size 80x24']);
  });
});

describe('a pause of the agent (M-5, S-9, checklist 29)', () => {
  it('ends with start_publication, which resends an unacknowledged size (M-4)', () => {
    const channel = opened();
    channel.receive(publicationFrame('pause_publication'), START);
    channel.tick(START + 5000);
    expect(sent(channel)).toEqual([]);
    channel.receive(publicationFrame('start_publication'), START + 5000);
    channel.tick(channel.nextDeadline() ?? 0);
    expect(sent(channel)).toEqual(['#0 size 80x24']);
  });

  it('stops resends', () => {
    const channel = streaming();
    channel.receive(publicationFrame('pause_publication'), START);
    channel.tick(START + 9 * MINUTE);
    expect(sent(channel)).toEqual([]);
  });

  it('ends the session after ten minutes of silence', () => {
    const channel = streaming();
    channel.receive(publicationFrame('pause_publication'), START);
    expect(channel.nextDeadline()).toBe(START + 10 * MINUTE);
    expect(channel.tick(START + 10 * MINUTE - 1)).toEqual([]);
    const message = 'the container has been away for ten minutes';
    expect(channel.tick(START + 10 * MINUTE)).toEqual([
      { type: 'failed', failure: { reason: 'unanswered', message } },
    ]);
  });

  it('continues although we stopped reading in between, and then has another ten minutes', () => {
    const channel = streaming();
    channel.receive(publicationFrame('pause_publication'), START);
    channel.pauseReceiving();
    expect(channel.nextDeadline()).toBeUndefined();
    channel.resumeReceiving(START + 30 * MINUTE);
    channel.tick(START + 30 * MINUTE);
    expect(sent(channel)).toEqual([]);
    expect(channel.nextDeadline()).toBe(START + 40 * MINUTE);
    channel.receive(publicationFrame('start_publication'), START + 31 * MINUTE);
    channel.tick(channel.nextDeadline() ?? 0);
    expect(sent(channel)).toEqual(['#0 size 80x24']);
  });

  it.each([
    ['start_publication', publicationFrame('start_publication')],
    ['an acknowledgement', acknowledgeFrame(1)],
    ['output', outputFrame(1, 'x')],
  ])('ends at %s, which resends unacknowledged messages', (_, bytesOfFrame) => {
    const channel = streaming();
    channel.receive(publicationFrame('pause_publication'), START);
    channel.receive(bytesOfFrame, START + MINUTE);
    sent(channel);
    channel.tick(channel.nextDeadline() ?? 0);
    expect(sent(channel)).toEqual(['#0 size 80x24']);
  });

  it('does not count as time without an answer (S-10)', () => {
    const channel = streaming();
    channel.receive(publicationFrame('pause_publication'), START);
    channel.receive(publicationFrame('start_publication'), START + 20 * MINUTE);
    expect(channel.tick(START + 20 * MINUTE)).toEqual([]);
    expect(channel.tick(START + 25 * MINUTE)).toEqual([unanswered]);
  });

  it('does not count as time with a missing message (S-12)', () => {
    const channel = streaming();
    channel.receive(outputFrame(2, 'later'), START);
    channel.receive(publicationFrame('pause_publication'), START + 1000);
    expect(channel.tick(START + 2 * MINUTE)).toEqual([]);
    channel.receive(publicationFrame('start_publication'), START + 2 * MINUTE);
    expect(channel.tick(START + 3 * MINUTE - 1)).toEqual([]);
    expect(channel.tick(START + 3 * MINUTE)).toEqual([gap]);
  });
});

describe('limits', () => {
  it('ends after five minutes without an acknowledgement of the oldest message (S-10)', () => {
    const channel = opened();
    expect(channel.tick(START + 5 * MINUTE - 1)).toEqual([]);
    expect(channel.tick(START + 5 * MINUTE)).toEqual([unanswered]);
  });

  it('announces the ticks that lead there', () => {
    const channel = opened();
    const events: ChannelEvent[] = [];
    for (let now = channel.nextDeadline(); now !== undefined; now = channel.nextDeadline()) {
      events.push(...channel.tick(now));
    }
    expect(events).toEqual([unanswered]);
  });

  it('ends if a message stays missing for a minute while later ones arrive (S-12)', () => {
    const channel = settled();
    expect(channel.nextDeadline()).toBeUndefined();
    channel.receive(outputFrame(2, 'later'), START);
    expect(channel.nextDeadline()).toBe(START + MINUTE);
    channel.receive(outputFrame(3, 'later'), START + 30_000);
    expect(channel.tick(START + MINUTE - 1)).toEqual([]);
    expect(channel.tick(START + MINUTE)).toEqual([gap]);
  });

  it('measures each missing message separately', () => {
    const channel = settled();
    channel.receive(outputFrame(2, 'x'), START);
    channel.receive(outputFrame(4, 'x'), START + 50_000);
    channel.receive(outputFrame(1, 'x'), START + 59_000);
    expect(channel.nextDeadline()).toBe(START + 59_000 + MINUTE);
    expect(channel.tick(START + 61_000)).toEqual([]);
    channel.receive(outputFrame(3, 'x'), START + 62_000);
    expect(channel.nextDeadline()).toBeUndefined();
  });

  it('reports one failure, even if two limits are exceeded', () => {
    const channel = streaming();
    channel.receive(outputFrame(2, 'later'), START);
    expect(channel.tick(START + 10 * MINUTE)).toHaveLength(1);
    expect(channel.tick(START + 20 * MINUTE)).toEqual([]);
  });
});

describe('the end', () => {
  it('is channel_closed; an empty text is a normal end (3.2)', () => {
    expect(streaming().receive(channelClosedFrame(''), START)).toEqual([closed('')]);
  });

  it('has the text of a session that failed or was cut off (M-3)', () => {
    const output = '\n----------ERROR-------\nUnable to start command: no\n\n';
    expect(opened().receive(channelClosedFrame(output), START)).toEqual([closed(output)]);
  });

  it('is not a normal end if the message cannot be decoded', () => {
    expect(streaming().receive(serviceFrame('channel_closed', 'bye'), START)).toEqual([
      ignored('payload is not JSON'),
      closed('the service closed the session with a message that ecsh cannot read'),
    ]);
  });

  it('follows all contiguous output, and reports missing output (S-18, S-19)', () => {
    const channel = streaming();
    channel.receive(outputFrame(1, 'a'), START);
    channel.receive(outputFrame(3, 'c'), START);
    expect(channel.receive(channelClosedFrame(''), START)).toEqual([
      { type: 'closed', output: '', isComplete: false },
    ]);
  });

  it('silently discards unacknowledged input (checklist 31)', () => {
    const channel = streaming();
    channel.sendInput(new Uint8Array(100 * 1024), START);
    sent(channel);
    expect(channel.receive(channelClosedFrame(''), START)).toEqual([closed('')]);
    expect(channel.nextDeadline()).toBeUndefined();
    expect(channel.tick(START + MINUTE)).toEqual([]);
    expect(sent(channel)).toEqual([]);
  });

  it('still sends pending acknowledgements', () => {
    const channel = streaming();
    channel.receive(outputFrame(1, 'x'), START);
    channel.receive(channelClosedFrame(''), START);
    expect(sent(channel)).toEqual(['ack #1']);
  });

  it.each([
    ['channel_closed', (channel: DataChannel) => channel.receive(channelClosedFrame(''), START)],
    ['a failure', (channel: DataChannel) => channel.tick(START + 5 * MINUTE)],
  ])('is final: after %s it neither sends nor delivers', (_, end) => {
    const channel = streaming();
    expect(end(channel)).toHaveLength(1);
    sent(channel);
    const later = [
      outputFrame(1, 'late'),
      outputFrame(0, '# '),
      acknowledgeFrame(0),
      channelClosedFrame('again'),
      Uint8Array.of(1, 2, 3),
    ];
    expect(later.flatMap((bytesOfFrame) => channel.receive(bytesOfFrame, START))).toEqual([]);
    channel.sendInput(bytes('late'), START);
    channel.resize({ cols: 1, rows: 1 }, START);
    expect(channel.tick(START + 20 * MINUTE)).toEqual([]);
    expect(channel.hasInputRoom).toBe(false);
    expect(channel.nextDeadline()).toBeUndefined();
    expect(sent(channel)).toEqual([]);
  });

  it('is final within a run: nothing after a refused handshake is delivered', () => {
    const channel = opened();
    channel.receive(outputFrame(1, 'behind'), START);
    const events = channel.receive(
      handshakeRequestFrame(0, [{ ActionType: 'Dance', ActionParameters: {} }]),
      START,
    );
    expect(events.map(({ type }) => type)).toEqual(['failed']);
  });
});

const gap: ChannelEvent = {
  type: 'failed',
  failure: {
    reason: 'gap',
    message: 'part of the output was lost on the way and did not come again',
  },
};

const unanswered: ChannelEvent = {
  type: 'failed',
  failure: { reason: 'unanswered', message: 'the container has not answered for five minutes' },
};

function newChannel(options: Partial<DataChannelOptions> = {}): DataChannel {
  return new DataChannel({
    token: 'token',
    size: { cols: 80, rows: 24 },
    requiresEncryption: false,
    ...options,
  });
}

/** Open, with the first Size in transit. */
function opened(): DataChannel {
  const channel = newChannel();
  channel.open(START);
  channel.takeOutgoing();
  return channel;
}

/** Output has arrived, input is allowed; Size is unacknowledged as #0 and #1. */
function streaming(): DataChannel {
  const channel = opened();
  channel.receive(outputFrame(0, '# '), START);
  channel.takeOutgoing();
  return channel;
}

/** The same with everything acknowledged. */
function settled(): DataChannel {
  const channel = streaming();
  for (const number of [0, 1]) channel.receive(acknowledgeFrame(number), START);
  return channel;
}

function stdout(text: string): ChannelEvent {
  return { type: 'output', data: Buffer.from(text), stream: 'stdout' };
}

function closed(output: string): ChannelEvent {
  return { type: 'closed', output, isComplete: true };
}

function ignored(what: string): ChannelEvent {
  return { type: 'ignored', what };
}

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function corrupted(original: Uint8Array, offset: number): Uint8Array {
  const copy = Uint8Array.from(original);
  copy[offset] = (copy[offset] ?? 0) ^ 1;
  return copy;
}
