import type { Command } from 'commander';
import { isBeforeCommandLine, type Vocabulary } from './command-line.ts';
import { addExecCommand } from './exec/exec-command.ts';
import type { Invocation, Run } from './invocation.ts';
import { addShellCommand } from './shell/shell-command.ts';

/** Adds a command, with its flags and help, to the program. */
type Add<Runs> = (program: Command, invocation: Invocation, runs: Runs) => void;
type Load<T> = () => Promise<T>;

interface CommandTraits {
  /** Aliases that users of other tools expect. */
  readonly aliases?: readonly string[];
}

/** A command. Its flags are loaded when it is named; the code that runs it, when it runs. */
interface CommandRow extends CommandTraits {
  readonly name: string;
  readonly add: (program: Command, invocation: Invocation) => Promise<void>;
}

/** Every command, by its heading in `ecsh --help`, in the order of that page (see README.md here). */
const COMMANDS: Readonly<Record<string, readonly CommandRow[]>> = {
  'In a container:': [
    row(
      'shell',
      async () => addShellCommand,
      async () => (await import('./shell/run-shell.ts')).runShell,
      { aliases: ['ssh', 'attach'] },
    ),
    row(
      'exec',
      async () => addExecCommand,
      async () => (await import('./exec/start-exec.ts')).startExec,
    ),
    rows('run', async () => (await import('./run/run-command.ts')).addRunCommand, {
      fresh: lazily(async () => (await import('./run/run-in-fresh-task.ts')).runInFreshTask),
      wait: lazily(async () => (await import('./run/wait-for-task.ts')).waitForTask),
      cleanup: lazily(async () => (await import('./run/run-cleanup.ts')).runCleanup),
    }),
    row(
      'cp',
      async () => (await import('./cp/cp-command.ts')).addCpCommand,
      async () => (await import('./cp/run-cp.ts')).runCp,
      { aliases: ['scp'] },
    ),
    row(
      'connect',
      async () => (await import('./connect/connect-command.ts')).addConnectCommand,
      async () => (await import('./connect/run-connect.ts')).runConnect,
    ),
    row(
      'forward',
      async () => (await import('./forward/forward-command.ts')).addForwardCommand,
      async () => (await import('./forward/run-forward.ts')).runForwardCommand,
      { aliases: ['port-forward'] },
    ),
  ],
  'Look and repair:': [
    row(
      'ssh-config',
      async () => (await import('./ssh-config/ssh-config-command.ts')).addSshConfigCommand,
      async () => (await import('./ssh-config/run-ssh-config.ts')).runSshConfig,
    ),
    row(
      'ssh-proxy',
      async () => (await import('./ssh-proxy/ssh-proxy-command.ts')).addSshProxyCommand,
      async () => (await import('./ssh-proxy/run-ssh-proxy.ts')).runSshProxy,
    ),
    row(
      'ls',
      async () => (await import('./ls/ls-command.ts')).addLsCommand,
      async () => (await import('./ls/run-ls.ts')).runLs,
      { aliases: ['list', 'ps', 'get'] },
    ),
    row(
      'describe',
      async () => (await import('./describe/describe-command.ts')).addDescribeCommand,
      async () => (await import('./describe/run-describe.ts')).runDescribe,
      { aliases: ['inspect'] },
    ),
    row(
      'logs',
      async () => (await import('./logs/logs-command.ts')).addLogsCommand,
      async () => (await import('./logs/run-logs.ts')).runLogs,
    ),
    row(
      'doctor',
      async () => (await import('./doctor/doctor-command.ts')).addDoctorCommand,
      async () => (await import('./doctor/run-doctor.ts')).runDoctor,
    ),
    rows('enable', async () => (await import('./enable/enable-command.ts')).addEnableCommand, {
      service: lazily(async () => (await import('./enable/change-service.ts')).runServiceChange),
      task: lazily(async () => (await import('./enable/start-clone.ts')).runTaskClone),
    }),
    row(
      'disable',
      async () => (await import('./enable/enable-command.ts')).addDisableCommand,
      async () => (await import('./enable/change-service.ts')).runServiceChange,
    ),
    rows(
      'sessions',
      async () => (await import('./sessions/sessions-command.ts')).addSessionsCommand,
      {
        ls: lazily(async () => (await import('./sessions/run-sessions-ls.ts')).runSessionsLs),
        end: lazily(async () => (await import('./sessions/run-sessions-end.ts')).runSessionsEnd),
      },
    ),
    row(
      'restart',
      async () => (await import('./restart/restart-command.ts')).addRestartCommand,
      async () => (await import('./restart/run-restart.ts')).runRestart,
      { aliases: ['redeploy'] },
    ),
    row(
      'stop',
      async () => (await import('./stop/stop-command.ts')).addStopCommand,
      async () => (await import('./stop/run-stop.ts')).runStop,
      { aliases: ['kill'] },
    ),
    rows('logging', async () => (await import('./logging/logging-command.ts')).addLoggingCommand, {
      show: lazily(async () => (await import('./logging/logging-show.ts')).runLoggingShow),
      set: lazily(async () => (await import('./logging/logging-set.ts')).runLoggingSet),
    }),
    row(
      'policy',
      async () => (await import('./policy/policy-command.ts')).addPolicyCommand,
      async () => (await import('./policy/run-policy.ts')).runPolicy,
    ),
  ],
  'On this machine:': [
    row(
      'completion',
      async () => (await import('./completion/completion-command.ts')).addCompletionCommand,
      async () => (await import('./completion/print-script.ts')).runCompletion,
    ),
    row(
      '__complete',
      async () => (await import('./completion/completion-command.ts')).addCompleteCommand,
      async () => (await import('./completion/complete.ts')).runComplete,
    ),
    row(
      'plugin',
      async () => (await import('./plugin/plugin-command.ts')).addPluginCommand,
      async () => (await import('./plugin/run-plugin-install.ts')).runPluginInstall,
    ),
    row(
      'simulate',
      async () => (await import('./simulate/simulate-command.ts')).addSimulateCommand,
      async () => (await import('./simulate/run-simulate.ts')).runSimulate,
    ),
    row(
      '__end-sessions',
      async () => (await import('./end-sessions/end-sessions-command.ts')).addEndSessionsCommand,
      async () => (await import('./end-sessions/run-end-sessions.ts')).runEndSessions,
    ),
    rows('config', async () => (await import('./config/config-command.ts')).addConfigCommand, {
      config: lazily(async () => (await import('./config/run-config.ts')).runConfig),
      target: lazily(async () => (await import('./config/run-target.ts')).runTarget),
    }),
    row(
      'help',
      async () => (await import('./help/help-command.ts')).addHelpCommand,
      async () => (await import('./help/run-help.ts')).runHelp,
    ),
    row(
      '__manual',
      async () => (await import('./help/help-command.ts')).addManualCommand,
      async () => (await import('./help/manual-page.ts')).runManual,
    ),
  ],
};

