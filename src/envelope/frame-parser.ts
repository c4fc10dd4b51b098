import type { EnvelopeEvent, EnvelopeStream } from './envelope.ts';

/** Reads frames out of the terminal's output in one encoding. */
export interface FrameParser {
  read(chunk: Uint8Array, events: EnvelopeEvent[]): void;
  /** Streams that did not arrive as they were written, as far as that can be told. */
  damaged(): readonly EnvelopeStream[];
}

/** Frames that are not data; what is none of them is an echo of our own lines without stty. */
export function readControlFrame(line: string, events: EnvelopeEvent[]): void {
  if (line === 'u') {
    events.push({ type: 'no-user-switch' });
    return;
  }
  const match = /^([pax])(\d{1,15})$/.exec(line);
  if (match === null) return;
  const value = Number(match[2]);
  if (match[1] === 'p') events.push({ type: 'started', pid: value });
  else if (match[1] === 'a') events.push({ type: 'taken', bytes: value });
  else events.push({ type: 'status', status: value });
}
