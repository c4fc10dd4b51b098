import { quoteWord } from '#domain/errors/aws-command.ts';
import { FOREIGN_FLAGS, type ForeignFlag } from './foreign-flag-table.ts';

const VALUE_FLAGS: readonly string[] = FOREIGN_FLAGS.flatMap(({ flags, takesValue }) =>
  takesValue ? flags : [],
);

/** Advice for a flag of another tool; undefined for an unknown one. */
export function adviceForFlag(
  flag: string,
  argv: readonly string[],
  command: string,
): string | undefined {
  const at = argv.indexOf(flag);
  // `-n demo/web ls`: ssh's -n, which reads stdin from /dev/null.
  if (flag === '-n' && /^[^/]+\/./.test(argv[at + 1] ?? '')) return withoutStdin(argv, at);
  const match = matchFlag(flag, command);
  if (match === undefined) return undefined;
  const { row, joinedValue } = match;
  const takesNext = row.takesValue === true && joinedValue === undefined;
  const nextValue = takesNext ? argv[at + 1] : undefined;
  const others = argv.filter((_, index) => index !== at && !(takesNext && index === at + 1));
  return row.advice({
    argv,
    command,
    value: quoteWord(joinedValue ?? nextValue ?? 'VALUE'),
    others: others.map(quoteWord).join(' '),
    cluster: quoteWord(clusterIn(argv)),
    target: quoteWord(targetAmong(others)),
  });
}

interface FlagMatch {
  readonly row: ForeignFlag;
  /** The value in the same word: `--port=22`, `-p22`. */
  readonly joinedValue: string | undefined;
}

function matchFlag(flag: string, command: string): FlagMatch | undefined {
  const [, longName = flag, longValue] = /^(--[^=]+)=(.*)$/s.exec(flag) ?? [];
  const row = FOREIGN_FLAGS.find((each) => matches(each, longName, command));
  if (row !== undefined) return { row, joinedValue: longValue };
  const [, shortName = '', shortValue] = /^(-[a-z])(\d.*|\w.{2,})$/is.exec(flag) ?? [];
  const shortRow = FOREIGN_FLAGS.find(
    (each) => each.takesValue && matches(each, shortName, command),
  );
  return shortRow && { row: shortRow, joinedValue: shortValue };
}

function matches({ flags, of }: ForeignFlag, flag: string, command: string): boolean {
  return flags.includes(flag) && (of === undefined || of.includes(command));
}

function withoutStdin(argv: readonly string[], at: number): string {
  const [target = 'TARGET', ...command] = argv.slice(at + 1).map(quoteWord);
  const line = ['ecsh', 'exec', target, '--', ...command].join(' ');
  return `exec sends no stdin:  ${line}`;
}

function clusterIn(argv: readonly string[]): string {
  const at = argv.findIndex((word) => word === '-C' || word === '--cluster');
  const [, joinedValue] =
    /^--cluster=(.+)$/.exec(argv.find((word) => word.startsWith('--cluster=')) ?? '') ?? [];
  return joinedValue ?? (at === -1 ? undefined : argv[at + 1]) ?? 'CLUSTER';
}

function targetAmong(words: readonly string[]): string {
  const isValue = (index: number) => VALUE_FLAGS.includes(words[index - 1] ?? '');
  const plain = words.filter(
    (word, index) =>
      !word.startsWith('-') && !isValue(index) && word !== 'exec' && word !== 'shell',
  );
  return plain.find((word) => /^[^/.]+\/./.test(word)) ?? plain[0] ?? 'TARGET';
}
