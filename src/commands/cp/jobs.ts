import type { LocalCopies, LocalSource } from '../../domain/copy-ports.ts';
import {
  type CopyPlan,
  type LocalSide,
  nameOfPath,
  type RemoteSide,
} from '../../domain/copy-sides.ts';
import type { BatchPorts } from '../../session/batch-options.ts';
import type { CopyOptions, CopyResult } from '../../session/copy-session.ts';
import { counted } from '../../session/counted.ts';
import { download, streamDestination } from '../../session/download.ts';
import { upload } from '../../session/upload.ts';
import type { App } from '../app.ts';

/** One source on its way to the destination: one session. */
export interface CopyJob {
  /** As they were given. */
  readonly source: string;
  readonly destination: string;
  readonly remote: RemoteSide;
  /** Of the content, where it is known before. */
  readonly size: number | undefined;
  run(
    ports: BatchPorts,
    options: CopyOptions,
    onSize: (size: number | undefined) => void,
  ): Promise<CopyResult>;
}

/**
 * What a copy comes to, with everything on this machine looked at before there is a session.
 *
 * @throws EcshError of `LocalCopies`
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
    for (const side of plan.sources) {
      const source = await openSource(app, copies, side, isRecursive);
      jobs.push({
        ...named(side, plan.to),
        remote: plan.to,
        size: source.kind === 'file' ? source.size : undefined,
        run: (ports, options) => upload(ports, options, source, into(plan.to.path)),
      });
    }
    return jobs;
  }
  for (const remote of plan.sources) {
    const { path } = remote;
    const isStream = plan.to.kind === 'stream';
    const destination =
      plan.to.kind === 'stream'
        ? streamDestination(app.stdout)
        : await copies.openDestination(into(plan.to.path), nameOfPath(path), isRecursive);
    const request = { path, isRecursive, asArchive: isStream && isRecursive, destination };
    jobs.push({
      ...named(remote, plan.to),
      remote,
      size: undefined,
      run: (ports, options, onSize) => download(ports, options, { ...request, onSize }),
    });
  }
  return jobs;
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
