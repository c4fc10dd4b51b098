import { execFile, spawn } from 'node:child_process';
import { constants } from 'node:os';
import { EcshError } from '#domain/errors/errors.ts';
import type { Signals } from '#domain/ports/system-ports.ts';

/** The time limit for a program to end after SIGTERM, in milliseconds. */
const END_LIMIT_MS = 5_000;

/** Signals that reach only us, unlike Ctrl-C. */
const PASSED_ON = ['SIGTERM', 'SIGHUP'] as const;

/**
 * Runs a program in the foreground. `abort` ends it: with SIGTERM, and with SIGKILL if it has not ended after
 * 5 s. Without `abort`, it forwards SIGTERM and SIGHUP to the program, which decides itself when to
 * end.
 *
 * @returns its exit status, 128 + n for a signal.
 * @throws EcshError `program-missing`
 */
export function runProgram(
  [file = '', ...args]: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  signals: Signals,
  abort?: AbortSignal,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { stdio: 'inherit', env });
    // The program shares our terminal, so that Ctrl-C reaches it without us.
    const handlers = [signals.on('SIGINT', () => undefined)];
    if (abort === undefined) {
      for (const signal of PASSED_ON) handlers.push(signals.on(signal, () => child.kill(signal)));
    }
    const forget = () => {
      for (const remove of handlers) remove();
    };
    const end = () => {
      child.kill('SIGTERM');
      setTimeout(() => child.kill('SIGKILL'), END_LIMIT_MS).unref();
    };
    abort?.addEventListener('abort', end, { once: true });
    child.on('error', (cause) => {
      forget();
      const isMissing = 'code' in cause && cause.code === 'ENOENT';
      const problem = isMissing ? 'no such program' : cause.message;
      reject(new EcshError('program-missing', `Cannot run ${file}: ${problem}.`, { cause }));
    });
    child.on('close', (code, signal) => {
      forget();
      abort?.removeEventListener('abort', end);
      resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal]));
    });
  });
}

/** The time limit for a program to print its version, in milliseconds; the AWS CLI takes one second. */
const VERSION_LIMIT_MS = 4_000;

/** The output of `PROGRAM --version`; undefined if there is no such program, or it prints nothing. */
export function programVersion(file: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    execFile(file, ['--version'], { timeout: VERSION_LIMIT_MS }, (error, stdout, stderr) => {
      // AWS CLI v1 writes to stderr under old Pythons.
      const text = `${stdout}${stderr}`.trim();
      resolve(error === null && text !== '' ? text : undefined);
    });
  });
}

/** Starts a program that outlives us, without a terminal, and does not wait for it. */
export function runInBackground(file: string, args: readonly string[]): void {
  const child = spawn(file, args, { detached: true, stdio: 'ignore' });
  // It cannot be reported, since ecsh may have exited.
  child.on('error', () => undefined);
  child.unref();
}
