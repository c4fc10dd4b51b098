import { EndFilter } from './end-filter.ts';
import type { EnvelopeEvent, EnvelopeStream } from './envelope.ts';
import { type FrameParser, readControlFrame } from './frame-parser.ts';
import { LineSplitter } from './line-splitter.ts';

/** Frames in base64 or hexadecimal: every line is one, and any byte can be in a stream. */
export class EncodedFrames implements FrameParser {
  readonly #encoding: 'base64' | 'hex';
  readonly #lines = new LineSplitter();
  readonly #ends: Readonly<Record<EnvelopeStream, EndFilter>>;

  constructor(nonce: string, encoding: 'base64' | 'hex') {
    this.#encoding = encoding;
    const marker = Buffer.from(`\u0001${nonce}\u0002`, 'latin1');
    this.#ends = { stdout: new EndFilter(marker), stderr: new EndFilter(marker) };
  }

  read(chunk: Uint8Array, events: EnvelopeEvent[]): void {
    const nothing = new Uint8Array(0);
    let line = this.#lines.next(chunk);
    for (; line !== undefined; line = this.#lines.next(nothing)) this.#readLine(line, events);
  }

  /** The channel keeps ASCII whole (PROTOCOL 8.6), so there is nothing to check. */
  damaged(): readonly EnvelopeStream[] {
    return [];
  }

  #readLine(line: string, events: EnvelopeEvent[]): void {
    const body = line.slice(1);
    if (line[0] === '1') this.#readData('stdout', body, events);
    else if (line[0] === '2') this.#readData('stderr', body, events);
    else readControlFrame(line, events);
  }

  #readData(stream: EnvelopeStream, body: string, events: EnvelopeEvent[]): void {
    const text = this.#encoding === 'hex' ? body.replaceAll(' ', '') : body;
    const data = this.#ends[stream].pass(Buffer.from(text, this.#encoding));
    if (data.length > 0) events.push({ type: 'data', stream, data });
    if (this.#ends[stream].takeEnd()) events.push({ type: 'end', stream });
  }
}
