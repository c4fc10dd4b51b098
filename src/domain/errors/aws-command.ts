/** Flags that a printed command repeats to reach the same account and region, for ecsh and for the AWS CLI. */
export interface AwsFlags {
  readonly profile?: string | undefined;
  readonly region?: string | undefined;
  readonly endpointUrl?: string | undefined;
}

/** An AWS CLI command that can be pasted as printed: words quoted for a POSIX shell. */
export function awsCommand(words: readonly string[], flags: AwsFlags = {}): string {
  return ['aws', ...words, ...flagWords(flags)].map(quoteWord).join(' ');
}

/** An ecsh command that can be pasted as printed. */
export function ecshCommand(words: readonly string[], flags: AwsFlags = {}): string {
  return ['ecsh', ...words, ...flagWords(flags)].map(quoteWord).join(' ');
}

/** Quotes one word for a POSIX shell, only if it needs that. */
export function quoteWord(word: string): string {
  if (/^[\w@%+=:,./-]+$/.test(word)) return word;
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

function flagWords(flags: AwsFlags): readonly string[] {
  const pairs: readonly (readonly [string, string | undefined])[] = [
    ['--profile', flags.profile],
    ['--region', flags.region],
    ['--endpoint-url', flags.endpointUrl],
  ];
  return pairs.flatMap(([name, value]) => (value === undefined ? [] : [name, value]));
}