const ROWS: readonly CommandRow[] = Object.values(COMMANDS).flat();

/** Names of the commands that are for people. */
export const COMMAND_NAMES: readonly string[] = ROWS.map(({ name }) => name).filter(
  (name) => !name.startsWith('__'),
);

/** Commands that need the flags of every command. */
const NEED_ALL: readonly string[] = ['help', '__complete', '__manual'];
/** The commands for `ecsh TARGET` and `ecsh TARGET COMMAND`: their flags show where TARGET is. */
const ALWAYS: readonly string[] = ['shell', 'exec'];

/** The command that a word names, if any. */
export function commandNamed(word: string): string | undefined {
  return ROWS.find(({ name, aliases = [] }) => name === word || aliases.includes(word))?.name;
}

/** How to read the words of a command line, for the commands that have been added. */
export function vocabularyOf(program: Command): Vocabulary {
  const ofTarget = program.commands
    .filter((command) => ALWAYS.includes(command.name()))
    .flatMap(({ options }) => options);
  return {
    commandOf(word) {
      const name = commandNamed(word);
      if (name !== undefined) return [name];
      return word === 'version' ? ['--version'] : undefined;
    },
    takesCommandLine: (name) =>
      program.commands.some((command) => command.name() === name && isBeforeCommandLine(command)),
    flagsOf(name) {
      const own = program.commands.find((command) => command.name() === name)?.options ?? [];
      // `ecsh TARGET COMMAND` accepts the flags of exec as well.
      return [...program.options, ...(name === 'shell' ? ofTarget : own)];
    },
  };
}

/** Adds `ecsh TARGET`. */
export async function addDefaultCommands(program: Command, invocation: Invocation): Promise<void> {
  await addCommands(program, invocation, ALWAYS);
}

/** Adds the named command, or every command if none is named. Skips those that are there. */
export async function addNamedCommand(
  program: Command,
  invocation: Invocation,
  named: string | undefined,
): Promise<void> {
  const isEvery = named === undefined || NEED_ALL.includes(named);
  await addCommands(program, invocation, isEvery ? ROWS.map(({ name }) => name) : [named]);
}

async function addCommands(
  program: Command,
  invocation: Invocation,
  wanted: readonly string[],
): Promise<void> {
  const present = program.commands.map((command) => command.name());
  for (const [heading, commands] of Object.entries(COMMANDS)) {
    for (const { name, aliases = [], add } of commands) {
      if (!wanted.includes(name) || present.includes(name)) continue;
      program.commandsGroup(heading);
      await add(program, invocation);
      program.commands.find((command) => command.name() === name)?.aliases(aliases);
    }
  }
}

/** A command with one function that runs it. */
function row<Options>(
  name: string,
  loadAdd: Load<Add<Run<Options>>>,
  loadRun: Load<Run<Options>>,
  traits: CommandTraits = {},
): CommandRow {
  return { ...traits, ...rows(name, loadAdd, lazily(loadRun)) };
}

/** A command with several functions that run it, such as one for each subcommand. */
function rows<Runs>(name: string, loadAdd: Load<Add<Runs>>, runs: Runs): CommandRow {
  return { name, add: async (...args) => (await loadAdd())(...args, runs) };
}

function lazily<Options>(load: Load<Run<Options>>): Run<Options> {
  return async (...args) => (await load())(...args);
}
