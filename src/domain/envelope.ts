import { ENVELOPE_SCRIPT } from './envelope-script.ts';

export interface EnvelopeOptions {
  /** Unguessable and new for each session (C-11); hexadecimal. */
  readonly nonce: string;
  readonly argv: readonly string[];
  readonly directory?: string | undefined;
  /** The command gets a stdin; without it, an empty one. */
  readonly hasStdin: boolean;
  /** The command waits for `Environment` lines and `GO` before it starts. */
  readonly waits: boolean;
  readonly mergesStderr: boolean;
}

/** What the image offers, as the first frame tells. */
export interface EnvelopeFeatures {
  /** False without stty: what is typed into the session is echoed into its output. */
  readonly hasTerminalSettings: boolean;
  /** `none`: the image lacks dd, or both base64 and od; the command is not run then. */
  readonly encoding: 'base64' | 'hex' | 'none';
  /** False without setsid: a signal reaches the command itself, not its children. */
  readonly hasProcessGroup: boolean;
}

export type EnvelopeEvent =
  | { readonly type: 'begin'; readonly features: EnvelopeFeatures }
  | { readonly type: 'started'; readonly pid: number }
  | { readonly type: 'data'; readonly stream: EnvelopeStream; readonly data: Uint8Array }
  /** Everything the command itself wrote to this stream has been delivered. */
  | { readonly type: 'end'; readonly stream: EnvelopeStream }
  | { readonly type: 'taken'; readonly bytes: number }
  | { readonly type: 'status'; readonly status: number };

export type EnvelopeStream = 'stdout' | 'stderr';

/** The argument vector for ExecuteCommand. */
export function createEnvelope(options: EnvelopeOptions): readonly string[] {
  const flags = [
    options.waits ? 'w' : '',
    options.hasStdin ? 'i' : '',
    options.mergesStderr ? 'm' : '',
  ].join('');
  const { nonce, directory, argv } = options;
  return ['sh', '-c', ENVELOPE_SCRIPT, 'ecsh', nonce, flags, directory ?? '', ...argv];
}

const NEWLINE = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/** Longer lines are none of ours: the script writes lines of under 200 bytes. */
const MAX_LINE = 64 * 1024;

/** Reads the frames of `ENVELOPE_SCRIPT` out of the terminal's output, however it is cut. */
export class EnvelopeReader {
  readonly #nonce: string;
  #rest: Uint8Array = new Uint8Array(0);
  #features: EnvelopeFeatures | undefined;
  readonly #filters: Readonly<Record<EnvelopeStream, EndFilter>>;

  constructor(nonce: string) {
    this.#nonce = nonce;
    this.#filters = { stdout: new EndFilter(nonce), stderr: new EndFilter(nonce) };
  }

  read(chunk: Uint8Array): readonly EnvelopeEvent[] {
    const data = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const events: EnvelopeEvent[] = [];
    let start = 0;
    for (let end = data.indexOf(NEWLINE); end !== -1; end = data.indexOf(NEWLINE, start)) {
      // Without stty the terminal still turns NL into CR NL (PROTOCOL 8.5).
      const last = data[end - 1] === CARRIAGE_RETURN ? end - 1 : end;
      this.#readLine(asciiText(data, start, last), events);
      start = end + 1;
    }
    this.#rest = data.length - start > MAX_LINE ? new Uint8Array(0) : data.slice(start);
    return events;
  }

  #readLine(line: string, events: EnvelopeEvent[]): void {
    if (this.#features === undefined) {
      this.#readBegin(line, events);
      return;
    }
    const body = line.slice(1);
    switch (line[0]) {
      case '1':
        this.#readData('stdout', body, events);
        return;
      case '2':
        this.#readData('stderr', body, events);
        return;
      case 'p':
        pushNumber(body, (pid) => events.push({ type: 'started', pid }));
        return;
      case 'a':
        pushNumber(body, (bytes) => events.push({ type: 'taken', bytes }));
        return;
      case 'x':
        pushNumber(body, (status) => events.push({ type: 'status', status }));
        return;
      default:
        // An echo of our own lines where the image has no stty.
        return;
    }
  }

  /** Whatever stands before the nonce is not ours: a shell's start-up message, an echo. */
  #readBegin(line: string, events: EnvelopeEvent[]): void {
    const [nonce, features, ...more] = line.split(' ');
    if (nonce !== this.#nonce || features?.length !== 3 || more.length > 0) return;
    this.#features = {
      hasTerminalSettings: features[0] === 't',
      encoding: features[1] === 'b' ? 'base64' : features[1] === 'x' ? 'hex' : 'none',
      hasProcessGroup: features[2] === 'g',
    };
    events.push({ type: 'begin', features: this.#features });
  }

  #readData(stream: EnvelopeStream, body: string, events: EnvelopeEvent[]): void {
    const bytes =
      this.#features?.encoding === 'hex'
        ? Buffer.from(body.replaceAll(' ', ''), 'hex')
        : Buffer.from(body, 'base64');
    const filter = this.#filters[stream];
    const data = filter.pass(bytes);
    if (data.length > 0) events.push({ type: 'data', stream, data });
    if (filter.takeEnd()) events.push({ type: 'end', stream });
  }
}

/** Cuts the end marker out of a decoded stream, across any split; what follows it passes too. */
class EndFilter {
  readonly #marker: Buffer;
  #held: Buffer = Buffer.alloc(0);
  #isEnd = false;

  constructor(nonce: string) {
    // Not in argv as such, so no listing of processes in the output can look like it.
    this.#marker = Buffer.from(`\u0001${nonce}\u0002`, 'latin1');
  }

  pass(bytes: Buffer): Buffer {
    const data = this.#held.length === 0 ? bytes : Buffer.concat([this.#held, bytes]);
    this.#held = Buffer.alloc(0);
    const at = data.indexOf(this.#marker);
    if (at !== -1) {
      this.#isEnd = true;
      return Buffer.concat([data.subarray(0, at), data.subarray(at + this.#marker.length)]);
    }
    const held = this.#partialMarkerLength(data);
    this.#held = data.subarray(data.length - held);
    return data.subarray(0, data.length - held);
  }

  /** True once, after the marker has passed. */
  takeEnd(): boolean {
    const isEnd = this.#isEnd;
    this.#isEnd = false;
    return isEnd;
  }

  #partialMarkerLength(data: Buffer): number {
    const from = data.lastIndexOf(this.#marker[0] ?? 0);
    if (from === -1 || data.length - from >= this.#marker.length) return 0;
    const tail = data.subarray(from);
    return tail.equals(this.#marker.subarray(0, tail.length)) ? tail.length : 0;
  }
}

function asciiText(data: Uint8Array, start: number, end: number): string {
  return Buffer.from(data.buffer, data.byteOffset + start, end - start).toString('latin1');
}

function pushNumber(text: string, push: (value: number) => void): void {
  if (/^\d+$/.test(text)) push(Number(text));
}
