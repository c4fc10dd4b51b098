import { describe, expect, it } from 'vitest';
import { isTooManyOpenFiles } from '#domain/errors/too-many-open-files.ts';

describe('isTooManyOpenFiles', () => {
  it.each([
    ['the limit of the process', Object.assign(new Error(), { code: 'EMFILE' }), true],
    ['the limit of the machine', Object.assign(new Error(), { code: 'ENFILE' }), true],
    ['another failure', Object.assign(new Error(), { code: 'ENOENT' }), false],
    ['a value that is not an error', undefined, false],
  ])('%s', (_name, error, isIt) => {
    expect(isTooManyOpenFiles(error)).toBe(isIt);
  });
});
