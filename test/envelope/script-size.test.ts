import { expect, it } from 'vitest';
import { quoteArgument } from '#envelope/command-line.ts';
import ENVELOPE from '#envelope/envelope.sh';
import TERMINAL from '#envelope/terminal.sh';

/** Limits that leave the user most of the 32 KiB that a command may have (C-5). */
it.each([
  ['envelope.sh', ENVELOPE, 7_000],
  ['terminal.sh', TERMINAL, 2_500],
])('%s is one line that leaves room for the command', (_name, script, limit) => {
  expect(script).not.toContain('\n');
  expect(Buffer.byteLength(quoteArgument(script))).toBeLessThan(limit);
});
