import { describe, expect, it } from 'vitest';
import { plainEnvironment } from '#test/helpers/e2e.ts';
import { assertBuilt, ECSH, Program } from '#test/helpers/program.ts';
import { temporaryFolder } from '#test/helpers/temporary.ts';

function simulate(...command: readonly string[]): Program {
  assertBuilt();
  const env = plainEnvironment(temporaryFolder('simulate'));
  return new Program([...ECSH, 'simulate', '--', ...command], { env });
}

describe('ecsh simulate -- COMMAND', () => {
  it('gives the command everything that ecsh needs, and exits with its status', async () => {
    const program = simulate('sh', '-c', '"$@"; exit 3', 'sh', ...ECSH, 'ls', 'clusters', '-q');
    expect(await program.finished).toEqual({
      status: 3,
      stdout: expect.stringMatching(/^demo\b/m),
      stderr: '',
    });
  });

  it.each(['SIGTERM', 'SIGHUP'] as const)(
    'forwards %s, and waits until the command has cleaned up',
    async (signal) => {
      const name = signal.slice(3);
      const script = `trap 'sleep 0.3; echo cleaned; exit 9' ${name}; echo ready; while :; do sleep 0.05; done`;
      const program = simulate('sh', '-c', script);
      await program.untilOutput('ready\n');
      program.signal(signal);
      expect(await program.finished).toEqual({ status: 9, stdout: 'ready\ncleaned\n', stderr: '' });
    },
  );

  it('exits by the same signal as a command that does not catch it', async () => {
    const program = simulate('sh', '-c', 'echo ready; exec sleep 60');
    await program.untilOutput('ready\n');
    program.signal('SIGTERM');
    expect(await program.finished).toEqual({ status: 143, stdout: 'ready\n', stderr: '' });
  });
});
