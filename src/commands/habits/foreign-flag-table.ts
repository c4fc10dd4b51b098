import { quoteWord } from '#domain/errors/aws-command.ts';
import { asOneLine } from './aws-cli-line.ts';

/** A command line with a flag of another tool. */
export interface FoundFlag {
  readonly argv: readonly string[];
  /** The command of ecsh. */
  readonly command: string;
  readonly value: string;
  /** The words without the flag and its value, quoted. */
  readonly others: string;
  /** Value of `--cluster`, or CLUSTER. */
  readonly cluster: string;
  /** The word that looks most like TARGET. */
  readonly target: string;
}

/** A flag of ssh, docker, kubectl or the AWS CLI, and its replacement in ecsh. */
export interface ForeignFlag {
  readonly flags: readonly string[];
  readonly takesValue?: boolean;
  /** Commands that it is used with; undefined: all. */
  readonly of?: readonly string[];
  readonly advice: (found: FoundFlag) => string;
}

const SESSIONS: readonly string[] = ['shell', 'exec'];
const leaveOut = (reason: string, of: readonly string[] = SESSIONS) => ({
  of,
  advice: ({ others }: FoundFlag) => `${reason}: leave it out.  ecsh ${others}`,
});
const NOTHING_LIKE_IT = 'ECS Exec has nothing like it';
/** `words` with `flag` inserted after the command that they begin with. */
const before = (words: string, flag: string) =>
  words.replace(/^(?:(?:exec|shell|logs) ?)?/, (command) => `${command}${flag} `).trim();

const OF_SSH: readonly ForeignFlag[] = [
  { flags: ['-p', '--port'], takesValue: true, ...leaveOut('ECS Exec has no port') },
  {
    flags: ['-l', '--login'],
    takesValue: true,
    of: SESSIONS,
    advice: ({ value, others }) => `The user is -u:  ecsh -u ${value} ${others}`,
  },
  {
    flags: ['-L'],
    takesValue: true,
    of: SESSIONS,
    advice: ({ value, target }) => `To forward ports:  ecsh forward ${target} ${value}`,
  },
  {
    flags: ['-R'],
    takesValue: true,
    of: SESSIONS,
    advice: ({ target }) =>
      `Ports of this machine cannot be opened in the container. The other way:  ecsh forward ${target} PORT`,
  },
  {
    flags: ['-D'],
    takesValue: true,
    of: SESSIONS,
    advice: ({ value, target }) => `To forward ports:  ecsh forward ${target} -D ${value}`,
  },
  {
    flags: ['-W', '--stdio'],
    takesValue: true,
    of: SESSIONS,
    advice: ({ value, target }) =>
      `A port on stdin and stdout:  ecsh forward --stdio ${value} ${target}`,
  },
  {
    flags: ['-N', '-f'],
    of: SESSIONS,
    advice: ({ argv, target }) => {
      const at = argv.indexOf('-L');
      const ports = at === -1 ? 'PORT' : quoteWord(argv[at + 1] ?? 'PORT');
      return `To forward ports without a shell:  ecsh forward ${target} ${ports}`;
    },
  },
  {
    flags: ['-f', '--fork-after-authentication'],
    of: ['forward'],
    advice: ({ others }) => `In the background of your shell:  ecsh ${others} &`,
  },
  {
    flags: ['-g'],
    of: ['forward'],
    advice: ({ others }) => `For other machines too:  ecsh ${others} --address 0.0.0.0`,
  },
  {
    flags: [...['-A', '-X', '-Y', '-K', '-k', '-a', '-x', '-M', '-g', '-G', '-s', '-4', '-6']],
    ...leaveOut(NOTHING_LIKE_IT),
  },
  {
    flags: ['-o', '-J', '-F', '-E', '-B', '-b', '-I', '-m', '-O', '-Q', '-S'],
    takesValue: true,
    ...leaveOut(NOTHING_LIKE_IT),
  },
];

const OF_SCP: readonly ForeignFlag[] = [
  {
    flags: ['-i', '-F', '-J', '-l', '-o', '-S', '-c'],
    takesValue: true,
    ...leaveOut(NOTHING_LIKE_IT, ['cp']),
  },
  { flags: ['-P', '--port'], takesValue: true, ...leaveOut('ECS Exec has no port', ['cp']) },
  {
    flags: ['-z', '-B', '-O', '-s', '-3', '-4', '-6', '-f', '-L', '--compress', '--progress', '-P'],
    ...leaveOut(NOTHING_LIKE_IT, ['cp']),
  },
];

const OF_RUN: readonly ForeignFlag[] = [
  { flags: ['--rm'], ...leaveOut('run always stops its task', ['run']) },
  {
    flags: ['-p', '--publish', '-v', '--volume', '--name', '--network', '--entrypoint', '--mount'],
    takesValue: true,
    ...leaveOut('A task takes that from its definition', ['run']),
  },
];

