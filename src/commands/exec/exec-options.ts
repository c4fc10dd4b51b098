import type { App } from '#commands/app.ts';
import type { SessionFlags } from '#commands/session-context.ts';
import type { SharedOptions } from '#commands/shared-options.ts';
import { ecshCommand } from '#domain/errors/aws-command.ts';
import { EcshError } from '#domain/errors/errors.ts';
import { type ScriptCommand, scriptCommand } from '#envelope/script-command.ts';

export interface ExecCommandOptions extends SharedOptions, SessionFlags {
  /** Undefined with `--pick`. */
  readonly target?: string | undefined;
  readonly command: readonly string[];
  /** False: use its own session, even inside `ecsh connect`. */
  readonly share?: boolean | undefined;
  readonly interactive?: boolean | undefined;
  readonly tty?: boolean | undefined;
  /** `ecsh TARGET COMMAND`: sends a pipe or a file as stdin, and `-t` also reads the keyboard. */
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
  /** The words to type for the same again, if another command than `exec` runs it. */
  readonly typed?: { readonly command: string; readonly place: readonly string[] } | undefined;
}

/** Known once the target is. */
export type TargetedExec = ExecCommandOptions & { readonly target: string };

/** Which flags exclude each other, and why. */
const CONFLICTS: readonly {
  readonly when: (options: ExecCommandOptions) => unknown;
  readonly message: string;
  /** The command to type; without it, a reference to examples. */
  readonly hint?: (options: ExecCommandOptions) => string;
}[] = [
  {
    when: (o) => o.target === undefined && !o.pick,
    message: 'There is no TARGET before the command.',
    hint: ({ command }) =>
      `Type:  ${ecshCommand(['exec', 'TARGET', '--', ...(command.length > 0 ? command : ['COMMAND'])])}\nExamples:  ecsh exec --help`,
  },
  {
    // `exec 'ls -la'`
    when: (o) => o.command.length === 0 && o.sh === undefined && /\s/.test(o.target ?? ''),
    message: 'There is no TARGET before the command.',
    hint: ({ target = '' }) => `Type:  ${ecshCommand(['exec', '--sh', target, 'TARGET'])}`,
  },
  {
    when: (o) => o.tty && o.json,
    message: '--json reports stdout and stderr separately, and -t merges them.',
  },
  {
    when: (o) => o.tty && o.all,
    message: 'With --all, several commands cannot share one terminal: leave out -t.',
  },
  {
    when: (o) => o.pick && o.all,
    message: '--pick chooses one task and --all takes every task: give one of them.',
  },
  {
    when: (o) => o.protect && o.all,
    message: '--protect holds one task: leave out --all.',
  },
  {
    when: (o) => o.interactive && o.all,
    message: 'With --all, several commands cannot share one stdin: leave out -i.',
  },
  ...(['interactive', 'user', 'workdir', 'sh', 'json', 'all'] as const).map((name) => ({
    when: (o: ExecCommandOptions) => !o.shell && o[name],
    message: `--${name} needs a shell in the container: leave out --no-shell.`,
  })),
  {
    when: (o) => !o.shell && [o.env, o.envFile, o.envFrom].some(({ length }) => length > 0),
    message: 'Variables need a shell in the container: leave out --no-shell.',
  },
  {
    when: (o) => o.command.length === 0 && o.sh === undefined,
    message: 'There is no command to run.',
    hint: ({ target }) =>
      `Put it after TARGET, or open a shell:  ecsh ${target ?? 'TARGET'}\nExamples:  ecsh exec --help`,
  },
  {
    when: (o) => o.command[0] === '' && o.sh === undefined,
    message: 'The command is an empty word. Is it a variable that is not set?',
  },
];

/** @throws EcshError `usage`, or `not-a-terminal`, before a session exists */
export function assertUsable(app: App, options: ExecCommandOptions): void {
  const conflict = CONFLICTS.find(({ when }) => when(options));
  if (conflict !== undefined) {
    const hint = conflict.hint?.(options) ?? 'Examples:  ecsh exec --help';
    throw new EcshError('usage', conflict.message, { hint });
  }
  if (!options.tty || app.terminal !== undefined) return;
  throw new EcshError('not-a-terminal', '-t needs a terminal as stdin and stdout.', {
    hint: 'Leave out -t: output and status are exact without it.',
  });
}

/** `--sh SCRIPT -- ARG…`, or the unchanged command. */
export function commandOf({ sh, command }: ExecCommandOptions): ScriptCommand {
  return sh === undefined ? { argv: command, sent: {} } : scriptCommand(sh, command);
}

/** As ssh: a command in one word, such as `'df -h | grep app'`, is a script. No program is called so. */
function withScriptOfSsh<Options extends ExecCommandOptions>(options: Options): Options {
  const { command, sh } = options;
  const [script = '', ...rest] = command;
  const isScript = sh === undefined && rest.length === 0 && /[\s;|&<>()$`]/.test(script);
  return isScript ? { ...options, sh: script, command: [] } : options;
}

/** Like ssh: sends piped input, and reads a terminal as a keyboard. A keyboard alone needs `-i` or `-t`. */
export function withStdinOfSsh<Options extends ExecCommandOptions>(
  app: App,
  options: Options,
): Options {
  if (!options.likeSsh || options.all || !options.shell) return options;
  const { interactive, tty } = options;
  return {
    ...withScriptOfSsh(options),
    interactive: interactive || tty || app.stdin.isTTY !== true,
  };
}
