import { describe, expect, it } from 'vitest';
import { ERRORS, errorEntry, isErrorCode } from '#domain/errors/table/error-table.ts';

describe('the table of errors', () => {
  it.each(Object.entries(ERRORS))('%s has a cause and a remedy', (code, entry) => {
    expect(code).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
    expect(entry.cause).toMatch(/^(?:[A-Z`-]|enable|exec|ls|logging|cp|ecsh).*\.$/);
    expect(entry.remedy).toMatch(/^[A-Z].*\.$/);
  });

  it('distinguishes its codes from other strings', () => {
    expect(isErrorCode('timed-out')).toBe(true);
    expect(isErrorCode('toString')).toBe(false);
    expect(errorEntry('no-such-code')).toBeUndefined();
    expect(errorEntry('usage')).toEqual({ ...ERRORS.usage, isUsage: true });
  });
});
