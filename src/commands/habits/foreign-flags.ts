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
  const [, longName, longValue] = /^(--[^=]+)=(.*)$/s.exec(flag) ?? [];
  const longMatch = FOREIGN_FLAGS.find((row) => matches(row, longName ?? flag, command));
  // A value joined to a short flag: `-p22`.
  const [, shortName = '', shortValue] = /^(-[a-z])(\d.*|\w.{2,})$/is.exec(flag) ?? [];
  const shortMatch = FOREIGN_FLAGS.find(
    (row) => row.takesValue && matches(row, shortName, command),
  );
  const found = longMatch ?? shortMatch;
  if (found === undefined) return undefined;
  const joinedValue = longValue ?? (longMatch === undefined ? shortValue : undefined);
  const takesNext = found.takesValue === true && joinedValue === undefined;
  const others = argv.filter((_, index) => index !== at && !(takesNext && index === at + 1));
  const value = joinedValue ?? (takesNext ? argv[at + 1] : undefined) ?? 'VALUE';
  return found.advice({
    argv,
    command,
    value: quoteWord(value),
    others: others.map(quoteWord).join(' '),
    cluster: quoteWord(clusterIn(argv)),
    target: quoteWord(targetAmong(others)),
  });
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
