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
  // `-n demo/web ls`: ssh's own flag of that name, which reads stdin from /dev/null.
  if (flag === '-n' && /^[^/]+\/./.test(argv[at + 1] ?? '')) return withoutStdin(argv, at);
  const [, long, inLong] = /^(--[^=]+)=(.*)$/s.exec(flag) ?? [];
  const named = FOREIGN_FLAGS.find((row) => isMeant(row, long ?? flag, command));
  // `-p22`
  const [, letter = '', joined] = /^(-[a-z])(\d.*|\w.{2,})$/is.exec(flag) ?? [];
  const short = FOREIGN_FLAGS.find((row) => row.takesValue && isMeant(row, letter, command));
  const found = named ?? short;
  if (found === undefined) return undefined;
  const inWord = inLong ?? (named === undefined ? joined : undefined);
  const takesNext = found.takesValue === true && inWord === undefined;
  const others = argv.filter((_, index) => index !== at && !(takesNext && index === at + 1));
  const value = inWord ?? (takesNext ? argv[at + 1] : undefined) ?? 'VALUE';
  return found.advice({
    argv,
    command,
    value: quoteWord(value),
    others: others.map(quoteWord).join(' '),
    cluster: quoteWord(clusterIn(argv)),
    target: quoteWord(targetAmong(others)),
  });
}

function isMeant({ flags, of }: ForeignFlag, flag: string, command: string): boolean {
  return flags.includes(flag) && (of === undefined || of.includes(command));
}

function withoutStdin(argv: readonly string[], at: number): string {
  const [target = 'TARGET', ...command] = argv.slice(at + 1).map(quoteWord);
  const line = ['ecsh', 'exec', target, '--', ...command].join(' ');
  return `exec sends no stdin:  ${line}`;
}

function clusterIn(argv: readonly string[]): string {
  const at = argv.findIndex((word) => word === '-C' || word === '--cluster');
  const [, inWord] =
    /^--cluster=(.+)$/.exec(argv.find((word) => word.startsWith('--cluster=')) ?? '') ?? [];
  return inWord ?? (at === -1 ? undefined : argv[at + 1]) ?? 'CLUSTER';
}

function targetAmong(words: readonly string[]): string {
  const isValue = (index: number) => VALUE_FLAGS.includes(words[index - 1] ?? '');
  const plain = words.filter(
    (word, index) =>
      !word.startsWith('-') && !isValue(index) && word !== 'exec' && word !== 'shell',
  );
  return plain.find((word) => /^[^/.]+\/./.test(word)) ?? plain[0] ?? 'TARGET';
}
