import { expect, it } from 'vitest';
import { programVersion, runProgram } from '#local/programs.ts';
import { FakeSignals } from '#test/fakes/fake-signals.ts';

it('returns the version of a program', async () => {
  expect(await programVersion(process.execPath)).toBe(process.version);
});

it('returns nothing for a missing program', async () => {
  expect(await programVersion('ecsh-has-no-such-program')).toBeUndefined();
});

it('runs a program with more variables, leaves Ctrl-C to it, and returns its status', async () => {
  const signals = new FakeSignals();
  const script = 'process.exit(Number(process.env.STATUS))';
  const running = runProgram([process.execPath, '-e', script], { STATUS: '7' }, signals);
  expect(signals.handled).toEqual(['SIGHUP', 'SIGINT', 'SIGTERM']);
  expect(await running).toBe(7);
  expect(signals.handled).toEqual([]);
});

it.each([
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const)('forwards %s to the program, and waits for it', async (signal, status) => {
  const signals = new FakeSignals();
  const running = runProgram(['sleep', '60'], process.env, signals);
  signals.send(signal);
  expect(await running).toBe(status);
});

it('stops a program that is no longer needed', async () => {
  const abort = new AbortController();
  const words = [process.execPath, '-e', 'setInterval(() => undefined, 1000)'];
  const running = runProgram(words, {}, new FakeSignals(), abort.signal);
  abort.abort();
  expect(await running).toBe(143);
});

it('names a missing program', async () => {
  await expect(
    runProgram(['ecsh-has-no-such-program'], {}, new FakeSignals()),
  ).rejects.toMatchObject({ code: 'program-missing' });
});
