import { promises, type Writable } from 'node:stream';
import { ExitStatus } from '#domain/errors/exit-status.ts';
import type { ExecRunPorts } from '#exec/exec-run-options.ts';
import { unlessAborted } from '#session/unless-aborted.ts';
import { sourceUnreadable } from './copy-errors.ts';
import { get } from './copy-script.ts';
import {
  type CopyResult,
  type CopyScriptResult,
  type CopySessionOptions,
  runCopyScript,
} from './copy-session.ts';
import { remotePath } from './copy-sides.ts';
import { countBytes } from './count-bytes.ts';
import { DownloadReceiver, type ReceiverRequest } from './download-receiver.ts';
import type { Bytes, LocalDestination, StagedFile } from './local-copies.ts';
import { reasonIn, refusalError } from './refusal.ts';

export interface Download extends ReceiverRequest {
  readonly path: string;
  /** Send an archive even for a single file. */
  readonly asArchive: boolean;
}

/**
 * Copies a file or a directory out of the container. It gets its final name once it is complete.
 *
 * @throws EcshError
 */
export async function download(
  ports: ExecRunPorts,
  options: CopySessionOptions,
  { path, asArchive, ...request }: Download,
): Promise<CopyResult> {
  const receiver = new DownloadReceiver(options, request);
  const { stdout, signal: abort } = receiver;
  const argv = get({ path: remotePath(path), isRecursive: request.isRecursive, asArchive });
  try {
    const result = await runCopyScript(ports, options, { argv, stdout, abort });
    if (!result.wasStopped && !receiver.hasFailed) {
      assertSent(receiver, options.shownPath, result);
      stdout.end();
    }
    // Wait until the writer has finished, or has failed with its reason.
    if (!result.wasStopped || BROKEN_OUTPUT.includes(result.exitCode)) await receiver.settled();
    if (receiver.isOutputLost) return { ...result, exitCode: ExitStatus.brokenPipe };
    receiver.assertTaken();
    if (result.wasStopped) return result;
    await receiver.keep();
    reportComplaints(result, options);
    // The status of tar was already reported, with the files that it could not read.
    return { ...result, exitCode: ExitStatus.ok };
  } finally {
    await receiver.close();
  }
}

/** The command was stopped because its output could not be written (`brokenOutputStatus`). */
const BROKEN_OUTPUT: readonly number[] = [ExitStatus.brokenPipe, ExitStatus.failure];

/** An incomplete file is not kept, but all readable entries of a directory are. */
function assertSent(
  { kind, refusal }: DownloadReceiver,
  path: string,
  end: CopyScriptResult,
): void {
  if (kind === undefined) throw refusalError(refusal, path, end);
  const isWhole = end.status === 0 || kind === 'tree';
  if (!isWhole) throw sourceUnreadable(path, reasonIn(end.complaints));
}

function reportComplaints(
  { status, complaints }: CopyScriptResult,
  { listener, onNotice }: CopySessionOptions,
): void {
  const isBusy = complaints.length > 0 && complaints.every((line) => HARMLESS.test(line));
  const isHarmless = status === 0 || isBusy;
  if (isHarmless) {
    for (const line of complaints.slice(0, MAX_NOTICES)) onNotice(line);
    const more = complaints.length - MAX_NOTICES;
    if (more > 0) onNotice(`… and ${more} more such lines`);
    return;
  }
  for (const line of complaints) listener.onSkip(line);
  if (complaints.length === 0) listener.onSkip(`tar ended with status ${status}`);
}

const MAX_NOTICES = 10;

/** tar copied a file that is still being written, up to what it contained at that time. */
const HARMLESS = /: file changed as we read it$/;

const NEVER = new AbortController().signal;

/** Our stdout: content is written as it arrives, and a directory as the archive that is received. */
export function streamDestination(stream: Writable): LocalDestination {
  const write = async (content: Bytes, cancelled = NEVER): Promise<StagedFile> => {
    await unlessAborted(cancelled, promises.pipeline(content, stream, { end: false }));
    return { commit: async () => undefined, discard: async () => undefined };
  };
  return {
    writeFile: (content, _attributes, cancelled) => write(content, cancelled),
    writeTree: (archive, listener, cancelled) => write(countBytes(archive, listener), cancelled),
  };
}
