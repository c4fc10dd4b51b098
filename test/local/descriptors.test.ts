import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { isTooManyOpenFiles, requireDescriptors } from '#local/descriptors.ts';
import { hasProc } from '#test/helpers/program.ts';

describe('requireDescriptors', () => {
  it.skipIf(!hasProc)('leaves none of them open', () => {
    const before = readdirSync('/proc/self/fd').length;
    requireDescriptors();
    expect(readdirSync('/proc/self/fd').length).toBe(before);
  });
});

describe('isTooManyOpenFiles', () => {
  it.each([
    ['the limit of the process', Object.assign(new Error(), { code: 'EMFILE' }), true],
    ['the limit of the machine', Object.assign(new Error(), { code: 'ENFILE' }), true],
    ['another failure', Object.assign(new Error(), { code: 'ENOENT' }), false],
    ['what is no error', undefined, false],
  ])('%s', (_name, error, isIt) => {
    expect(isTooManyOpenFiles(error)).toBe(isIt);
  });
});
