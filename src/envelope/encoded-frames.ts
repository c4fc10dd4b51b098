import { EndFilter } from './end-filter.ts';
import type { EnvelopeEvent, EnvelopeStream } from './envelope.ts';
import { type FrameParser, readControlFrame } from './frame-parser.ts';
import { LineSplitter } from './line-splitter.ts';

/** Ends a line of data. Neither encoding uses this character. */
const LINE_END = '.';
const ENCODED = { base64: /^[A-Za-z0-9+/]*={0,2}$/, hex: /^[0-9a-f]*$/ } as const;
/** Characters that encode a whole number of bytes. */
const UNIT = { base64: 4, hex: 2 } as const;

/** Frames in base64 or hexadecimal: every line is a frame, and a stream can contain any byte. */
export class EncodedFrames implements FrameParser {
  readonly #encoding: 'base64' | 'hex';
  readonly #damaged = new Set<EnvelopeStream>();
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

  /**
   * The channel preserves ASCII (PROTOCOL 8.6), but a line is split if a signal interrupts its write and another
   * process writes in between: then a part lacks its beginning or its end.
   */
  damaged(): readonly EnvelopeStream[] {
    return [...this.#damaged];
  }

  #readLine(line: string, events: EnvelopeEvent[]): void {
    const stream = STREAMS[line[0] ?? ''];
    const isWhole = line.endsWith(LINE_END);
    if (stream === undefined) {
      if (isWhole) for (const each of Object.values(STREAMS)) this.#damaged.add(each);
      else readControlFrame(line, events);
      return;
    }
    const data = isWhole ? this.#decode(line.slice(1, -LINE_END.length)) : undefined;
    if (data === undefined) this.#damaged.add(stream);
    else this.#pass(stream, data, events);
  }

  /** Undefined if it is not the output of an encoder. */
  #decode(body: string): Uint8Array | undefined {
    const encoding = this.#encoding;
    const text = encoding === 'hex' ? body.replaceAll(' ', '') : body;
    const isValid = text.length % UNIT[encoding] === 0 && ENCODED[encoding].test(text);
    return isValid ? Buffer.from(text, encoding) : undefined;
  }

  #pass(stream: EnvelopeStream, bytes: Uint8Array, events: EnvelopeEvent[]): void {
    const data = this.#ends[stream].pass(bytes);
    if (data.length > 0) events.push({ type: 'data', stream, data });
    if (this.#ends[stream].takeEnd()) events.push({ type: 'end', stream });
  }
}

const STREAMS: Readonly<Record<string, EnvelopeStream>> = { 1: 'stdout', 2: 'stderr' };
