import { describe, expect, it } from 'vitest';
import { ownStatus } from '#commands/own-status.ts';

describe('a failure of ecsh itself', () => {
  it.each([undefined, 'shell', 'exec', 'cp', 'forward'])(
    'is 255 in %s, whose status is the remote side’s: never 1 or 2',
    (command) => {
      expect(ownStatus('usage', command)).toBe(255);
      expect(ownStatus('credentials-missing', command)).toBe(255);
    },
  );

  it.each(['ls', 'doctor', 'enable', 'disable', 'logging', 'policy', 'simulate', 'config', 'help'])(
    'is 2 in %s for wrong usage, else 1',
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
