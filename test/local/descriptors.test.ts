import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { requireDescriptors } from '#local/descriptors.ts';
import { hasProc } from '#test/helpers/program.ts';

describe('requireDescriptors', () => {
  it.skipIf(!hasProc)('leaves no descriptor open', () => {
    const before = readdirSync('/proc/self/fd').length;
    requireDescriptors();
    expect(readdirSync('/proc/self/fd').length).toBe(before);
  });
});
