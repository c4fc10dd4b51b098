import type { EcshError } from '#domain/errors/errors.ts';
import {
  copyDamaged,
  copyFailed,
  destinationIsDirectory,
  destinationMissing,
  destinationNotDirectory,
  destinationNotFile,
  destinationUnwritable,
  noArchive,
  sourceIsDirectory,
  sourceMissing,
  sourceNotFile,
  sourceUnreadable,
  toolMissing,
} from './copy-errors.ts';
import type { CopyScriptResult } from './copy-session.ts';

type ScriptEnd = Pick<CopyScriptResult, 'status' | 'complaints'>;

/**
 * The error for `no WHY`, with which a script reports that it gave up.
 *
 * @param why empty if the script ended without a message
 * @param path in the form that the user would type
 */
export function refusalError(why: string, path: string, end: ScriptEnd): EcshError {
  const [word = '', ...rest] = why.split(' ');
  const create = REFUSALS[word];
  if (create !== undefined) return create(path, reasonIn(end.complaints), end.complaints);
  return word === 'tool' ? toolMissing(rest.join(' ')) : unexplained(path, end);
}

type Refusal = (path: string, reason: string, complaints: readonly string[]) => EcshError;

/** The reasons that get.sh, put-file.sh and put-tree.sh report. */
const REFUSALS: Readonly<Record<string, Refusal>> = {
  missing: sourceMissing,
  directory: sourceIsDirectory,
  special: sourceNotFile,
  read: sourceUnreadable,
  folder: destinationMissing,
  occupied: destinationIsDirectory,
  file: destinationNotDirectory,
  fifo: destinationNotFile,
  damaged: copyDamaged,
  write: unwritable,
};

/** gzip prints this for incomplete data. */
const DAMAGE = /unexpected end|not in gzip|crc error|invalid|corrupt/i;

/** GNU tar and BusyBox print this for data that is not an archive, or is compressed. */
const NO_ARCHIVE = /tar archive|tar magic|tar header|Archive is compressed|short read/i;

function unwritable(path: string, reason: string, complaints: readonly string[]): EcshError {
  if (complaints.some((line) => DAMAGE.test(line))) return copyDamaged(path);
  if (complaints.some((line) => NO_ARCHIVE.test(line))) return noArchive(reason);
  return destinationUnwritable(path, reason);
}

function unexplained(path: string, { status, complaints }: ScriptEnd): EcshError {
  const reason = reasonIn(complaints);
  return copyFailed(
    path,
    reason === '' ? `status ${status ?? 'unknown'} in the container` : reason,
  );
}

/** The system's error text in the first complaint: `mkdir: 'x': Read-only file system`. Others can be consequences. */
export function reasonIn(complaints: readonly string[]): string {
  return (complaints[0]?.replace(/^.*: /, '') ?? '').slice(0, LONGEST_REASON);
}

const LONGEST_REASON = 300;
