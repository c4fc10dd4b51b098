import type { Readable, Writable } from 'node:stream';
import { EcshError } from '#domain/errors/errors.ts';
import { shownText } from '#domain/exact-text.ts';
import type { ExecRunPorts } from '#exec/exec-run-options.ts';
import type { CopyResult, CopySessionOptions } from './copy-session.ts';
import { type CopyPlan, type LocalSide, nameOfPath, type RemoteSide } from './copy-sides.ts';
import { countBytes } from './count-bytes.ts';
import { download, streamDestination } from './download.ts';
import type { LocalCopies, LocalSource } from './local-copies.ts';
import { upload } from './upload.ts';

/** The copy of one source to the destination, in its own session. */
export interface CopyJob {
  /** The source and destination as typed. */
  readonly source: string;
  readonly destination: string;
  readonly remote: RemoteSide;
  /** Bytes of content, if known in advance. */
  readonly size: number | undefined;
  /** Why this job cannot run, if that is known without a session. */
  readonly failure?: EcshError;
  run(
    ports: ExecRunPorts,
    options: CopySessionOptions,
    onSize: (size: number | undefined) => void,
  ): Promise<CopyResult>;
}

/** The parts of this machine that copies use. */
export interface CopySurroundings {
  readonly stdin: Readable;
  readonly stdout: Writable;
  readonly copies: LocalCopies;
}

export interface CopyModes {
  readonly isRecursive: boolean;
  /** Keep permissions exactly: ignore the umask, and replace the permissions of an existing file. */
  readonly preserves: boolean;
}

/** Creates a job for each source, and checks everything on this machine before a session starts. */
export async function copyJobs(
  surroundings: CopySurroundings,
  plan: CopyPlan,
  modes: CopyModes,
): Promise<readonly CopyJob[]> {
  const jobs: CopyJob[] = [];
  if (plan.direction === 'upload') {
    for (const source of plan.sources)
      jobs.push(await uploadJob(surroundings, plan, source, modes));
  } else {
    for (const source of plan.sources) {
      jobs.push(await downloadJob(surroundings, plan, source, modes));
    }
  }
  return jobs;
}

type UploadPlan = Extract<CopyPlan, { readonly direction: 'upload' }>;
type DownloadPlan = Extract<CopyPlan, { readonly direction: 'download' }>;

function uploadJob(
  surroundings: CopySurroundings,
  { sources, to }: UploadPlan,
  side: LocalSide,
  { isRecursive, preserves }: CopyModes,
): Promise<CopyJob> {
  const path = pathFor(sources.length, to.path);
  return jobOf({ ...shownSides(side, to), remote: to }, async () => {
    const source = await openSource(surroundings, side, isRecursive);
    return {
      size: source.kind === 'file' ? source.size : undefined,
      run: (ports, options) => upload(ports, options, { source, path, preserves }),
    };
  });
}

function downloadJob(
  { copies, stdout }: CopySurroundings,
  { sources, to }: DownloadPlan,
  remote: RemoteSide,
  { isRecursive, preserves }: CopyModes,
): Promise<CopyJob> {
  const { path } = remote;
  return jobOf({ ...shownSides(remote, to), remote }, async () => {
    const isStream = to.kind === 'stream';
    const destination = isStream
      ? streamDestination(stdout)
      : await copies.openDestination({
          path: pathFor(sources.length, to.path),
          name: nameOfPath(path),
          isRecursive,
          preserves,
        });
    const request = { path, isRecursive, asArchive: isStream && isRecursive, destination };
    return {
      size: undefined,
      run: (ports, options, onSize) => download(ports, options, { ...request, onSize }),
    };
  });
}

/** Several sources need an existing directory; so does `x/.`, on either side. */
function pathFor(sources: number, path: string): string {
  return sources > 1 ? `${path}/.` : path;
}

/** A source that cannot be copied becomes a job that fails, so that the others are still copied. */
async function jobOf(
  sides: Pick<CopyJob, 'source' | 'destination' | 'remote'>,
  open: () => Promise<Pick<CopyJob, 'size' | 'run'>>,
): Promise<CopyJob> {
  try {
    return { ...sides, ...(await open()) };
  } catch (failure) {
    if (!(failure instanceof EcshError)) throw failure;
    return { ...sides, size: undefined, failure, run: () => Promise.reject(failure) };
  }
}

/** `-` is the content of a file or, with -r, a tar archive. */
async function openSource(
  { stdin, copies }: CopySurroundings,
  side: LocalSide,
  isRecursive: boolean,
): Promise<LocalSource> {
  if (side.kind === 'local') return copies.openSource(side.path, isRecursive);
  const name = '';
  if (isRecursive) {
    return { kind: 'tree', name, isForeign: true, read: (listener) => countBytes(stdin, listener) };
  }
  const attributes = { mode: undefined, modifiedAt: undefined, size: undefined };
  return { kind: 'file', name, ...attributes, read: () => stdin };
}

function shownSides(from: LocalSide | RemoteSide, to: LocalSide | RemoteSide) {
  return { source: shownSide(from), destination: shownSide(to) };
}

function shownSide(side: LocalSide | RemoteSide): string {
  if (side.kind === 'stream') return '-';
  const isTargeted = side.kind === 'remote' && side.target !== undefined;
  return shownText(isTargeted ? `${side.target}:${side.path}` : side.path);
}
