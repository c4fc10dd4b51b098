import { ExitStatus, signalStatus } from '#domain/errors/exit-status.ts';
import { END_SIGNALS } from '#domain/ports/system-ports.ts';

/** From now on a closed stdout or stderr ends the output; sessions handle it themselves. */
export function watchOutput(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      // With a closed stderr notices are lost, but the command's status stays the same.
      if (stream === process.stderr) return;
      if (error.code === 'EPIPE') process.exitCode ??= ExitStatus.brokenPipe;
      // A terminal that has hung up; its SIGHUP may arrive later.
      else if (error.code === 'EIO' && stream.isTTY) process.exitCode ??= signalStatus('SIGHUP');
      // ABORT_ERR: we closed it ourselves, as ssh-proxy does when its connection ends.
      else if (error.code !== 'ABORT_ERR') loseOutput(error);
    });
  }
}

let isOutputLost = false;

/** On a full disk, an incomplete answer must not look complete. */
function loseOutput(error: Error): void {
  if (process.exitCode !== undefined || isOutputLost) return;
  isOutputLost = true;
  process.stderr.write(`ecsh: The output could not be written: ${error.message} [output-lost]\n`);
}

/** Exits only when all output is written, because `process.exit` drops data that a slow reader has not read. */
async function flushed(stream: NodeJS.WriteStream, status: number): Promise<void> {
  if (stream.writableLength === 0 || stream.destroyed) return;
  await new Promise<void>((resolve) => {
    stream.write('', () => resolve());
    stream.once('error', () => resolve());
    // After a signal or a time limit, do not wait for a reader that does not read.
    if (WAS_STOPPED.includes(status)) setTimeout(resolve, STOPPED_READER_LIMIT_MS);
  });
}

const WAS_STOPPED: readonly number[] = [ExitStatus.timeout, ...END_SIGNALS.map(signalStatus)];
const STOPPED_READER_LIMIT_MS = 1_000;

/** Resolves when stdout and stderr have been written. */
export async function flushOutput(status: number): Promise<void> {
  await Promise.all([process.stdout, process.stderr].map((stream) => flushed(stream, status)));
  // A file reports its error a tick after the write.
  await new Promise(setImmediate);
}

/** Whether a part of stdout could not be written. */
export function hasLostOutput(): boolean {
  return isOutputLost;
}
