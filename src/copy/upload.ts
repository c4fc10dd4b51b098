import { randomBytes } from 'node:crypto';
import { PassThrough, promises } from 'node:stream';
import { ExitStatus } from '#domain/errors/exit-status.ts';
import { Cksum } from '#envelope/cksum.ts';
import type { ExecRunPorts } from '#exec/exec-run-options.ts';
import { putFile, putTree, trailerOf } from './copy-script.ts';
import {
  type CopyResult,
  type CopyScriptResult,
  type CopySessionOptions,
  runCopyScript,
} from './copy-session.ts';
import { remotePath } from './copy-sides.ts';
import { countBytes } from './count-bytes.ts';
import type { Bytes, CopyListener, FileSource, LocalSource } from './local-copies.ts';
import { refusalError } from './refusal.ts';
import { LastReply, ReplyStream } from './reply-stream.ts';

export interface Upload {
  readonly source: LocalSource;
  /** The path in the container. */
  readonly path: string;
  /** An existing file gets the permissions of the source. */
  readonly preserves: boolean;
}

/**
 * Copies a file or a directory into the container. The script gives it its final name once it has arrived completely
 * and unchanged.
 *
 * @throws EcshError
 */
export async function upload(
  ports: ExecRunPorts,
  options: CopySessionOptions,
  request: Upload,
): Promise<CopyResult> {
  const { copies, listener } = options;
  const stdin = new PassThrough();
  const send = (isCompressed: boolean) => {
    const content = contentOf(request.source, listener);
    return promises.pipeline(isCompressed ? copies.compress(content) : content, stdin);
  };
  let refusal: string | undefined;
  const stdout = new ReplyStream((reply) => {
    // A source that fails destroys stdin, and the run reports the reason.
    if (reply.kind === 'ready') send(reply.isCompressed).catch(() => undefined);
    else if (reply.kind === 'no') refusal = reply.why;
  });
  const last = new LastReply(stdout);
  const argv = argvFor(request);
  const result = await runCopyScript(ports, options, { argv, stdin, stdout }).finally(() => {
    // Data that the script did not read is discarded, and a source without data is not waited for.
    stdin.destroy();
  });
  if (result.wasStopped || result.status === 0) return result;
  const why = refusal ?? (last.value?.kind === 'no' ? last.value.why : '');
  return afterRefusal(why, result, options);
}

/** A partly merged directory is a success, and the rest is reported. */
function afterRefusal(
  why: string,
  result: CopyScriptResult,
  { listener, shownPath }: CopySessionOptions,
): CopyResult {
  if (why !== 'merge') throw refusalError(why, shownPath, result);
  for (const line of result.complaints) listener.onSkip(line);
  return { ...result, exitCode: ExitStatus.ok };
}

function argvFor({ source, path, preserves }: Upload): readonly string[] {
  const id = randomBytes(8).toString('hex');
  const place = { path: remotePath(path), name: source.name, id };
  if (source.kind === 'tree') return putTree({ ...place, isForeign: source.isForeign });
  const { mode, modifiedAt } = source;
  return putFile({ ...place, mode, modifiedAt, preserves });
}

function contentOf(source: LocalSource, listener: CopyListener): Bytes {
  return source.kind === 'tree' ? source.read(listener) : withTrailer(source, listener);
}

/** The trailer lets the container check that everything has arrived. */
async function* withTrailer(source: FileSource, listener: CopyListener): Bytes {
  const sum = new Cksum();
  for await (const chunk of countBytes(source.read(), listener)) {
    sum.update(chunk);
    yield chunk;
  }
  yield Buffer.from(trailerOf(`${sum}`));
}
