import { EcshError } from '#domain/errors/errors.ts';
import { signalStatus } from '#domain/errors/exit-status.ts';
import { END_SIGNALS } from '#domain/ports/system-ports.ts';
import { systemClock } from '#local/clock.ts';
import { openOwnSocket } from '#shared/local/own-socket.ts';
import { environmentFingerprint, readQuickWords } from '#shared/quick-words.ts';
import { type RelayedCommand, relay } from '#shared/relay-client.ts';
import { SHARED_VARIABLE } from '#shared/shared-variable.ts';

/*
 * `ecsh exec` inside `ecsh connect`, in its own bundle, which loads neither commander nor the AWS SDK. The whole
 * program handles everything else (bin/ecsh.js).
 */

/** @returns the exit status; undefined if the whole program has to run */
export async function runQuickly(words: readonly string[]): Promise<number | undefined> {
  try {
    const command = await start(words);
    return command === undefined ? undefined : await untilEnd(command);
  } catch (error) {
    if (!(error instanceof EcshError)) throw error;
    report(error);
    return error.exitCode;
  }
}

async function untilEnd(command: RelayedCommand): Promise<number> {
  const stops = END_SIGNALS.map((signal) => {
    const stop = () => command.stop({ signal, exitCode: signalStatus(signal) });
    process.on(signal, stop);
    return () => process.off(signal, stop);
  });
  // The command notices a reader that has gone; after its end there is nothing left to write.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  const { exitCode, failure } = await command.ended;
  for (const forget of stops) forget();
  if (failure !== undefined) report(failure);
  return exitCode;
}

/** Reports a failure like the whole program. */
function report({ message, code, hint }: EcshError): void {
  const advice = hint === undefined ? '' : `  ${hint}\n`;
  process.stderr.write(`ecsh: ${message} [${code}]\n${advice}`);
}

async function start(words: readonly string[]): Promise<RelayedCommand | undefined> {
  const { env, stdout, stderr } = process;
  const quick = readQuickWords(words);
  const [token = '', ...path] = (env[SHARED_VARIABLE] ?? '').split('@');
  const uid = process.getuid?.();
  if (quick === undefined || path.length === 0 || uid === undefined) return undefined;
  const connection = await openOwnSocket(path.join('@'), uid);
  if (connection === undefined) return undefined;
  return relay(
    connection,
    {
      token,
      place: { target: quick.target },
      surroundings: environmentFingerprint(env, SHARED_VARIABLE),
      argv: quick.argv,
      env: quick.env,
      cwd: quick.cwd,
      user: quick.user,
      hasStdin: quick.hasStdin,
      isBulk: quick.hasStdin,
      mergesStderr: stdout.isTTY,
      killAfterMs: KILL_AFTER_MS,
    },
    {
      stdin: quick.hasStdin ? process.stdin : undefined,
      stdout,
      stderr,
      clock: systemClock,
    },
  );
}

/** The default of `--kill-after`. */
const KILL_AFTER_MS = 5_000;
