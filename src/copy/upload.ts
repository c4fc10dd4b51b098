import { randomBytes } from 'node:crypto';
import { PassThrough, promises } from 'node:stream';
import type { EcshError } from '#domain/errors/errors.ts';
import { ExitStatus } from '#domain/errors/exit-status.ts';
import { Cksum } from '#envelope/cksum.ts';
import type { BatchPorts } from '#exec/exec-run-options.ts';
import {
  copyDamaged,
  destinationIsDirectory,
  destinationMissing,
  destinationNotDirectory,
  destinationUnwritable,
  noArchive,
  toolMissing,
} from './copy-errors.ts';
import { parseReply, putFile, putTree, trailerOf } from './copy-script.ts';
import {
  type CopyOptions,
  type CopyResult,
  type CopyScriptResult,
  reasonIn,
  runCopyScript,
  unexplained,
} from './copy-session.ts';
import { remotePath } from './copy-sides.ts';
import { counted } from './counted-stream.ts';
import type { Bytes, CopyListener, FileSource, LocalSource } from './local-copies.ts';
import { ReplyStream } from './reply-stream.ts';

/**
 * Copies a file or a directory into the container. The script there gives it its name when all of it
 * has arrived as it was sent.
 *
 * @throws EcshError
 */
export async function upload(
  ports: BatchPorts,
  options: CopyOptions,
  source: LocalSource,
  path: string,
): Promise<CopyResult> {
  const { copies, listener } = options;
  const stdin = new PassThrough();
  const send = (isCompressed: boolean) => {
    const content = contentOf(source, listener);
    return promises.pipeline(isCompressed ? copies.compress(content) : content, stdin);
  };
  let refusal: string | undefined;
  const stdout = new ReplyStream((reply) => {
    // A source that breaks takes stdin with it, and the run tells why.
    if (reply.kind === 'ready') send(reply.isCompressed).catch(() => undefined);
    else if (reply.kind === 'no') refusal = reply.why;
  });
  const argv = argvFor(source, path);
  const result = await runCopyScript(ports, options, { argv, stdin, stdout }).finally(() => {
    // What the script did not take has nowhere to go, and a source that gives nothing is not waited for.
    stdin.destroy();
  });
  if (result.wasStopped || result.status === 0) return result;
  return explained(refusal ?? lastRefusal(stdout), result, options);
}

/** What the script says after it has begun to take. */
function lastRefusal(stdout: ReplyStream): string {
  const last = parseReply(`${stdout.read() ?? ''}`);
  return last?.kind === 'no' ? last.why : '';
}

/** Of a directory that was merged into one that is there, what could be, has been. */
function explained(
  why: string,
  result: CopyScriptResult,
  { listener, shownPath }: CopyOptions,
): CopyResult {
  if (why !== 'merge') throw problemOf(why, shownPath, result);
  for (const line of result.complaints) listener.onSkip(line);
  return { ...result, exitCode: ExitStatus.ok };
}

function argvFor(source: LocalSource, path: string): readonly string[] {
  const id = randomBytes(8).toString('hex');
  const place = { path: remotePath(path), name: source.name, id };
  if (source.kind === 'tree') return putTree({ ...place, isForeign: source.isForeign });
  const { mode, modifiedAt } = source;
  return putFile({ ...place, mode, modifiedAt });
}

function contentOf(source: LocalSource, listener: CopyListener): Bytes {
  return source.kind === 'tree' ? source.read(listener) : withTrailer(source, listener);
}

/** The container can tell by it that everything has arrived. */
async function* withTrailer(source: FileSource, listener: CopyListener): Bytes {
  const sum = new Cksum();
  for await (const chunk of counted(source.read(), listener)) {
    sum.update(chunk);
    yield chunk;
  }
  yield Buffer.from(trailerOf(`${sum}`));
}

/** What gzip says of what is not whole. */
const DAMAGE = /unexpected end|not in gzip|crc error|invalid|corrupt/i;

/** What tar says of what is none, or is compressed: GNU's and BusyBox's. */
const NO_ARCHIVE = /tar archive|tar magic|tar header|Archive is compressed|short read/i;

function problemOf(why: string, path: string, result: CopyScriptResult): EcshError {
  const { complaints } = result;
  const [word, ...words] = why.split(' ');
  switch (word) {
    case 'folder':
      return destinationMissing(path);
    case 'directory':
      return destinationIsDirectory(path);
    case 'file':
      return destinationNotDirectory(path);
    case 'damaged':
      return copyDamaged(path);
    case 'write':
      if (complaints.some((line) => DAMAGE.test(line))) return copyDamaged(path);
      if (complaints.some((line) => NO_ARCHIVE.test(line))) return noArchive(reasonIn(complaints));
      return destinationUnwritable(path, reasonIn(complaints));
    case 'tool':
      return toolMissing(words.join(' '));
    default:
      return unexplained(path, result);
  }
}
