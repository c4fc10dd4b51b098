import type { EnvelopeEvent } from '#envelope/envelope.ts';
import { EnvelopeReader } from '#envelope/envelope-reader.ts';
import { readSharedSession } from './shared-transcript.ts';
import type { TranscriptPart } from './transcript-part.ts';

/** The first lines of ecsh's scripts: a nonce, then a letter for each tool (envelope.sh, dispatcher.sh). */
const ENVELOPE_BEGIN = /^([0-9a-f]{16}) [t-][bxr-][bx][g-]$/m;
const DISPATCHER_BEGIN = /^[0-9a-f]{16} [t-]([bx-])[bx][g-][m-][p-]$/m;

// biome-ignore lint/suspicious/noControlCharactersInRegex: an escape sequence
const TERMINAL_MARK = /\u001b\]ecsh;[0-9a-f]{24};(on|go|gap|\d{1,3})\u0007/g;

/**
 * Reads the log of a session. Decodes the output of `ecsh exec` and of shared sessions, and keeps
 * everything else as on the terminal.
 */
export function readTranscript(log: string): readonly TranscriptPart[] {
  const text = withoutScriptLines(log);
  const envelope = ENVELOPE_BEGIN.exec(text);
  const dispatcher = DISPATCHER_BEGIN.exec(text);
  const begin = envelope ?? dispatcher;
  if (begin === null) return readTerminal(text);
  // The banner of a shell, or the echo of the command line.
  const before = text.slice(0, begin.index).trim();
  const body = text.slice(begin.index);
  return [
    ...outputPart('terminal', before === '' ? '' : `${before}\n`),
    ...(envelope === null
      ? readSharedSession(body, dispatcher?.[1] === 'x' ? 'hex' : 'base64')
      : readEnvelope(body, envelope[1] ?? '')),
  ];
}

/** Joins messages of CloudWatch Logs. The agent splits the log between lines and drops that newline. */
export function joinMessages(messages: readonly string[]): string {
  return messages.map((message) => sessionData(message) ?? message).join('\n');
}

/**
 * The lines in a JSON message of a streamed log, which the agent writes while the session is open.
 * UNVERIFIED: that ECS turns streaming on. To check, read the log stream of an open session.
 */
function sessionData(message: string): string | undefined {
  if (!message.startsWith('{')) return undefined;
  try {
    const { sessionData: lines } = Object(JSON.parse(message));
    return Array.isArray(lines) ? lines.join('\n') : undefined;
  } catch {
    return undefined;
  }
}

/** Drops the lines that `script` adds, and any CR before a newline. */
function withoutScriptLines(log: string): string {
  return log
    .replaceAll(/\r+\n/g, '\n')
    .replace(/^Script started on .*\n/, '')
    .replace(/\n?Script done on .*\n?$/, '');
}

/** Puts the status last, although the envelope may report it before the end of the output. */
function readEnvelope(text: string, nonce: string): readonly TranscriptPart[] {
  const decoders = { stdout: new TextDecoder(), stderr: new TextDecoder() };
  const ended = new Set<string>();
  const output: TranscriptPart[] = [];
  const statuses: TranscriptPart[] = [];
  const take = (event: EnvelopeEvent) => {
    if (event.type === 'status') statuses.push({ kind: 'status', status: event.status });
    if (event.type === 'end') ended.add(event.stream);
    if (event.type !== 'data' || ended.has(event.stream)) return;
    const { stream, data } = event;
    output.push(...outputPart(stream, decoders[stream].decode(data, { stream: true })));
  };
  for (const event of new EnvelopeReader(nonce).read(Buffer.from(`${text}\n`))) take(event);
  return [...output, ...statuses];
}

/** Drops the private escape sequences of terminal.sh. The last of them carries the status. */
function readTerminal(text: string): readonly TranscriptPart[] {
  const status = [...text.matchAll(TERMINAL_MARK)].map(([, word]) => Number(word)).at(-1);
  return [
    ...outputPart('terminal', text.replaceAll(TERMINAL_MARK, '')),
    ...(status === undefined || Number.isNaN(status) ? [] : [{ kind: 'status' as const, status }]),
  ];
}

function outputPart(
  stream: 'terminal' | 'stdout' | 'stderr',
  text: string,
): readonly TranscriptPart[] {
  return text === '' ? [] : [{ kind: 'output', stream, text }];
}
