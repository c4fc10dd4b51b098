import { spawn } from 'node:child_process';
import type { SharedResult } from '#shared/shared-options.ts';
import type { CommandRunner } from '#ssh/command-channel.ts';
import { imageEnvironment, SHELLS, type ShellName } from './shells.ts';

/** Runs `sh -c SCRIPT …` on this machine, in a shell of that name. */
export function localRunner(shell: ShellName): CommandRunner {
  const env = imageEnvironment(shell, []);
  return {
    start([, ...words], { stdin, stdout, stderr, signal }) {
      const [program, ...flags] = SHELLS[shell];
      const child = spawn(program, [...flags, ...words], { env, signal });
      child.on('error', () => undefined);
      child.stdin.on('error', () => undefined);
      if (stdin === undefined) child.stdin.end();
      else stdin.pipe(child.stdin);
      child.stdout.on('data', (chunk) => stdout.write(chunk));
      child.stderr.on('data', (chunk) => stderr.write(chunk));
      const ended = new Promise<SharedResult>((resolve) => {
        child.on('close', (code) => {
          const status = code ?? 255;
          resolve({
            ...{ status, exitCode: status, wasStopped: false, sessionId: undefined },
            failure: undefined,
          });
        });
      });
      return { ended, signal: () => undefined, stop: () => undefined };
    },
  };
}
