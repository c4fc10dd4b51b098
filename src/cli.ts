import { readFileSync } from 'node:fs';
import { ExitStatus } from '#domain/errors/exit-status.ts';
import { isTooManyOpenFiles, tooManyOpenFiles } from '#domain/errors/too-many-open-files.ts';
import { refuseMissingStdout } from '#local/closed-output.ts';
import { exactArguments } from '#local/exact-arguments.ts';
import { exitOnSignals } from '#local/signals.ts';
import { createApp } from '#program/app.ts';
import { emergency } from '#program/aws-ports.ts';
import { flushOutput, hasLostOutput, watchOutput } from '#program/output.ts';
import { lostOutputStatus, main } from './main.ts';

refuseMissingStdout(process);

// With --all every session adds its own listener.
process.setMaxListeners(0);

// bin/ecsh.js has already done so, unless this file was started directly.
if (process.listenerCount('SIGUSR1') === 0) exitOnSignals(process);

/** The time limit for `emergency`, in milliseconds. */
const EMERGENCY_LIMIT_MS = 3_000;

const argv = exactArguments(process.argv.slice(2), readCommandLine);

/** Undefined on systems other than Linux. */
function readCommandLine(): Uint8Array | undefined {
  try {
    return readFileSync('/proc/self/cmdline');
  } catch {
    return undefined;
  }
}

// The terminal's mode is restored at exit.
let hasFailed = false;
process.on('uncaughtException', (error) => {
  if (hasFailed) return;
  hasFailed = true;
  process.stderr.write(lastWords(error));
  setTimeout(() => process.exit(ExitStatus.failure), EMERGENCY_LIMIT_MS);
  const exit = () => process.exit(ExitStatus.failure);
  emergency.endUnwatched().then(exit, exit);
});

/** Created without opening another file, because ecsh may have no free descriptor. */
function lastWords(error: Error): string {
  if (!isTooManyOpenFiles(error)) {
    return `ecsh: This is a bug in ecsh. [bug]\n${error.stack ?? error.message}\n`;
  }
  const { message, code, hint } = tooManyOpenFiles(error);
  return `ecsh: ${message} [${code}]\n  ${hint}\n`;
}

watchOutput();

async function run(): Promise<number> {
  const status = await main(argv, createApp());
  await flushOutput(status);
  return hasLostOutput() ? lostOutputStatus(argv) : Number(process.exitCode ?? status);
}

// No `await` at the top: a single executable is CommonJS.
void run().then((status) => process.exit(status));
