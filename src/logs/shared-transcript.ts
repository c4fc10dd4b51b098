import type { TranscriptPart } from './transcript-part.ts';

// biome-ignore lint/suspicious/noControlCharactersInRegex: the mark at the end of a stream
const END_MARK = /\u0001[0-9a-f]{16}\u0002/g;

/**
 * Decodes the lines of dispatcher.sh: commands, their output and their statuses. If several commands
 * ran at once, their output is in order of arrival.
 */
export function readSharedSession(
  text: string,
  encoding: 'base64' | 'hex',
): readonly TranscriptPart[] {
  const parts: TranscriptPart[] = [];
  const statuses = new Statuses();
  const decoders = new Map<string, InstanceType<typeof TextDecoder>>();
  for (const line of joinedCommands(text).split('\n')) {
    const command = /^# ecsh: (.*)$/.exec(line)?.[1];
    if (command !== undefined) parts.push({ kind: 'command', command });
    parts.push(...statuses.read(line));
    const [, stream, id, data] = /^([12])(\d+):\d+ (.+)$/.exec(line) ?? [];
    if (stream === undefined || data === undefined) continue;
    const decoder = decoders.get(`${stream}${id}`) ?? new TextDecoder();
    decoders.set(`${stream}${id}`, decoder);
    const bytes = decode(data, encoding);
    const output = decoder.decode(bytes, { stream: true }).replaceAll(END_MARK, '');
    if (output === '') continue;
    parts.push({ kind: 'output', stream: stream === '1' ? 'stdout' : 'stderr', text: output });
  }
  return [...parts, ...statuses.rest()];
}

/** The dispatcher reports the status of a command before the end of its output, but it is shown after it. */
class Statuses {
  readonly #pending = new Map<string, number>();
  /** Streams of a command that have not ended. */
  readonly #open = new Map<string, number>();

  read(line: string): readonly TranscriptPart[] {
    const [, begun] = /^q[12](\d+) \d+$/.exec(line) ?? [];
    if (begun !== undefined) this.#open.set(begun, (this.#open.get(begun) ?? 0) + 1);
    const [, done, status] = /^x(\d+) (\d{1,3})$/.exec(line) ?? [];
    if (done !== undefined) this.#pending.set(done, Number(status));
    const [, ended] = /^e[12](\d+)$/.exec(line) ?? [];
    if (ended !== undefined) this.#open.set(ended, (this.#open.get(ended) ?? 1) - 1);
    return this.#take(done ?? ended);
  }

  /** Statuses of commands whose output had not ended when the session ended. */
  rest(): readonly TranscriptPart[] {
    return [...this.#pending.values()].map((status) => ({ kind: 'status', status }));
  }

  #take(id: string | undefined): readonly TranscriptPart[] {
    const status = id === undefined ? undefined : this.#pending.get(id);
    if (id === undefined || status === undefined || (this.#open.get(id) ?? 0) > 0) return [];
    this.#pending.delete(id);
    return [{ kind: 'status', status }];
  }
}

/** A long command continues on its own lines. */
function joinedCommands(text: string): string {
  return text.replaceAll('\n# ecsh+ ', '');
}

function decode(data: string, encoding: 'base64' | 'hex'): Uint8Array {
  return Buffer.from(encoding === 'hex' ? data.replaceAll(' ', '') : data, encoding);
}
