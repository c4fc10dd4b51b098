import type { App } from '#commands/app.ts';
import { signalStatus } from '#domain/errors/exit-status.ts';
import { runThroughEnvelope } from '#exec/exec-run.ts';
import type { ExecRunOptions, ExecRunPorts, ExecRunResult } from '#exec/exec-run-options.ts';
import { watchEarlyEnd } from '#session/stop.ts';
import type { RelayPlace } from '#shared/relay-messages.ts';
import { SHARED_VARIABLE } from '#shared/shared-variable.ts';
import { throughConnect } from './through-connect.ts';

/** Runs one command in a container, as `runThroughEnvelope` does. */
export type RunCommand = (ports: ExecRunPorts, options: ExecRunOptions) => Promise<ExecRunResult>;

/**
 * @param place the container that was found
 * @returns `runThroughEnvelope`, or inside `ecsh connect` what runs the command in its session if that is for this container
 */
export function connectedRun(app: App, place: RelayPlace): RunCommand {
  if (app.env[SHARED_VARIABLE] === undefined) return runThroughEnvelope;
  return async (ports, options) => {
    const { argv, environment, directory, user, stdin, stdout, stderr } = options;
    const { mergesStderr, killAfterMs, timeoutMs, abort } = options;
    const command = await throughConnect(
      app,
      {
        place,
        argv,
        env: environment,
        cwd: directory,
        user,
        hasStdin: stdin !== undefined,
        isBulk: true,
        mergesStderr,
        killAfterMs,
      },
      { stdin, stdout, stderr, clock: app.clock },
    );
    if (command === undefined) return runThroughEnvelope(ports, options);
    const release = watchEarlyEnd(ports, timeoutMs, (reason) => command.stop(reason));
    const onAbort = () => command.stop({ signal: 'SIGTERM', exitCode: signalStatus('SIGTERM') });
    if (abort?.aborted) onAbort();
    abort?.addEventListener('abort', onAbort);
    try {
      return await command.ended;
    } finally {
      release();
      abort?.removeEventListener('abort', onAbort);
    }
  };
}
