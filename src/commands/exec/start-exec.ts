import type { App } from '#commands/app.ts';
import { SHARED_VARIABLE } from '#shared/shared-variable.ts';
import type { Reporter } from '#ui/reporter.ts';
import type { ExecCommandOptions } from './exec-options.ts';

/**
 * Runs the command in the session of the `ecsh connect` around this program, else in one of its own. What a
 * session of its own needs is loaded only then.
 */
export async function startExec(
  app: App,
  reporter: Reporter,
  options: ExecCommandOptions,
): Promise<number> {
  if (app.env[SHARED_VARIABLE] !== undefined) {
    const { runConnected } = await import('./connected-exec.ts');
    const status = await runConnected(app, reporter, options);
    if (status !== undefined) return status;
  }
  const { runExec } = await import('./run-exec.ts');
  return runExec(app, reporter, options);
}
