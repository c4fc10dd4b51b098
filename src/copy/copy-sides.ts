import { EcshError } from '#domain/errors/errors.ts';

/** One end of a copy. */
export type CopySide =
  | RemoteSide
  | { readonly kind: 'local'; readonly path: string }
  /** `-`: our stdin, or our stdout. */
  | { readonly kind: 'stream' };

export interface RemoteSide {
  readonly kind: 'remote';
  /** Undefined where nothing stands before the colon: to be picked. */
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
 * What may stand before the colon that ends a target; other colons are the path's. An ARN has five
 * of its own, `service:web` one.
 */
const TARGETS: readonly RegExp[] = [
  /^(arn:(?:[^:]*:){4}[^:]*):(.*)$/s,
  /^((?:[\w-]+\/)?(?:service|task|family):[\w-]+(?:\/[\w-]+)?(?:@[\w-]+)?):(.*)$/s,
  /^([^:]*):(.*)$/s,
];

/** Never the beginning of a target: `./a:b`, `/a:b`, and on Windows `C:\a`. */
const LOCAL = /^(?:[./]|[A-Za-z]:\\)/;

/** Reads `TARGET:/path`, `-`, or a path of this machine, which is written ./a:b with a colon. */
export function parseSide(text: string): CopySide {
  if (text === '-') return { kind: 'stream' };
  if (LOCAL.test(text)) return { kind: 'local', path: text };
  for (const form of TARGETS) {
    const match = form.exec(text);
    if (match === null) continue;
    const [, target = '', path = ''] = match;
    return { kind: 'remote', target: target === '' ? undefined : target, path };
  }
  return { kind: 'local', path: text };
}

/**
 * From the words of the command line what is to be copied where.
 *
 * @throws EcshError `usage`
 */
export function planCopy(words: readonly string[]): CopyPlan {
  const to = words.at(-1);
  if (to === undefined || words.length < 2) throw usage('A copy needs a source and a destination.');
  const [sources, destination] = [words.slice(0, -1).map(parseSide), parseSide(to)];
  for (const [index, side] of [...sources, destination].entries()) {
    if (side.kind !== 'stream' && side.path === '') throw pathMissing(words[index] ?? '');
    if (side.kind === 'remote' && side.path.includes('\0')) throw usage('A path contains a NUL.');
  }
  const remote = sources.filter((side) => side.kind === 'remote');
  const local = sources.filter((side) => side.kind !== 'remote');
  if (sources.length > 1 && [...sources, destination].some(({ kind }) => kind === 'stream')) {
    throw usage('"-" is one source or the destination of one.');
  }
  if (destination.kind === 'remote') {
    if (remote.length > 0) throw bothRemote(words);
    return { direction: 'upload', sources: local, to: destination };
  }
  if (local.length > 0) throw noneRemote();
  return { direction: 'download', sources: remote, to: destination };
}

/**
 * What a source is called in a directory that it is copied into; empty where its content is meant,
 * as in `dir/.` and `/`.
 */
export function nameOfPath(path: string): string {
  const name = /([^/]*)\/*$/.exec(path)?.[1] ?? '';
  return name === '.' || name === '..' ? '' : name;
}

/** As a container's tools take it: not as an option, and not as an operand of another kind. */
export function remotePath(path: string): string {
  return path.startsWith('/') ? path : `./${path}`;
}

function bothRemote([from = '', to = '']: readonly string[]): EcshError {
  return usage('Both sides are in containers: one has to be here.', {
    hint: `For two containers:  ecsh cp ${from} - | ecsh cp - ${to}\nA local file name with a colon is written ./a:b.`,
  });
}

function noneRemote(): EcshError {
  return usage('No side is in a container.', {
    hint: 'Write it TARGET:/path, for example:  ecsh cp report.csv prod/web:/tmp/',
  });
}

function pathMissing(word: string): EcshError {
  return usage(word === '' ? 'A path is empty.' : `There is no path behind "${word}".`, {
    hint: 'For example:  ecsh cp prod/web:/etc/hosts .',
  });
}

function usage(message: string, options = { hint: 'Examples:  ecsh cp --help' }): EcshError {
  return new EcshError('usage', message, options);
}
