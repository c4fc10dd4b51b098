import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ChannelEvent } from '#protocol/channel-event.ts';
import { DataChannel } from '#protocol/data-channel.ts';
import type { ChannelSize } from '#protocol/payload.ts';
import { type SmuxEvent, SmuxSession } from '#protocol/smux/smux-session.ts';
import { rounds } from '#test/helpers/rounds.ts';
import { type RecordedFrame, type RecordedSession, readSession } from '#test/helpers/wire.ts';
import { channelClosedFrame, decoded } from './peer-frames.ts';

const START = 1_735_689_600_000;

/** The output on the terminals of the recorded sessions. */
const OUTPUTS = [
  ['oneshot', 'hi\r\n'],
  [
    'shell-interactive',
    '# ls /usr\r\n' +
      'bin  etc  games  include  lib  lib64  libexec  local  sbin  share  src\r\n' +
      '# stty size\r\n' +
      '40 120\r\n' +
      '# exit\r\n',
  ],
  ['terminate', '# sleep 100\r\n^C\r\n# sleep 100\r\n^\\Quit\r\n# sleep 100\r\n'],
] as const;

describe('the recorded session', () => {
  it.each(OUTPUTS)('%s returns its exact output, then ends', (name, output) => {
    const { events } = replay(framesToClient(name));
    expect(outputOf(events)).toBe(output);
    expect(events[0]).toEqual({ type: 'input-ready' });
    expect(events.at(-1)).toEqual({ type: 'closed', output: '', isComplete: true });
    expect(events.filter(({ type }) => type === 'ignored')).toEqual([]);
  });

  it.each(OUTPUTS)('%s is acknowledged with the same bytes as by the plugin', (name) => {
    const { acknowledgements } = replay(framesToClient(name));
    expect(acknowledgements).toEqual(acknowledgementsOfPlugin(name));
    expect(new Set(acknowledgements).size).toBe(acknowledgements.length);
  });

  it('port-forward returns the bytes of smux, and is acknowledged as by the plugin', () => {
    const { events, responses, acknowledgements } = replay(framesToClient('port-forward'), {
      size: undefined,
    });
    const streams = new SmuxSession();
    for (const _ of [3, 5, 7]) streams.open();
    const smux = streams.receive(Buffer.from(outputOf(events), 'latin1'));
    expect(smux.map(describeSmux)).toEqual([
      '3 HELLO ONE\n',
      '5 HELLO TWO\n',
      '3 closed',
      '5 AGAIN\n',
      '5 closed',
      '7 closed',
    ]);
    expect(events.filter(({ type }) => type === 'ignored')).toEqual([]);
    expect(responses.map(statusesOf)).toEqual([[1]]);
    expect(acknowledgements).toEqual(acknowledgementsOfPlugin('port-forward'));
  });

  it('port-forward is refused by a shell in the handshake, and none of its data is returned', () => {
    const message = 'ecsh cannot take part in a Port session';
    const { events, responses, acknowledgements } = replay(framesToClient('port-forward'));
    expect(events).toEqual([{ type: 'failed', failure: { reason: 'handshake', message } }]);
    expect(responses.map(statusesOf)).toEqual([[2]]);
    expect(acknowledgements).toEqual(acknowledgementsOfPlugin('port-forward').slice(0, 1));
  });

  it.each(OUTPUTS)(
    '%s gives the same output in any order and with any repetition',
    (name, output) => {
      const frames = framesToClient(name).filter(({ direction }) => direction === 'agent->client');
      const arrivals = fc
        .array(fc.constantFrom(...frames), { maxLength: 2 * frames.length })
        .chain((repeated) => {
          const all = [...frames, ...repeated];
          return fc.shuffledSubarray(all, { minLength: all.length });
        });
      fc.assert(
        fc.property(arrivals, (arrived) => {
          const { events, acknowledgements } = replay([...arrived, closing()]);
          expect(outputOf(events)).toBe(output);
          expect(events[0]).toEqual({ type: 'input-ready' });
          expect(events.at(-1)).toEqual({ type: 'closed', output: '', isComplete: true });
          expect(acknowledgements).toHaveLength(arrived.filter(isStream).length);
          expect(new Set(acknowledgements)).toEqual(new Set(acknowledgementsOfPlugin(name)));
        }),
        { seed: 1, numRuns: rounds(200) },
      );
    },
  );

  it.each(OUTPUTS)(
    '%s with a lost frame returns the output before it, and reports the loss',
    (name) => {
      const frames = framesToClient(name).filter(isStream);
      for (const lost of frames.slice(0, -1)) {
        const { events } = replay([...frames.filter((each) => each !== lost), closing()]);
        const before = frames.slice(0, frames.indexOf(lost)).map(payloadText).join('');
        expect(outputOf(events)).toBe(before);
        expect(events.at(-1)).toEqual({ type: 'closed', output: '', isComplete: false });
      }
    },
  );
});

interface Replay {
  readonly events: readonly ChannelEvent[];
  /** Returns the payloads that the client sent. */
  readonly acknowledgements: readonly string[];
  readonly responses: readonly string[];
}

const SIZE = { cols: 100, rows: 30 };

function replay(
  frames: readonly RecordedFrame[],
  { size }: { readonly size: ChannelSize | undefined } = { size: SIZE },
): Replay {
  const channel = new DataChannel({ token: 'token', size, requiresEncryption: false });
  channel.open(START);
  const events = frames.flatMap(({ frame, at }) => channel.receive(frame, START + at));
  const sent = channel.takeOutgoing().map(decoded);
  const payloads = (payloadType: number) =>
    sent
      .filter((message) => message.payloadType === payloadType)
      .map(({ payload }) => new TextDecoder().decode(payload));
  return { events, acknowledgements: payloads(0), responses: payloads(6) };
}

/** Returns the frames that reached the plugin, in order; the stand-in for the gateway created the frames of the service. */
function framesToClient(name: RecordedSession): readonly RecordedFrame[] {
  return readSession(name).filter(
    ({ direction }) => direction === 'agent->client' || direction === 'mgs->client',
  );
}

function acknowledgementsOfPlugin(name: RecordedSession): readonly string[] {
  return readSession(name)
    .filter(({ direction }) => direction === 'client->agent')
    .filter(({ frame }) => decoded(frame).messageType === 'acknowledge')
    .map(payloadText);
}

function isStream({ frame }: RecordedFrame): boolean {
  return decoded(frame).messageType === 'output_stream_data';
}

function payloadText({ frame }: RecordedFrame): string {
  return new TextDecoder().decode(decoded(frame).payload);
}

function closing(): RecordedFrame {
  return { direction: 'mgs->client', at: 10_000, frame: channelClosedFrame('') };
}

function outputOf(events: readonly ChannelEvent[]): string {
  const chunks = events.flatMap((event) => (event.type === 'output' ? [event.data] : []));
  return Buffer.concat(chunks).toString('latin1');
}

function describeSmux(event: SmuxEvent): string {
  if (event.type === 'ignored') return event.what;
  return `${event.streamId} ${event.type === 'data' ? Buffer.from(event.data) : event.type}`;
}

function statusesOf(response: string): readonly number[] {
  return [...response.matchAll(/"ActionStatus":(\d)/g)].map(([, status]) => Number(status));
}