const OF_LOGS: readonly ForeignFlag[] = [
  {
    flags: ['--lines', '-l', '--limit'],
    takesValue: true,
    of: ['logs'],
    advice: ({ value, others }) => `The last lines are -n:  ecsh ${before(others, `-n ${value}`)}`,
  },
  {
    flags: ['--since-time', '--start-time', '-s'],
    takesValue: true,
    of: ['logs'],
    advice: ({ value, others }) =>
      `--since takes a time too:  ecsh ${before(others, `--since ${value}`)}`,
  },
  {
    flags: ['-F', '-w', '--watch'],
    of: ['logs'],
    advice: ({ others }) => `To follow:  ecsh ${before(others, '-f')}`,
  },
  {
    flags: ['-t'],
    of: ['logs'],
    advice: ({ others }) => `The time of each line:  ecsh ${before(others, '--timestamps')}`,
  },
  {
    flags: ['-g', '--grep', '--filter-pattern', '--pattern', '--match'],
    takesValue: true,
    of: ['logs'],
    advice: ({ value, others }) =>
      `A filter of CloudWatch Logs:  ecsh ${before(others, `--filter ${value}`)}`,
  },
  {
    flags: ['-p', '--previous'],
    of: ['logs'],
    advice: ({ target }) =>
      `Name the task that has stopped, from this list:  ecsh ls tasks ${target} --status stopped`,
  },
  { flags: ['--all-containers'], ...leaveOut('All containers are shown', ['logs']) },
];

const OF_CONTAINERS: readonly ForeignFlag[] = [
  {
    flags: ['-n', '--namespace'],
    takesValue: true,
    advice: ({ value, others }) => `A namespace is a cluster here:  ecsh -C ${value} ${others}`,
  },
  {
    flags: ['--context', '--kube-context'],
    takesValue: true,
    advice: ({ value, others }) => `An account is a profile:  ecsh --profile ${value} ${others}`,
  },
  {
    flags: ['--task', '--task-id', '--pod'],
    takesValue: true,
    of: SESSIONS,
    advice: ({ argv }) => `A task is TARGET:  ${asOneLine(argv)}`,
  },
  {
    flags: ['--service', '--service-name', '--name'],
    takesValue: true,
    of: SESSIONS,
    advice: ({ argv }) => `A service is TARGET:  ${asOneLine(argv)}`,
  },
  {
    flags: ['--task', '--task-id', '--pod', '--service', '--service-name', '--name'],
    takesValue: true,
    of: ['cp', 'forward', 'doctor', 'logs', 'connect', 'enable', 'disable'],
    advice: ({ command, value, cluster }) =>
      command === 'cp'
        ? `TARGET stands before the path:  ${cluster}/${value}:/path`
        : `It is TARGET:  ecsh ${command} ${cluster}/${value}`,
  },
  {
    flags: ['--command'],
    takesValue: true,
    of: SESSIONS,
    advice: ({ argv }) => `The command follows TARGET:  ${asOneLine(argv)}`,
  },
  {
    flags: ['-o', '--output', '--format'],
    takesValue: true,
    advice: ({ others }) => `For JSON:  ecsh --json ${others}`,
  },
  {
    flags: ['--all-namespaces'],
    advice: () => 'For all clusters:  ecsh ls tasks -A',
  },
  {
    flags: ['--stdin'],
    of: SESSIONS,
    advice: ({ others }) => `stdin is sent with -i:  ecsh ${before(others, '-i')}`,
  },
  {
    flags: ['--cwd', '--chdir', '--working-directory'],
    takesValue: true,
    of: SESSIONS,
    advice: ({ value, others }) => `The directory is -w:  ecsh ${before(others, `-w ${value}`)}`,
  },
  {
    flags: ['--off', '--disable', '--no-enable'],
    of: ['enable'],
    advice: ({ others }) => `To turn it off:  ecsh ${others.replace(/^enable/, 'disable')}`,
  },
  {
    flags: ['-d', '--detach'],
    of: SESSIONS,
    advice: ({ others }) =>
      `A command ends with its session. In the background of your shell:  ecsh ${others} &`,
  },
  { flags: ['--rm', '--privileged', '--sig-proxy'], ...leaveOut(NOTHING_LIKE_IT) },
  {
    flags: ['-f', '--follow'],
    of: ['ls'],
    advice: ({ others }) => `To keep looking:  ecsh ${others} --watch`,
  },
  {
    flags: ['-h', '--no-trunc', '-R', '-1'],
    of: ['ls'],
    advice: ({ others }) => `To see everything:  ecsh ${others} --wide`,
  },
  {
    flags: ['-t', '--sort', '--sort-by', '-S'],
    of: ['ls'],
    advice: ({ others }) =>
      `Rows are sorted by name; to sort them yourself:  ecsh ${others} | sort`,
  },
];

/** Flags of other tools; the first row that fits wins. */
export const FOREIGN_FLAGS: readonly ForeignFlag[] = [
  ...OF_RUN,
  ...OF_LOGS,
  ...OF_SSH,
  ...OF_SCP,
  ...OF_CONTAINERS,
];
