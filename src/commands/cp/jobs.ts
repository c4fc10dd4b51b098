import type { App } from '#commands/app.ts';
import type { CopyOptions, CopyResult } from '#copy/copy-session.ts';
import { type CopyPlan, type LocalSide, nameOfPath, type RemoteSide } from '#copy/copy-sides.ts';
import { counted } from '#copy/counted-stream.ts';
import { download, streamDestination } from '#copy/download.ts';
import type { LocalCopies, LocalSource } from '#copy/local-copies.ts';
import { upload } from '#copy/upload.ts';
import { EcshError } from '#domain/errors/errors.ts';
import type { BatchPorts } from '#exec/exec-run-options.ts';

/** One source on its way to the destination: one session. */
export interface CopyJob {
  /** As they were given. */
  readonly source: string;
  readonly destination: string;
  readonly remote: RemoteSide;
  /** Of the content, where it is known before. */
  readonly size: number | undefined;
  /** Why there is nothing to run, as far as that shows on this machine. */
  readonly failure?: EcshError;
  run(
    ports: BatchPorts,
    options: CopyOptions,
    onSize: (size: number | undefined) => void,
  ): Promise<CopyResult>;
}

/**
 * What a copy comes to, with everything on this machine looked at before there is a session.
 */
export async function copyJobs(
  app: Pick<App, 'stdin' | 'stdout'>,
  copies: LocalCopies,
  plan: CopyPlan,
  isRecursive: boolean,
): Promise<readonly CopyJob[]> {
  // Several go into a directory, which has to be there: so has `x/.`, wherever it is.
  const into = (path: string) => (plan.sources.length > 1 ? `${path}/.` : path);
  const jobs: CopyJob[] = [];
  if (plan.direction === 'upload') {
    const { to } = plan;
    for (const side of plan.sources) {
      const job = await jobOf({ ...named(side, to), remote: to }, async () => {
        const source = await openSource(app, copies, side, isRecursive);
        return {
          size: source.kind === 'file' ? source.size : undefined,
          run: (ports, options) => upload(ports, options, source, into(to.path)),
        };
      });
      jobs.push(job);
    }
    return jobs;
  }
  const { to } = plan;
  for (const remote of plan.sources) {
    const { path } = remote;
    const job = await jobOf({ ...named(remote, to), remote }, async () => {
      const isStream = to.kind === 'stream';
      const destination = isStream
        ? streamDestination(app.stdout)
        : await copies.openDestination(into(to.path), nameOfPath(path), isRecursive);
      const request = { path, isRecursive, asArchive: isStream && isRecursive, destination };
      return {
        size: undefined,
        run: (ports, options, onSize) => download(ports, options, { ...request, onSize }),
      };
    });
    jobs.push(job);
  }
  return jobs;
}

/** With what it cannot be run for: the other sources are copied. */
async function jobOf(
  names: Pick<CopyJob, 'source' | 'destination' | 'remote'>,
  open: () => Promise<Pick<CopyJob, 'size' | 'run'>>,
): Promise<CopyJob> {
  try {
    return { ...names, ...(await open()) };
  } catch (failure) {
    if (!(failure instanceof EcshError)) throw failure;
    return { ...names, size: undefined, failure, run: () => Promise.reject(failure) };
  }
}

/** `-` is the content of a file, or with -r a tar archive. */
async function openSource(
  { stdin }: Pick<App, 'stdin'>,
  copies: LocalCopies,
  side: LocalSide,
  isRecursive: boolean,
): Promise<LocalSource> {
  if (side.kind === 'local') return copies.openSource(side.path, isRecursive);
  const name = '';
  if (isRecursive) {
    return { kind: 'tree', name, isForeign: true, read: (listener) => counted(stdin, listener) };
  }
  const attributes = { mode: undefined, modifiedAt: undefined, size: undefined };
  return { kind: 'file', name, ...attributes, read: () => stdin };
}

function named(from: LocalSide | RemoteSide, to: LocalSide | RemoteSide) {
  return { source: shown(from), destination: shown(to) };
}

function shown(side: LocalSide | RemoteSide): string {
  if (side.kind === 'stream') return '-';
  const isTargeted = side.kind === 'remote' && side.target !== undefined;
  return isTargeted ? `${side.target}:${side.path}` : side.path;
}
