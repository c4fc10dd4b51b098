import { randomBytes } from 'node:crypto';
import { createEnvelope, type EnvelopeFeatures, type EnvelopeStream } from '#envelope/envelope.ts';
import { environmentLines, GO, QUIT } from '#envelope/envelope-input.ts';
import { EnvelopeReader } from '#envelope/envelope-reader.ts';
import { NumberedLines } from '#envelope/numbered-lines.ts';
import { StdinFeed } from '#envelope/stdin-feed.ts';
import { spawnPty } from './pty.ts';
import { type AnyShell, imageEnvironment, SHELLS } from './shells.ts';

export interface EnvelopeRun {
  /** Chunks as they are read from a stream. */
  readonly stdin?: Uint8Array | readonly Uint8Array[];
  readonly readsStdin?: boolean;
  readonly environment?: Readonly<Record<string, string>>;
  readonly directory?: string | undefined;
  readonly merges?: boolean;
  readonly raw?: boolean;
  readonly user?: string;
  readonly without?: readonly string[];
  /** Variables of the image. */
  readonly image?: Readonly<Record<string, string>>;
  /** Called when the command has started, with a function that sends a line. */
  readonly onStart?: (send: (line: string) => void, pid: number) => void;
  /** Called for each chunk of stderr, when it arrives. */
  readonly onStderr?: () => void;
  /** Returns the writes for one input message; by default it is written once. */
  readonly onWay?: (message: string, index: number) => readonly string[];
}

export interface EnvelopeResult {
  readonly status: number | undefined;
  readonly stdout: Buffer;
  readonly stderr: Buffer;
  readonly features: EnvelopeFeatures | undefined;
  readonly ended: readonly EnvelopeStream[];
  readonly damaged: readonly EnvelopeStream[];
  readonly isInputDamaged: boolean;
  readonly hasStarted: boolean;
}

/** The envelope in a shell of this machine, on a real pty, with a minimal client. */
export async function runEnvelope(
  shell: AnyShell,
  argv: readonly string[],
  options: EnvelopeRun = {},
): Promise<EnvelopeResult> {
  const nonce = randomBytes(8).toString('hex');
  const waits = options.stdin !== undefined || options.environment !== undefined;
  const [, ...args] = createEnvelope({
    nonce,
    argv,
    directory: options.directory,
    hasStdin: options.stdin !== undefined,
    readsStdin: options.readsStdin,
    waits,
    mergesStderr: options.merges ?? false,
    prefersRaw: options.raw ?? false,
    user: options.user,
  });
  const reader = new EnvelopeReader(nonce);
  const output: Record<EnvelopeStream, Uint8Array[]> = { stdout: [], stderr: [] };
  const ended: EnvelopeStream[] = [];
  let status: number | undefined;
  let features: EnvelopeFeatures | undefined;
  let feed: StdinFeed | undefined;
  let isDamaged = false;
  let hasStarted = false;
  const numbered = new NumberedLines();
  const { onWay = (message: string) => [message] } = options;
  let sent = 0;
  const send = (lines: readonly string[]) => {
    for (const message of numbered.messages(lines)) {
      for (const written of onWay(message, sent++)) pty.write(written);
    }
  };
  const quitWhenComplete = () => {
    if (status !== undefined && ended.length === 2) setTimeout(() => send([QUIT]), 100);
  };
  const environment = { ...imageEnvironment(shell, options.without ?? []), ...options.image };
  const pty = await spawnPty([...SHELLS[shell], ...args], environment, (chunk) => {
    for (const event of reader.read(chunk)) {
      switch (event.type) {
        case 'begin':
          features = event.features;
          if (waits || features.hasTerminalSettings) {
            send([...environmentLines(options.environment ?? {}), GO]);
          }
          if (options.stdin === undefined) break;
          feed = new StdinFeed(features.input, options.readsStdin);
          for (const piece of piecesOf(options.stdin)) feed.push(piece);
          feed.end();
          send(feed.take());
          break;
        case 'started':
          hasStarted = true;
          options.onStart?.((line) => send([line]), event.pid);
          break;
        case 'taken':
          feed?.acknowledge(event.characters);
          send(feed?.take() ?? []);
          break;
        case 'data':
          output[event.stream].push(event.data);
          if (event.stream === 'stderr') options.onStderr?.();
          break;
        case 'end':
          ended.push(event.stream);
          quitWhenComplete();
          break;
        case 'status':
          status = event.status;
          feed?.abandon();
          send(feed?.take() ?? []);
          quitWhenComplete();
          break;
        case 'input-damaged':
          isDamaged = true;
          pty.hangUp();
          break;
      }
    }
  });
  await pty.ended;
  return {
    status,
    stdout: Buffer.concat(output.stdout),
    stderr: Buffer.concat(output.stderr),
    features,
    ended: ended.sort(),
    damaged: reader.damaged(),
    isInputDamaged: isDamaged,
    hasStarted,
  };
}

function piecesOf(stdin: Uint8Array | readonly Uint8Array[]): readonly Uint8Array[] {
  return stdin instanceof Uint8Array ? [stdin] : stdin;
}
