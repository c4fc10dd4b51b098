import { describe, expect, it } from 'vitest';
import { ownStatus } from '#commands/own-status.ts';

describe('a failure of ecsh itself', () => {
  it.each([undefined, 'shell', 'exec', 'cp', 'forward'])(
    'exits with 255 in %s, which otherwise exits with the remote status',
    (command) => {
      expect(ownStatus('usage', command)).toBe(255);
      expect(ownStatus('credentials-missing', command)).toBe(255);
    },
  );

  it.each(['ls', 'doctor', 'enable', 'disable', 'logging', 'policy', 'simulate', 'config', 'help'])(
    'exits in %s with 2 for wrong usage, otherwise with 1',
    (command) => {
      expect(ownStatus('usage', command)).toBe(2);
      expect(ownStatus('target-invalid', command)).toBe(2);
      expect(ownStatus('config-invalid', command)).toBe(2);
      expect(ownStatus('credentials-missing', command)).toBe(1);
      expect(ownStatus('cluster-not-found', command)).toBe(1);
      expect(ownStatus('bug', command)).toBe(1);
    },
  );
});
