import { promises, type Writable } from 'node:stream';
import type { EcshError } from '#domain/errors/errors.ts';
import { ExitStatus } from '#domain/errors/exit-status.ts';
import type { BatchPorts } from '#exec/exec-run-options.ts';
import { Arrival, type ArrivalRequest } from './arrival.ts';
import { sourceIsDirectory, sourceMissing, sourceUnreadable, toolMissing } from './copy-errors.ts';
import { get } from './copy-script.ts';
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
import type { Bytes, Draft, LocalDestination } from './local-copies.ts';

export interface Download extends ArrivalRequest {
  readonly path: string;
  /** A single file as an archive too. */
  readonly asArchive: boolean;
}

/**
 * Copies a file or a directory out of the container. It gets its name when all of it has arrived.
 *
 * @throws EcshError
 */
export async function download(
  ports: BatchPorts,
  options: CopyOptions,
  { path, asArchive, ...request }: Download,
): Promise<CopyResult> {
  const arrival = new Arrival(options, request);
  const { stdout, signal: abort } = arrival;
  const argv = get({ path: remotePath(path), isRecursive: request.isRecursive, asArchive });
  try {
    const result = await runCopyScript(ports, options, { argv, stdout, abort });
    if (!result.wasStopped && !arrival.hasFailed) {
      assertSent(arrival, options.shownPath, result);
      stdout.end();
    }
    // Who reads is at the end, or has given up and has yet to tell why.
    if (!result.wasStopped || result.exitCode === ExitStatus.brokenPipe) await arrival.settled();
    if (arrival.isOutputLost) return { ...result, exitCode: ExitStatus.brokenPipe };
    arrival.assertTaken();
    if (result.wasStopped) return result;
    await arrival.keep();
    tellComplaints(result, options);
    // That of tar has been told.
    return { ...result, exitCode: ExitStatus.ok };
  } finally {
    await arrival.close();
  }
}

/** A file that could not be read to its end is not kept; of a directory, what could be read. */
function assertSent({ kind, refusal }: Arrival, path: string, result: CopyScriptResult): void {
  if (kind === undefined) throw problemOf(refusal, path, result);
  const isWhole = result.status === 0 || kind === 'tree';
  if (!isWhole) throw sourceUnreadable(path, reasonIn(result.complaints));
}

function tellComplaints(
  { status, complaints }: CopyScriptResult,
  { listener, onNotice }: CopyOptions,
): void {
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
