import { LineSplitter } from './line-splitter.ts';

/** The image's tools, as the first line reports them. */
export interface DispatcherFeatures {
  readonly output: 'base64' | 'hex';
  readonly input: 'base64' | 'escapes';
  /** False without setsid: a command shares the session of the dispatcher. */
  readonly hasOwnSession: boolean;
}

export type Stream = 'stdout' | 'stderr';

/** One line of the dispatcher. `id` names the command that a request has started. */
export type DispatcherLine =
  /** Undefined features: the image lacks a tool that the dispatcher requires. */
  | { readonly type: 'hello'; readonly features: DispatcherFeatures | undefined }
  | { readonly type: 'input'; readonly id: number; readonly pid: number }
  | { readonly type: 'started'; readonly id: number; readonly pid: number; readonly group: number }
  | { readonly type: 'pump'; readonly id: number; readonly stream: Stream; readonly pid: number }
  | {
      readonly type: 'credited';
      readonly id: number;
      readonly stream: Stream;
      readonly pid: number;
    }
  | {
      readonly type: 'data';
      readonly id: number;
      readonly stream: Stream;
      readonly index: number;
      readonly text: string;
    }
  | { readonly type: 'end'; readonly id: number; readonly stream: Stream }
  | { readonly type: 'taken'; readonly id: number; readonly characters: number }
  | { readonly type: 'gap'; readonly id: number }
  | { readonly type: 'no-directory'; readonly id: number }
  | { readonly type: 'no-user-switch'; readonly id: number }
  | { readonly type: 'variable-readonly'; readonly id: number; readonly name: string }
  | { readonly type: 'status'; readonly id: number; readonly status: number }
  | { readonly type: 'empty'; readonly pid: number };

/** Splits the terminal's output into the dispatcher's lines, however it is split. Skips other lines. */
export class DispatcherReader {
  readonly #nonce: string;
  readonly #mark: string;
  readonly #lines = new LineSplitter();
  #hasBegun = false;

  /** @param nonce as given to `createDispatcher` */
  constructor(nonce: string) {
    this.#nonce = nonce;
    this.#mark = `\u0001${nonce}\u0002`;
  }

  read(chunk: Uint8Array): readonly DispatcherLine[] {
    const parsed: DispatcherLine[] = [];
    let rest = chunk;
    for (;;) {
      const written = this.#lines.next(rest);
      if (written === undefined) return parsed;
      rest = NOTHING;
      // If a pump ends just then, the mark for it reaches the terminal, before the next line.
      const line = written.replaceAll(this.#mark, '');
      const read = this.#hasBegun ? parseLine(line) : this.#parseHello(line);
      if (read !== undefined) parsed.push(read);
    }
  }

  #parseHello(line: string): DispatcherLine | undefined {
    const [nonce, text = '', ...more] = line.split(' ');
    if (nonce !== this.#nonce || more.length > 0) return undefined;
    this.#hasBegun = true;
    return { type: 'hello', features: parseFeatures(text) };
  }
}

const NOTHING = new Uint8Array(0);

/** Terminal settings, output, input, setsid, job control, /proc; `-` for a missing one. */
function parseFeatures(text: string): DispatcherFeatures | undefined {
  const match = /^t([bx])([bx])([g-])mp$/.exec(text);
  if (match === null) return undefined;
  const [, output, input, session] = match;
  return {
    output: output === 'b' ? 'base64' : 'hex',
    input: input === 'b' ? 'base64' : 'escapes',
    hasOwnSession: session === 'g',
  };
}

const STREAMS: Readonly<Record<string, Stream>> = { 1: 'stdout', 2: 'stderr' };

function parseLine(line: string): DispatcherLine | undefined {
  const data = /^([12])(\d{1,9}):(\d{1,12}) (.+)$/.exec(line);
  if (data !== null) {
    const [, stream = '', id, index, text = ''] = data;
    return { type: 'data', ...ofStream(stream, id), index: Number(index), text };
  }
  const variable = /^v(\d{1,9}) (\w{1,255})$/.exec(line);
  if (variable !== null) {
    return { type: 'variable-readonly', id: Number(variable[1]), name: variable[2] ?? '' };
  }
  const match = /^([aegiknpquwx])(\d{1,15})((?: \d{1,15}){0,2})$/.exec(line);
  if (match === null) return undefined;
  const [, letter, first = '', more = ''] = match;
  const numbers = more.trim() === '' ? [] : more.trim().split(' ').map(Number);
  return parseControl(letter ?? '', first, numbers);
}

function parseControl(
  letter: string,
  first: string,
  [second, third]: readonly number[],
): DispatcherLine | undefined {
  const id = Number(first);
  switch (letter) {
    case 'q':
    case 'w':
      if (second === undefined) return undefined;
      return {
        type: letter === 'q' ? 'pump' : 'credited',
        ...ofStream(first.slice(0, 1), first.slice(1)),
        pid: second,
      };
    case 'e':
      return { type: 'end', ...ofStream(first.slice(0, 1), first.slice(1)) };
    case 'i':
      return second === undefined ? undefined : { type: 'input', id, pid: second };
    case 'p':
      if (second === undefined || third === undefined) return undefined;
      return { type: 'started', id, pid: second, group: third };
    case 'a':
      return second === undefined ? undefined : { type: 'taken', id, characters: second };
    case 'x':
      return second === undefined ? undefined : { type: 'status', id, status: second };
    case 'g':
      return { type: 'gap', id };
    case 'n':
      return { type: 'no-directory', id };
    case 'u':
      return { type: 'no-user-switch', id };
    default:
      return { type: 'empty', pid: id };
  }
}

function ofStream(stream: string, id: string | undefined) {
  return { stream: STREAMS[stream] ?? 'stdout', id: Number(id) };
}
