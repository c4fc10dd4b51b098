import { ecshCommand, quoteWord } from '#domain/errors/aws-command.ts';
import { EcshError } from '#domain/errors/errors.ts';

/** One end of a copy. */
export type CopySide =
  | RemoteSide
  | { readonly kind: 'local'; readonly path: string }
  /** `-` is stdin as a source, and stdout as a destination. */
  | { readonly kind: 'stream' };

export interface RemoteSide {
  readonly kind: 'remote';
  /** Undefined for `:/path`: the user chooses a target. */
  readonly target: string | undefined;
  readonly path: string;
}

export type CopyPlan =
  | {
      readonly direction: 'upload';
      readonly sources: readonly LocalSide[];
      readonly to: RemoteSide;
    }
  | {
      readonly direction: 'download';
      readonly sources: readonly RemoteSide[];
      readonly to: LocalSide;
    };

export type LocalSide = Exclude<CopySide, RemoteSide>;

/**
 * A target ends at the first colon that is not part of it: an ARN contains five colons, and `service:web` one.
 * Later colons belong to the path.
 */
const TARGETS: readonly RegExp[] = [
  /^(arn:(?:[^:]*:){4}[^:]*):(.*)$/s,
  /^((?:[\w-]+\/)?(?:service|task|family):[\w-]+(?:\/[\w-]+)?(?:@[\w-]+)?):(.*)$/s,
  /^([^:]*):(.*)$/s,
];

/** `root@prod/web:/path`, as with scp. */
const USER = /^[\w.-]+@(?=[\w-]+\/[\w-]+(?:@[\w-]+)?:)/;

/** The beginning of a local path: `./a:b`, `/a:b`, and on Windows `C:\a`. */
const LOCAL = /^(?:[./]|[A-Za-z]:\\)/;

/** Parses `TARGET:/path`, `-`, or a local path, which needs a leading `./` if it contains a colon. */
export function parseSide(text: string): CopySide {
  if (text === '-') return { kind: 'stream' };
  if (LOCAL.test(text) || text.startsWith('s3://')) return { kind: 'local', path: text };
  for (const form of TARGETS) {
    const match = form.exec(text);
    if (match === null) continue;
    const [, target = '', path = ''] = match;
    return { kind: 'remote', target: target === '' ? undefined : target, path };
  }
  return { kind: 'local', path: text };
}

/**
 * Parses the sources and the destination from the command line.
 *
 * @throws EcshError `usage`
 */
export function planCopy(words: readonly string[]): CopyPlan {
  const to = words.at(-1);
  if (to === undefined || words.length < 2) throw destinationMissing(words);
  if (words.some((word) => USER.test(word))) throw userNamed(words);
  const [sources, destination] = [words.slice(0, -1).map(parseSide), parseSide(to)];
  for (const [index, side] of [...sources, destination].entries()) {
    if (side.kind !== 'stream' && side.path === '') throw pathMissing(words, index);
    if (side.kind === 'remote' && side.path.includes('\0')) throw usage('A path contains a NUL.');
  }
  const remote = sources.filter((side) => side.kind === 'remote');
  const local = sources.filter((side) => side.kind !== 'remote');
  if (sources.length > 1 && [...sources, destination].some(({ kind }) => kind === 'stream')) {
    throw usage('"-" can only be the one source, or the destination of one source.');
  }
  if (destination.kind === 'remote') {
    if (remote.length > 0) throw bothRemote(words);
    return { direction: 'upload', sources: local, to: destination };
  }
  if (local.length > 0) throw noneRemote(words);
  return { direction: 'download', sources: remote, to: destination };
}

/**
 * The name of a source inside a destination directory; empty for `dir/.` and `/`, whose content is copied.
 */
export function nameOfPath(path: string): string {
  const name = /([^/]*)\/*$/.exec(path)?.[1] ?? '';
  // `~` is the home directory, which would be a bad name for a copy.
  return ['.', '..'].includes(name) || /^~\/*$/.test(path) ? '' : name;
}

/** Makes the container's tools treat it as a path, not as an option or another kind of operand. */
export function remotePath(path: string): string {
  return path.startsWith('/') ? path : `./${path}`;
}

function bothRemote([from = '', to = '']: readonly string[]): EcshError {
  return usage('Both sides are in containers: one side must be a local path.', {
    hint: `For two containers:  ecsh cp ${from} - | ecsh cp - ${to}\nWrite a local name with a colon as ./a:b.`,
  });
}

function userNamed(words: readonly string[]): EcshError {
  const line = words.map((word) => word.replace(USER, ''));
  return usage('A copy names no user: it is made by the user of the container.', {
    hint: `Leave the user out:  ${ecshCommand(['cp', ...line])}`,
  });
}

function destinationMissing([source = 'FILE']: readonly string[]): EcshError {
  const line = parseSide(source).kind === 'remote' ? [source, '.'] : [source, 'TARGET:/tmp/'];
  return usage('A copy needs a source and a destination.', {
    hint: `For example:  ${ecshCommand(['cp', ...line])}\nExamples:  ecsh cp --help`,
  });
}

function noneRemote(words: readonly string[]): EcshError {
  const last = words.at(-1) ?? '';
  if (/^s3:/.test(last))
    return usage('ecsh copies to and from containers.', {
      hint: `S3 is for the AWS CLI:  aws s3 cp ${words.map(quoteWord).join(' ')}`,
    });
  // `cp FILE prod/web`
  const example = /^[\w-]+\/[\w-]+(?:@[\w-]+)?$/.test(last)
    ? [...words.slice(0, -1), `${last}:/tmp/`]
    : ['report.csv', 'prod/web:/tmp/'];
  return usage('Neither side is in a container.', {
    hint: `Write it TARGET:/path, for example:  ${ecshCommand(['cp', ...example])}`,
  });
}

function pathMissing(words: readonly string[], index: number): EcshError {
  const word = words[index] ?? '';
  if (word === '') {
    return usage('A path is empty.', { hint: 'For example:  ecsh cp prod/web:/etc/hosts .' });
  }
  const path = index === words.length - 1 ? '/tmp/' : '/etc/hosts';
  const line = words.map((other, at) => (at === index ? `${word}${path}` : other));
  return usage(`There is no path after "${word}".`, {
    hint: `For example:  ${ecshCommand(['cp', ...line])}`,
  });
}

function usage(message: string, options = { hint: 'Examples:  ecsh cp --help' }): EcshError {
  return new EcshError('usage', message, options);
}
