import { expect, it } from 'vitest';
import {
  type ProgramOptions,
  startContainerProgram,
} from '#simulator/container/container-program.ts';
import { plainSpace } from '#simulator/container/container-space.ts';

const env = { PATH: process.env.PATH ?? '' };

function start(script: string, changes: Partial<ProgramOptions> = {}) {
  const lines: string[] = [];
  const killed: string[] = [];
  const program = startContainerProgram({
    words: ['sh', '-c', script],
    space: Promise.resolve(plainSpace(env)),
    workdir: '/',
    onLine: (line) => lines.push(line),
    killRest: async () => void killed.push('rest'),
    ...changes,
  });
  return { program, lines, killed };
}

it('reports each non-empty line of both streams and the exit code', async () => {
  const { program, lines, killed } = start(
    'echo one; echo; sleep 0.1; echo two >&2; printf tail; exit 7',
  );
  expect(await program.exited).toBe(7);
  expect(lines.sort()).toEqual(['one', 'tail', 'two']);
  expect(killed).toEqual(['rest']);
});

it('reads an empty stdin', async () => {
  const { program, lines } = start('cat; echo end');
  expect(await program.exited).toBe(0);
  expect(lines).toEqual(['end']);
});

it('exits with 128 + n on a signal, even one sent before the start', async () => {
  const { program } = start('exec sleep 60');
  program.signal('SIGTERM');
  expect(await program.exited).toBe(143);
});

it('does not wait for a background process that holds its output open', async () => {
  const { program } = start('(exec sleep 5) & exit 4');
  const before = Date.now();
  expect(await program.exited).toBe(4);
  expect(Date.now() - before).toBeLessThan(4_000);
});

it('fails if its files cannot be created', async () => {
  const space = Promise.reject(new Error('ENOSPC: no space left on device'));
  const { program, lines } = start('true', { space });
  expect(await program.exited).toBe(126);
  expect(lines).toEqual(['ENOSPC: no space left on device']);
});
