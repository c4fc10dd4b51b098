import type { App } from '#commands/app.ts';
import { assertUsable, type ExecCommandOptions } from '#commands/exec/exec-options.ts';
import { EcshError } from '#domain/errors/errors.ts';

export interface RunOptions extends ExecCommandOptions {
  readonly cpu?: string | undefined;
  readonly memory?: string | undefined;
  readonly taskRole?: string | undefined;
  /** Another image for the container, in its own revision. */
  readonly image?: string | undefined;
  readonly like?: string | undefined;
  readonly subnet: readonly string[];
  readonly securityGroup: readonly string[];
  readonly publicIp?: boolean | undefined;
  /** How long the task lives at most (ms). */
  readonly ttl: number;
  /** How long to wait until the command can run (ms). */
  readonly startTimeout: number;
  readonly detach?: true | undefined;
  readonly dryRun?: true | undefined;
  /** Starts the task although a check says that the command could not run in it. */
  readonly force?: true | undefined;
}

export type TargetedRun = RunOptions & { readonly target: string };

/** Flags that exclude each other, with the reason and the remedy. */
const CONFLICTS: readonly {
  readonly when: (options: RunOptions) => unknown;
  readonly message: string;
  readonly hint: string;
}[] = [
  {
    when: (o) => o.target === undefined,
    message: 'ecsh run needs a service or family:NAME.',
    hint: 'For example:  ecsh run prod/web -- ./manage.py migrate',
  },
  {
    when: (o) => o.like !== undefined && !/(?:^|\/)family:/.test(o.target ?? ''),
    message: '--like is for family:NAME: a service has its own network and capacity.',
    hint: 'Leave it out, or name the family:  ecsh run family:NAME --like SERVICE -- COMMAND',
  },
  {
    when: (o) => o.all || o.pick,
    message: 'ecsh run starts one task of its own.',
    hint: 'Leave out --all and --pick.',
  },
  {
    when: (o) => o.command.length === 0 && o.sh === undefined,
    message: 'There is no command to run.',
    hint: 'Put it after TARGET:  ecsh run prod/web -- ./manage.py migrate\nFor a shell:  ecsh run -it prod/web -- sh',
  },
  {
    when: (o) => o.detach && (o.interactive || o.tty),
    message: '--detach has no stdin and no terminal.',
    hint: 'Leave out -i and -t.',
  },
  {
    when: (o) => o.detach && (o.workdir !== undefined || o.user !== undefined),
    message: '--detach cannot change the directory or the user: RunTask has no field for them.',
    hint: "Do it in the command:  --sh 'cd /app && exec ./long-job'",
  },
  ...(['interactive', 'tty', 'workdir', 'user', 'sh'] as const).map((name) => ({
    when: (o: RunOptions) => !o.shell && !o.detach && o[name],
    message: `--${name} needs a shell in the container: leave out --no-shell.`,
    hint: 'With --no-shell the command is the program of the container, and its log is the output.',
  })),
  {
    when: (o) => o.detach && o.timeout,
    message: '--timeout ends a command that ecsh waits for, and --detach does not wait.',
    hint: 'Limit the command itself:  -- timeout 10m ./long-job',
  },
  {
    when: (o) => o.ttl === 0,
    message: '--ttl 0 ends the task before the command can run.',
    hint: 'Give a time such as 2h, or leave it out: 1h.',
  },
  {
    when: (o) => o.shell && o.timeout !== undefined && o.timeout > o.ttl,
    message: '--timeout is longer than the task lives.',
    hint: 'Raise --ttl.',
  },
];

/** Whether the command is the program of its container, and no session runs it. */
export function isOwnProgram({ detach, shell }: Pick<RunOptions, 'detach' | 'shell'>): boolean {
  return detach === true || !shell;
}

/**
 * Checks the words before anything costs money.
 *
 * @throws EcshError `usage`, `not-a-terminal`
 */
export function assertRunUsable(app: App, options: RunOptions): TargetedRun {
  const conflict = CONFLICTS.find(({ when }) => when(options));
  if (conflict !== undefined) {
    throw new EcshError('usage', conflict.message, { hint: conflict.hint });
  }
  // It excludes flags that need a shell to be sent a script; RunTask takes variables without one.
  assertUsable(app, { ...options, shell: true });
  const { target = '' } = options;
  return { ...options, target };
}
