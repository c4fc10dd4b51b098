import { Readable, Writable } from 'node:stream';
import { type CopyJob, copyJobs } from '#copy/copy-jobs.ts';
import { planCopy } from '#copy/copy-sides.ts';
import type { LocalCopies } from '#copy/local-copies.ts';
import { EcshError } from '#domain/errors/errors.ts';
import { ExitStatus } from '#domain/errors/exit-status.ts';
import { assertLinux } from '#session/assert-linux.ts';
import type { CopyOptions, CopyReport } from './client-options.ts';
import { limitOf } from './limits.ts';
import { prepareSession, type World, withAbortReason } from './session-context.ts';

interface CopyWorld extends World {
  copies(): Promise<LocalCopies>;
}

/** @throws EcshError if something was not copied, except entries in `skipped` */
export async function copyIn(
  world: CopyWorld,
  source: string,
  destination: string,
  options: CopyOptions,
): Promise<CopyReport> {
  const copies = await world.copies();
  const job = await jobOf(copies, [source, destination], options);
  const signal = options.signal && AbortSignal.any([options.signal]);
  const target = job.remote.target ?? '';
  const { ports, ...start } = await prepareSession(world, target, { ...options, signal });
  assertLinux(start.target);
  const { report, listener } = reportOf(start.onNotice);
  const { exitCode } = await withAbortReason(signal, () =>
    job.run(
      ports,
      {
        ...start,
        copies,
        listener,
        user: undefined,
        timeoutMs: limitOf('timeoutMs', options.timeoutMs),
        shownPath: `${target}:${job.remote.path}`,
        onSession: () => undefined,
      },
      () => undefined,
    ),
  );
  signal?.throwIfAborted();
  if (exitCode === 0) return report;
  const code = exitCode === ExitStatus.timeout ? 'timed-out' : 'copy-failed';
  throw new EcshError(code, 'The copy was ended before it was whole.', { exitCode });
}

async function jobOf(
  copies: LocalCopies,
  words: readonly [string, string],
  { recursive: isRecursive = false, preserve: preserves = false }: CopyOptions,
): Promise<CopyJob> {
  const plan = planCopy(words);
  if (words.includes('-')) {
    throw new EcshError('usage', 'The library copies files; for streams use exec.');
  }
  const surroundings = { stdin: Readable.from([]), stdout: new Writable(), copies };
  const [job] = await copyJobs(surroundings, plan, { isRecursive, preserves });
  if (job === undefined) throw new Error('one source is one job');
  if (job.failure !== undefined) throw job.failure;
  return job;
}

function reportOf(onNotice: (text: string) => void) {
  const report = { files: 0, bytes: 0, skipped: [] as string[] };
  const listener = {
    onBytes: (count: number) => {
      report.bytes += count;
    },
    onFile: () => {
      report.files += 1;
    },
    onSkip: (text: string) => report.skipped.push(text),
    onOutsideLink: (text: string) => onNotice(`This link leads out of the copy: ${text}`),
  };
  return { report, listener };
}
