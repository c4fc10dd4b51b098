import type { CopyEnvironment } from './staging.ts';

/** Process facts that copies need: our umask, and which other processes still run. */
export function copyEnvironment(
  self: Pick<NodeJS.Process, 'umask' | 'pid' | 'kill'>,
): CopyEnvironment {
  return {
    umask: self.umask(),
    pid: self.pid,
    isRunning(pid) {
      try {
        return self.kill(pid, 0);
      } catch (error) {
        // EPERM: it belongs to another user.
        return error instanceof Error && 'code' in error && error.code === 'EPERM';
      }
    },
  };
}
