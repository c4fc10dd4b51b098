import { expect, it } from 'vitest';
import { programVersion } from '../../src/local/programs.ts';

it('tells the version of a program', async () => {
  expect(await programVersion(process.execPath)).toBe(process.version);
});

it('tells nothing of a program that is not there', async () => {
  expect(await programVersion('ecsh-has-no-such-program')).toBeUndefined();
});
