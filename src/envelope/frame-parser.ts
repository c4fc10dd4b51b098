import type { EnvelopeEvent, EnvelopeStream } from './envelope.ts';

/** Parses frames of one encoding from the output of the terminal. */
export interface FrameParser {
  read(chunk: Uint8Array, events: EnvelopeEvent[]): void;
  /** Streams whose data is known to be damaged. */
  damaged(): readonly EnvelopeStream[];
}

/** Reads a frame without data. Other lines are our own, echoed without stty, and ignored. */
export function readControlFrame(line: string, events: EnvelopeEvent[]): void {
  if (line === 'u') events.push({ type: 'no-user-switch' });
  else if (line === 'g') events.push({ type: 'input-damaged' });
  else if (/^v\w+$/.test(line)) events.push({ type: 'variable-readonly', name: line.slice(1) });
  const match = /^([pax])(\d{1,15})$/.exec(line);
  if (match === null) return;
  const value = Number(match[2]);
  if (match[1] === 'p') events.push({ type: 'started', pid: value });
  else if (match[1] === 'a') events.push({ type: 'taken', characters: value });
  else events.push({ type: 'status', status: value });
}
