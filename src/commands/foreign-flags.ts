import { quoteWord } from '#domain/errors/aws-command.ts';

/** A command line with a flag of another tool. */
interface Found {
  readonly value: string;
  /** The words without the flag and its value, quoted. */
  readonly others: string;
  /** Value of `--cluster`, or CLUSTER. */
  readonly cluster: string;
  /** The word that looks most like TARGET. */
  readonly target: string;
}

/** A flag of ssh, docker, kubectl or the AWS CLI, and what ecsh has in its place. */
interface ForeignFlag {
  readonly flags: readonly string[];
  readonly takesValue?: boolean;
  /** Commands that it is used with; undefined: all. */
  readonly of?: readonly string[];
  readonly advice: (found: Found) => string;
}

const SESSIONS: readonly string[] = ['shell', 'exec'];
const leaveOut = (reason: string) => ({
  of: SESSIONS,
  advice: ({ others }: Found) => `${reason}: leave it out.  ecsh ${others}`,
});
const NOTHING_LIKE_IT = 'ECS Exec has nothing like it';

const FOREIGN: readonly ForeignFlag[] = [
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
    flags: ['-N', '-f'],
    of: SESSIONS,
    advice: ({ target }) => `To forward ports without a shell:  ecsh forward ${target} PORT`,
  },
  {
    flags: ['-i'],
    takesValue: true,
    of: ['cp'],
    advice: ({ others }) => `${NOTHING_LIKE_IT}: leave it out.  ecsh ${others}`,
  },
  {
    flags: ['-A', '-X', '-Y', '-K', '-k', '-a', '-x', '-M', '-4', '-6', '-g', '-G', '-s'],
    ...leaveOut(NOTHING_LIKE_IT),
  },
  {
    flags: ['-o', '-J', '-F', '-E', '-B', '-b', '-I', '-m', '-O', '-Q', '-S', '-W'],
    takesValue: true,
    ...leaveOut(NOTHING_LIKE_IT),
  },
  {
    flags: ['-n', '--namespace'],
    takesValue: true,
    advice: ({ value, others }) => `A namespace is a cluster here:  ecsh -C ${value} ${others}`,
  },
  {
    flags: ['--context'],
    takesValue: true,
    advice: ({ value, others }) => `An account is a profile:  ecsh --profile ${value} ${others}`,
  },
  {
    flags: ['--task', '--task-id', '--pod'],
    takesValue: true,
    of: SESSIONS,
    advice: ({ value, cluster }) => `A task is TARGET:  ecsh ${cluster}/${value}`,
  },
  {
    flags: ['--service', '--service-name', '--name'],
    takesValue: true,
    of: [...SESSIONS, 'cp', 'forward', 'doctor'],
    advice: ({ value, cluster }) => `A service is TARGET:  ecsh ${cluster}/${value}`,
  },
  {
    flags: ['--command'],
    takesValue: true,
    of: SESSIONS,
    advice: ({ value, target }) => `The command follows TARGET:  ecsh exec ${target} -- ${value}`,
  },
  {
    flags: ['-o', '--output'],
    takesValue: true,
    advice: ({ others }) => `For JSON:  ecsh --json ${others}`,
  },
  {
    flags: ['--all-namespaces'],
    advice: () => 'For all clusters:  ecsh ls tasks -A',
  },
  {
    flags: ['--rm', '--privileged', '-d', '--detach', '--stdin'],
    ...leaveOut(NOTHING_LIKE_IT),
  },
  {
    flags: ['-f', '--follow'],
    of: ['ls'],
    advice: ({ others }) => `To keep looking:  ecsh ${others} --watch`,
  },
  {
    flags: ['-a', '--all'],
    of: ['ls'],
    advice: () => 'For stopped tasks too:  ecsh ls tasks --status all',
  },
  {
    flags: ['-h', '--no-trunc'],
    of: ['ls'],
    advice: ({ others }) => `To see everything:  ecsh ${others} --wide`,
  },
];

/** Advice for a flag of another tool; undefined for an unknown one. */
export function adviceForFlag(
  flag: string,
  argv: readonly string[],
  command: string,
): string | undefined {
  const at = argv.indexOf(flag);
  const [, long, inLong] = /^(--[^=]+)=(.*)$/s.exec(flag) ?? [];
  const found = FOREIGN.find(
    ({ flags, of }) => flags.includes(long ?? flag) && (of === undefined || of.includes(command)),
  );
  if (found === undefined) return undefined;
  const takesNext = found.takesValue === true && inLong === undefined;
  const others = argv.filter((_, index) => index !== at && !(takesNext && index === at + 1));
  const value = inLong ?? (takesNext ? argv[at + 1] : undefined) ?? 'VALUE';
  return found.advice({
    value: quoteWord(value),
    others: others.map(quoteWord).join(' '),
    cluster: quoteWord(clusterIn(argv)),
    target: quoteWord(targetAmong(others)),
  });
}

function clusterIn(argv: readonly string[]): string {
  const at = argv.findIndex((word) => word === '-C' || word === '--cluster');
  const [, inWord] =
    /^--cluster=(.+)$/.exec(argv.find((word) => word.startsWith('--cluster=')) ?? '') ?? [];
  return inWord ?? (at === -1 ? undefined : argv[at + 1]) ?? 'CLUSTER';
}

function targetAmong(words: readonly string[]): string {
  const plain = words.filter(
    (word) => !word.startsWith('-') && word !== 'exec' && word !== 'shell',
  );
  return plain.find((word) => /^[^/.]+\/./.test(word)) ?? plain[0] ?? 'TARGET';
}
