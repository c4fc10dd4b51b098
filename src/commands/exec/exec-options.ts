import type { App } from '#commands/app.ts';
import type { SessionOptions } from '#commands/session-start.ts';
import type { SharedOptions } from '#commands/shared-options.ts';
import { EcshError } from '#domain/errors/errors.ts';
import { type ScriptCommand, scriptCommand } from '#envelope/script-command.ts';

export interface ExecOptions extends SharedOptions, SessionOptions {
  /** Undefined with `--pick`. */
  readonly target?: string | undefined;
  readonly command: readonly string[];
  readonly interactive?: boolean | undefined;
  readonly tty?: boolean | undefined;
  /** `ecsh TARGET COMMAND`: a pipe or a file is sent as stdin, and `-t` takes the keyboard too. */
  readonly likeSsh?: boolean | undefined;
  readonly env: readonly string[];
  readonly envFile: readonly string[];
  readonly envFrom: readonly string[];
  readonly workdir?: string | undefined;
  readonly user?: string | undefined;
  readonly sh?: string | undefined;
  /** False with `--no-shell`. */
  readonly shell: boolean;
  readonly stderr?: 'split' | 'merge' | undefined;
  readonly outputEncoding: 'auto' | 'raw' | 'base64';
  /** Milliseconds; 0 is no limit, as in timeout(1). */
  readonly timeout?: number | undefined;
  /** Milliseconds. */
  readonly killAfter: number;
  readonly all?: boolean | undefined;
  readonly parallel: number;
  readonly prefix: boolean;
  readonly failFast?: boolean | undefined;
  /** `none`, or one character. */
  readonly escapeChar: string;
}

/** When it is settled where to run. */
export type TargetedExec = ExecOptions & { readonly target: string };

/** Which flags exclude each other, and why. */
const CONFLICTS: readonly {
  readonly when: (options: ExecOptions) => unknown;
  readonly message: string;
}[] = [
  { when: (o) => o.target === undefined && !o.pick, message: 'There is no TARGET before --.' },
  { when: (o) => o.tty && o.json, message: '--json needs the streams apart, which -t merges.' },
  { when: (o) => o.tty && o.all, message: '--all cannot share one terminal: leave out -t.' },
  { when: (o) => o.pick && o.all, message: '--pick chooses one task, and --all takes every one.' },
  { when: (o) => o.interactive && o.all, message: '--all cannot share one stdin: leave out -i.' },
  { when: (o) => o.tty && o.user, message: '-u is not there with -t: run su on the terminal.' },
  ...(['interactive', 'user', 'workdir', 'sh', 'json', 'all'] as const).map((name) => ({
    when: (o: ExecOptions) => !o.shell && o[name],
    message: `--no-shell leaves nothing that could do what --${name} asks for.`,
  })),
  {
    when: (o) => !o.shell && [o.env, o.envFile, o.envFrom].some(({ length }) => length > 0),
    message: '--no-shell leaves nothing that could set variables.',
  },
  {
    when: (o) => o.command.length === 0 && o.sh === undefined,
    message: 'There is no command to run: name it after --, or give a script with --sh.',
  },
  {
    when: (o) => o.command[0] === '' && o.sh === undefined,
    message: 'The command is an empty word: is a variable empty that stands for it?',
  },
];

/** @throws EcshError `usage`, or `not-a-terminal` before a session exists that nobody would end */
export function assertUsable(app: App, options: ExecOptions): void {
  const conflict = CONFLICTS.find(({ when }) => when(options));
  if (conflict !== undefined) {
    throw new EcshError('usage', conflict.message, { hint: 'Examples:  ecsh exec --help' });
  }
  if (!options.tty || app.terminal !== undefined) return;
  throw new EcshError('not-a-terminal', 'exec -t needs a terminal as stdin and stdout.', {
    hint: 'Leave out -t: output and status are exact without it.',
  });
}

/** `--sh SCRIPT -- ARG…`, or the command as it stands. */
export function commandOf({ sh, command }: ExecOptions): ScriptCommand {
  return sh === undefined ? { argv: command, sent: {} } : scriptCommand(sh, command);
}
