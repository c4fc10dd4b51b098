import { expect, it } from 'vitest';
import { quoteArgument } from '#envelope/command-line.ts';
import ENVELOPE from '#envelope/envelope.sh';
import TERMINAL from '#envelope/terminal.sh';

/** Of 32 KiB that a command takes (C-5) most belongs to the user. */
it.each([
  ['envelope.sh', ENVELOPE, 7_000],
  ['terminal.sh', TERMINAL, 2_500],
])('%s is one line that leaves room for the command', (_name, script, limit) => {
  expect(script).not.toContain('\n');
  expect(Buffer.byteLength(quoteArgument(script))).toBeLessThan(limit);
});
