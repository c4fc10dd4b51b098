import { quoteWord } from '#domain/errors/aws-command.ts';

/** A flag of ssh, docker, kubectl or the AWS CLI, and what ecsh has in its place. */
interface ForeignFlag {
  readonly flags: readonly string[];
  readonly takesValue: boolean;
  /** Commands to which it is foreign; undefined: to all. */
  readonly of?: readonly string[];
  /** What to do, for its value. */
  readonly advice: (value: string, target: string) => string;
}

const CONTAINER_COMMANDS = ['shell', 'exec'];

const FOREIGN: readonly ForeignFlag[] = [
  {
    flags: ['-p', '--port'],
    takesValue: true,
    of: CONTAINER_COMMANDS,
    advice: (_value, target) => `ECS Exec uses no port: leave it out.  ecsh ${target}`,
  },
  {
    flags: ['-l', '--login', '--login_name'],
    takesValue: true,
    of: CONTAINER_COMMANDS,
    advice: (value, target) => `The user is -u:  ecsh -u ${value} ${target}`,
  },
  {
    flags: ['-L'],
    takesValue: true,
    of: CONTAINER_COMMANDS,
    advice: (value, target) => `Ports are forwarded by forward:  ecsh forward ${target} ${value}`,
  },
  {
    flags: ['-R'],
    takesValue: true,
    of: CONTAINER_COMMANDS,
    advice: () => 'ECS Exec opens no port in the container for connections to this machine.',
  },
  {
    flags: ['-D'],
    takesValue: true,
    of: CONTAINER_COMMANDS,
    advice: (_value, target) =>
      `Single hosts behind the task are forwarded:  ecsh forward ${target} LOCAL:HOST:PORT`,
  },
  {
    flags: ['-N', '-f', '-g'],
    takesValue: false,
    of: CONTAINER_COMMANDS,
    advice: (_value, target) =>
      `A tunnel without a shell is forward:  ecsh forward ${target} 8080:80`,
  },
  {
    flags: ['-A', '-X', '-Y', '-K', '-k', '-a', '-x', '-M', '-S'],
    takesValue: false,
    of: CONTAINER_COMMANDS,
    advice: (_value, target) => `ECS Exec has nothing like it: leave it out.  ecsh ${target}`,
  },
  {
    flags: ['-J', '-F', '-E', '-B', '-b', '-I', '-m', '-O', '-Q', '-W', '--identity'],
    takesValue: true,
    of: CONTAINER_COMMANDS,
    advice: (_value, target) => `ECS Exec has nothing like it: leave it out.  ecsh ${target}`,
  },
  {
    flags: ['-o'],
    takesValue: true,
    of: CONTAINER_COMMANDS,
    advice: (_value, target) =>
      `There are no ssh options; ecsh's own flags:  ecsh help\nWithout it:  ecsh ${target}`,
  },
  {
    flags: ['-n', '--namespace'],
    takesValue: true,
    advice: (value, target) =>
      `A namespace is a cluster here:  ecsh -C ${value} ${target}\nFor ssh's -n, send no stdin:  ecsh exec ${target} -- COMMAND`,
  },
  {
    flags: ['--context'],
    takesValue: true,
    advice: (value, target) => `An account is a profile:  ecsh --profile ${value} ${target}`,
  },
  {
    flags: ['--task', '--task-id', '--pod'],
    takesValue: true,
    of: CONTAINER_COMMANDS,
    advice: (value) => `A task is TARGET:  ecsh -C CLUSTER ${value}`,
  },
  {
    flags: ['--service', '--service-name', '--name'],
    takesValue: true,
    of: [...CONTAINER_COMMANDS, 'cp', 'forward', 'doctor'],
    advice: (value) => `A service is TARGET:  ecsh CLUSTER/${value}`,
  },
  {
    flags: ['--command'],
    takesValue: true,
    of: CONTAINER_COMMANDS,
    advice: (value, target) => `The command follows TARGET:  ecsh exec ${target} -- ${value}`,
  },
  {
    flags: ['--output', '-o'],
    takesValue: true,
    advice: () => 'For JSON, give --json.',
  },
  {
    flags: ['--all-namespaces'],
    takesValue: false,
    advice: () => 'For all clusters:  ecsh ls tasks -A',
  },
  {
    flags: ['--rm', '--privileged', '-d', '--detach', '--detach-keys'],
    takesValue: false,
    of: CONTAINER_COMMANDS,
    advice: (_value, target) =>
      `A session lasts as long as ecsh does: leave it out.  ecsh ${target}`,
  },
  {
    flags: ['-f', '--follow'],
    takesValue: false,
    of: ['ls'],
    advice: () => 'To look again and again:  ecsh ls --watch',
  },
];

/** What ecsh has in place of a flag of another tool; undefined: it is none that is known. */
export function adviceForFlag(
  flag: string,
  argv: readonly string[],
  command: string,
): string | undefined {
  const name = flag.split('=')[0] ?? flag;
  const found = FOREIGN.find(
    ({ flags, of }) => flags.includes(name) && (of === undefined || of.includes(command)),
  );
  if (found === undefined) return undefined;
  const at = argv.indexOf(flag);
  const [, inWord] = /^--[^=]+=(.*)$/s.exec(flag) ?? [];
  const value = inWord ?? (found.takesValue ? argv[at + 1] : undefined) ?? 'VALUE';
  const target = targetAfter(argv, at + (found.takesValue && inWord === undefined ? 2 : 1));
  return found.advice(quoteWord(value), quoteWord(target));
}

/** The word that looks most like TARGET. */
function targetAfter(argv: readonly string[], from: number): string {
  const isWord = (word: string) => !word.startsWith('-') || word === '-';
  const others = argv.slice(from).filter(isWord);
  return others.find((word) => /^[^/.]+\/./.test(word)) ?? others[0] ?? 'TARGET';
}
