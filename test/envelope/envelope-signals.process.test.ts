import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { signalLine } from '#envelope/envelope-input.ts';
import { runEnvelope } from '#test/helpers/run-envelope.ts';
import { COMMON_SHELLS } from '#test/helpers/shells.ts';

/** A zombie has ended; reaping it is up to the container. */
function isRunning(pid: number): boolean {
  if (!existsSync(`/proc/${pid}/stat`)) return false;
  return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
}

describe.each(COMMON_SHELLS)('the envelope in %s', { concurrent: true }, (shell) => {
  test('handles a signal once', async () => {
    const result = await runEnvelope(
      shell,
      ['sh', '-c', 'trap "echo got" TERM; sleep 1; sleep 1; exit 3'],
      {
        onWay: (message) => [message, message],
        onStart: (send, pid) => setTimeout(() => send(signalLine('SIGTERM', pid)), 300),
      },
    );
    expect(result).toMatchObject({ status: 3, stdout: Buffer.from('got\n') });
  });

  test('signals the command and its children, even while they do not read', async () => {
    const script = 'trap "" HUP INT; sleep 60 & echo $!; sleep 60';
    const result = await runEnvelope(shell, ['sh', '-c', script], {
      stdin: Buffer.alloc(400_000),
      onStart: (send, pid) => setTimeout(() => send(signalLine('SIGTERM', pid)), 500),
    });
    expect(result.status).toBe(143);
    expect(isRunning(Number(result.stdout.toString()))).toBe(false);
  });

  test.each([300, 612, 757])(
    'lets a signal past a command that does not read, with %i bytes a line in the pipes',
    async (size) => {
      const stdin = Array.from({ length: 600_000 / size }, () => Buffer.alloc(size, 'x'));
      const result = await runEnvelope(shell, ['sleep', '60'], {
        stdin,
        onStart: (send, pid) => setTimeout(() => send(signalLine('SIGTERM', pid)), 1_500),
      });
      expect(result.status).toBe(143);
    },
  );

  test.each([70_000, 500_000, 900_000])(
    'lets a signal past a command that stops reading after %i bytes',
    async (bytes) => {
      const script = `head -c ${bytes} >/dev/null; echo >&2; exec sleep 60`;
      let signal = () => {};
      const result = await runEnvelope(shell, ['sh', '-c', script], {
        stdin: Buffer.alloc(1_500_000),
        onStart: (send, pid) => {
          signal = () => send(signalLine('SIGTERM', pid));
        },
        // A second is long enough for the rest of stdin to fill the pipes.
        onStderr: () => setTimeout(signal, 1_000),
      });
      expect(result).toMatchObject({ status: 143, stderr: Buffer.from('\n') });
    },
  );
});
