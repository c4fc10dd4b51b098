import { promises, type Readable, type Writable } from 'node:stream';
import {
  copyDamaged,
  sourceIsDirectory,
  sourceMissing,
  sourceUnreadable,
  toolMissing,
} from '../domain/copy-errors.ts';
import type { Bytes, Draft, LocalDestination } from '../domain/copy-ports.ts';
import { type ContentReply, get } from '../domain/copy-script.ts';
import { remotePath } from '../domain/copy-sides.ts';
import type { EcshError } from '../domain/errors.ts';
import { ExitStatus } from '../domain/exit-status.ts';
import type { BatchPorts } from './batch-options.ts';
import {
  type CopyOptions,
  type CopyResult,
  type CopyScriptResult,
  reasonIn,
  runCopyScript,
  unexplained,
} from './copy-session.ts';
import { counted } from './counted.ts';
import { ReplyStream } from './reply-stream.ts';

export interface Download {
  readonly path: string;
  readonly isRecursive: boolean;
  /** A single file as an archive too. */
  readonly asArchive: boolean;
  readonly destination: LocalDestination;
  /** Of a file; undefined where the image cannot tell. */
  readonly onSize: (size: number | undefined) => void;
}

/**
 * Copies a file or a directory out of the container. It gets its name when all of it has arrived.
 *
 * @throws EcshError
 */
export async function download(
  ports: BatchPorts,
  options: CopyOptions,
  { path, isRecursive, asArchive, destination, onSize }: Download,
): Promise<CopyResult> {
  const abort = new AbortController();
  let receiving: Receiving | undefined;
  let refusal: string | undefined;
  const stdout = new ReplyStream((reply) => {
    if (reply.kind === 'no') refusal = reply.why;
    if (reply.kind !== 'file' && reply.kind !== 'tree') return;
    if (reply.kind === 'tree' && !isRecursive) {
      // Whatever a container makes of our script: a directory was not asked for.
      stdout.resume();
      return;
    }
    if (reply.kind === 'file') onSize(reply.size);
    const draft = receive(reply, stdout, destination, options);
    receiving = { kind: reply.kind, draft, failure: undefined };
    draft.catch((error: unknown) => {
      if (receiving !== undefined) receiving.failure ??= error;
      abort.abort();
    });
  });
  const argv = get({ path: remotePath(path), isRecursive, asArchive });
  try {
    const result = await runCopyScript(ports, options, { argv, stdout, abort: abort.signal });
    if (!result.wasStopped && receiving?.failure === undefined) {
      assertSent(receiving, refusal ?? '', options.shownPath, result);
      stdout.end();
    }
    // Who reads is at the end, or has given up and has yet to tell why.
    if (!result.wasStopped || result.exitCode === ExitStatus.brokenPipe) {
      await receiving?.draft.catch(() => undefined);
    }
    const failure = receiving?.failure;
    if (isOutputLost(failure)) return { ...result, exitCode: ExitStatus.brokenPipe };
    if (isDamage(failure)) throw copyDamaged(options.shownPath);
    if (failure !== undefined) throw failure;
    if (result.wasStopped || receiving === undefined) return result;
    await keep(receiving, result, options);
    receiving = undefined;
    // That of tar has been told.
    return { ...result, exitCode: ExitStatus.ok };
  } finally {
    stdout.destroy();
    await receiving?.draft.then(
      (draft) => draft.discard(),
      () => undefined,
    );
  }
}

interface Receiving {
  readonly kind: ContentReply['kind'];
  readonly draft: Promise<Draft>;
  /** While the container was still sending: the cause of all that follows. */
  failure: unknown;
}

function receive(
  reply: ContentReply,
  payload: Readable,
  destination: LocalDestination,
  { copies, listener }: CopyOptions,
): Promise<Draft> {
  const content = reply.isCompressed ? copies.decompress(payload) : payload;
  if (reply.kind === 'tree') return destination.writeTree(content, listener);
  return destination.writeFile(counted(content, listener), reply);
}

/** A file that could not be read to its end is not kept; of a directory, what could be read. */
function assertSent(
  receiving: Receiving | undefined,
  refusal: string,
  path: string,
  result: CopyScriptResult,
): asserts receiving is Receiving {
  if (receiving === undefined) throw problemOf(refusal, path, result);
  const isWhole = result.status === 0 || receiving.kind === 'tree';
  if (!isWhole) throw sourceUnreadable(path, reasonIn(result.complaints));
}

async function keep(
  { draft }: Receiving,
  { status, complaints }: CopyScriptResult,
  { listener, onNotice }: CopyOptions,
): Promise<void> {
  await (await draft).commit();
  const tell =
    status === 0 || complaints.every((line) => HARMLESS.test(line)) ? onNotice : listener.onSkip;
  for (const line of complaints) tell(line);
  if (status !== 0 && complaints.length === 0) listener.onSkip(`tar ended with status ${status}`);
}

/** A log that is being written: what was there when tar came to it has been copied. */
const HARMLESS = /: file changed as we read it$/;

function problemOf(why: string, path: string, result: CopyScriptResult): EcshError {
  const [word, ...words] = why.split(' ');
  switch (word) {
    case 'missing':
      return sourceMissing(path);
    case 'directory':
      return sourceIsDirectory(path);
    case 'read':
      return sourceUnreadable(path, reasonIn(result.complaints));
    case 'tool':
      return toolMissing(words.join(' '));
    default:
      return unexplained(path, result);
  }
}

/** Our stdout: what arrives goes out at once, a directory as the archive that it comes as. */
export function streamDestination(stream: Writable): LocalDestination {
  const write = async (content: Bytes): Promise<Draft> => {
    await promises.pipeline(content, stream, { end: false });
    return { path: '-', commit: async () => undefined, discard: async () => undefined };
  };
  return {
    writeFile: write,
    writeTree: (archive, listener) => write(counted(archive, listener)),
  };
}

/** Our stdout takes no more, which is told where it is owned; files of ours fail as an `EcshError`. */
function isOutputLost(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error;
}

/** Of zlib. */
function isDamage(error: unknown): boolean {
  return error instanceof Error && 'code' in error && `${error.code}`.startsWith('Z_');
}
