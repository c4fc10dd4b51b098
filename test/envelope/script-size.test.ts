import { expect, it } from 'vitest';
import { quoteArgument } from '#envelope/command-line.ts';
import { createEnvelope } from '#envelope/envelope.ts';
import { createTerminalCommand } from '#envelope/terminal-command.ts';

const ENVELOPE = { hasStdin: true, waits: true, mergesStderr: false, prefersRaw: false };
const TERMINAL = { size: { cols: 80, rows: 24 }, directory: undefined, waits: false };

/** Limits that leave the user most of the 32 KiB that a command may have (C-5). */
it.each([
  ['exec', createEnvelope({ ...ENVELOPE, nonce: '', argv: [] }), 7_000],
  ['shell', createTerminalCommand({ ...TERMINAL, nonce: '', argv: [], term: '' }), 2_500],
])('the script of %s is one line that leaves room for the command', (_name, argv, limit) => {
  const [, , script = ''] = argv;
  expect(script).toContain('give');
  expect(script).not.toContain('\n');
  expect(Buffer.byteLength(quoteArgument(script))).toBeLessThan(limit);
});
