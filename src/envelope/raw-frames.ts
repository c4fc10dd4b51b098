import { Cksum } from './cksum.ts';
import { EndFilter, partialLength } from './end-filter.ts';
import type { EnvelopeEvent, EnvelopeStream } from './envelope.ts';
import { FIRST_GO } from './envelope-input.ts';
import { type FrameParser, readControlFrame } from './frame-parser.ts';
import { NewlineRepair } from './newline-repair.ts';
import { ReplacementRepair } from './replacement-repair.ts';

const NEWLINE = 0x0a;
const START_OF_TEXT = 0x02;
/** A frame is a line of at most 900 bytes with its mark. A longer line is not a frame. */
const MAX_FRAME = 4096;

/** The raw encoding: unchanged stdout between frames that begin with SOH NONCE. */
export class RawFrames implements FrameParser {
  readonly #mark: Buffer;
  readonly #newlines: NewlineRepair | undefined;
  readonly #echo = new EndFilter(Buffer.from(FIRST_GO));
  readonly #streams: Readonly<Record<EnvelopeStream, RawStream>>;
  #rest: Buffer = Buffer.alloc(0);
  #hasEcho = false;

  constructor(nonce: string, hasTerminalSettings: boolean) {
    this.#mark = Buffer.from(`\u0001${nonce}`, 'latin1');
    this.#newlines = hasTerminalSettings ? undefined : new NewlineRepair();
    const end = Buffer.concat([this.#mark, Buffer.from([START_OF_TEXT])]);
    this.#streams = {
      stdout: new RawStream('stdout', end),
      stderr: new RawStream('stderr', end),
    };
  }

  read(chunk: Uint8Array, events: EnvelopeEvent[]): void {
    let data = Buffer.concat([this.#rest, this.#clean(chunk)]);
    for (let at = data.indexOf(this.#mark); at !== -1; at = data.indexOf(this.#mark)) {
      this.#passOutput(data.subarray(0, at), events);
      data = data.subarray(at);
      const length = this.#frameLength(data);
      if (length === undefined) break;
      this.#readFrame(data.subarray(0, length), events);
      data = data.subarray(length);
    }
    const held = data.indexOf(this.#mark) === 0 ? data.length : partialLength(data, this.#mark);
    this.#passOutput(data.subarray(0, data.length - held), events);
    this.#rest = data.subarray(data.length - held);
  }

  damaged(): readonly EnvelopeStream[] {
    return (['stdout', 'stderr'] as const).filter((name) => !this.#streams[name].isIntact);
  }

  /** Without stty the terminal adds CRs, and echoes the line that starts the command, possibly within its output. */
  #clean(chunk: Uint8Array): Uint8Array {
    if (this.#newlines === undefined) return chunk;
    const data = this.#newlines.pass(chunk);
    if (this.#hasEcho) return data;
    const rest = this.#echo.pass(data);
    this.#hasEcho = this.#echo.takeEnd();
    return rest;
  }

  /** Without stty our own lines are echoed, and after the command's end they cannot be distinguished from output. */
  #passOutput(bytes: Buffer, events: EnvelopeEvent[]): void {
    const { stdout } = this.#streams;
    if (this.#newlines === undefined || !stdout.hasEnded) stdout.pass(bytes, events);
  }

  /** Length of the frame at the start of `data`; undefined while incomplete. */
  #frameLength(data: Buffer): number | undefined {
    if (data[this.#mark.length] === START_OF_TEXT) return this.#mark.length + 1;
    const end = data.indexOf(NEWLINE);
    if (end !== -1) return end + 1;
    return data.length > MAX_FRAME ? data.length : undefined;
  }

  #readFrame(frame: Buffer, events: EnvelopeEvent[]): void {
    const { stdout, stderr } = this.#streams;
    const body = frame.subarray(this.#mark.length + 1);
    switch (frame.toString('latin1', this.#mark.length, this.#mark.length + 1)) {
      case '\u0002':
        stdout.pass(frame, events);
        return;
      case '2':
        stderr.pass(body, events);
        return;
      case '3':
        stderr.pass(body.subarray(0, -1), events);
        return;
      case 's': {
        const sum = body.toString('latin1', 1).trim();
        (body[0] === 0x31 ? stdout : stderr).expect(sum);
        return;
      }
      default:
        readControlFrame(frame.toString('latin1', this.#mark.length, frame.length - 1), events);
    }
  }
}

/** Repairs and checks one stream, and removes its end marker. */
class RawStream {
  readonly #name: EnvelopeStream;
  readonly #repair = new ReplacementRepair();
  readonly #sum = new Cksum();
  readonly #end: EndFilter;
  #expected: string | undefined;
  #hasEnded = false;

  constructor(name: EnvelopeStream, endMarker: Buffer) {
    this.#name = name;
    this.#end = new EndFilter(endMarker);
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  get isIntact(): boolean {
    return this.#expected === this.#sum.toString();
  }

  /** `sum` is the output of cksum on the other side, including the end marker. */
  expect(sum: string): void {
    this.#expected = sum;
  }

  pass(bytes: Uint8Array, events: EnvelopeEvent[]): void {
    if (bytes.length === 0) return;
    const mended = this.#repair.pass(bytes);
    this.#sum.update(mended);
    const data = this.#end.pass(mended);
    if (data.length > 0) events.push({ type: 'data', stream: this.#name, data });
    if (!this.#end.takeEnd()) return;
    this.#hasEnded = true;
    events.push({ type: 'end', stream: this.#name });
  }
}
