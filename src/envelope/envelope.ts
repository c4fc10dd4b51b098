import ENVELOPE_SCRIPT from './envelope.sh';
import PRELUDE from './prelude.sh';

const ENVELOPE = `${PRELUDE}; ${ENVELOPE_SCRIPT}`;

export interface EnvelopeOptions {
  /** Unguessable and new for each session (C-11); hexadecimal. */
  readonly nonce: string;
  readonly argv: readonly string[];
  readonly directory?: string | undefined;
  /** `USER[:GROUP]`, names or numbers; undefined: as the session, which is root. */
  readonly user?: string | undefined;
  /** The command gets a stdin; without it, an empty one. */
  readonly hasStdin: boolean;
  /** The command reads all of its stdin, so the envelope needs no pipes for unread input. */
  readonly readsStdin?: boolean | undefined;
  /** The command waits for environment lines and `GO` even without stty; with it, it always does. */
  readonly waits: boolean;
  readonly mergesStderr: boolean;
  /** Prefer an encoding in which a session log is readable. */
  readonly prefersRaw: boolean;
}

/** How the image can send output. */
export type OutputEncoding = 'base64' | 'hex' | 'raw';

/** The image's tools, as the first frame reports them. */
export interface EnvelopeFeatures {
  /** False without stty: input of the session is echoed into its output. */
  readonly hasTerminalSettings: boolean;
  /** `none`: the image lacks dd, or base64, od and (tee with cksum); the command does not run then. */
  readonly output: OutputEncoding | 'none';
  /** The encoding for stdin. */
  readonly input: 'base64' | 'escapes';
  /** False without setsid: a signal reaches the command itself, not its children. */
  readonly hasProcessGroup: boolean;
}

export type EnvelopeStream = 'stdout' | 'stderr';

export type EnvelopeEvent =
  | { readonly type: 'begin'; readonly features: EnvelopeFeatures }
  | { readonly type: 'started'; readonly pid: number }
  | { readonly type: 'data'; readonly stream: EnvelopeStream; readonly data: Uint8Array }
  /** All output of the command itself on this stream has been delivered. */
  | { readonly type: 'end'; readonly stream: EnvelopeStream }
  /** This many characters of encoded stdin have left the pipes in front of the decoder. */
  | { readonly type: 'taken'; readonly characters: number }
  /** Stdin or another line was damaged in transit. */
  | { readonly type: 'input-damaged' }
  | { readonly type: 'status'; readonly status: number }
  /** The image lacks a program that changes the user; the command did not run. */
  | { readonly type: 'no-user-switch' }
  /** The variable is special in the shell, and there is no `env`; the command did not run. */
  | { readonly type: 'variable-readonly'; readonly name: string };

/** The argument vector for ExecuteCommand. */
export function createEnvelope(options: EnvelopeOptions): readonly string[] {
  const { nonce, directory = '', user = '', argv } = options;
  const flags = [
    options.waits ? 'w' : '',
    options.hasStdin ? 'i' : '',
    options.hasStdin && options.readsStdin ? 'h' : '',
    options.mergesStderr ? 'm' : '',
    options.prefersRaw ? 'r' : '',
  ].join('');
  return ['sh', '-c', ENVELOPE, 'ecsh', nonce, flags, directory, user, ...argv];
}

/** Reads the second word of the first frame. */
export function parseFeatures(text: string): EnvelopeFeatures | undefined {
  const match = /^([t-])([bxr-])([bx])([g-])$/.exec(text);
  if (match === null) return undefined;
  const [, terminal, output, input, group] = match;
  return {
    hasTerminalSettings: terminal === 't',
    output: OUTPUTS[output ?? '-'] ?? 'none',
    input: input === 'b' ? 'base64' : 'escapes',
    hasProcessGroup: group === 'g',
  };
}

const OUTPUTS: Readonly<Record<string, OutputEncoding>> = { b: 'base64', x: 'hex', r: 'raw' };
