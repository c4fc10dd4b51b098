import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { quoteCommand } from '#envelope/command-line.ts';
import { splitShellWords } from '#simulator/container/shell-words.ts';
import { rounds } from '#test/helpers/rounds.ts';

const MAX_COMMAND_BYTES = 32 * 1024;

/** Characters that confuse lexers, generated more often than at random. */
const awkward = fc.constantFrom(...'\'"\\{}#$` \t\n\r=-éa\u{1f600}', "'\\''", '{{', '}}');
const argument = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 40 }),
  fc.array(awkward, { maxLength: 12 }).map((parts) => parts.join('')),
);
const vector = fc
  .array(argument, { minLength: 1, maxLength: 6 })
  .filter((words) => words.every((word) => !word.includes('\0')));

describe('quoteCommand', () => {
  it.each([
    [['ls'], 'ls'],
    [['ls', '-l', '/srv/a.b:c,d@e%f+g=h_i'], 'ls -l /srv/a.b:c,d@e%f+g=h_i'],
    [['echo', 'a b'], "echo 'a b'"],
    [['echo', ''], "echo ''"],
    [['echo', "it's"], "echo 'it'\\''s'"],
    [['echo', '#1', '$HOME', 'a\nb', 'x\\'], "echo '#1' '$HOME' 'a\nb' 'x\\'"],
    [['sh', '-c', 'a && b | c'], "sh -c 'a && b | c'"],
    [['echo', 'é'], "echo 'é'"],
  ])('writes %j as %s (C-1, C-2)', (argv, command) => {
    expect(quoteCommand(argv)).toBe(command);
  });

  // C-4: {{ }} has a special meaning in SSM documents.
  it.each([
    ['{{x}}', "'{''{x}}'"],
    ['{{{x}}}', "'{''{''{x}}}'"],
    ['{{{{', "'{''{''{''{'"],
    ["{'{", "'{'\\''{'"],
  ])('breaks every "{{" of %s', (word, command) => {
    expect(quoteCommand([word])).toBe(command);
    expect(splitShellWords(command)).toEqual([word]);
  });

  it("is split into the same vector by the agent's lexer, and never contains {{ (C-1, C-4)", () => {
    fc.assert(
      fc.property(vector, (argv) => {
        const command = quoteCommand(argv);
        expect(splitShellWords(command)).toEqual(argv);
        expect(command).not.toContain('{{');
      }),
      { numRuns: rounds(2_000) },
    );
  });

  it('refuses text that is not UTF-8, because AWS accepts only text', () => {
    expect(() => quoteCommand(['ls', 'caf\udce9'])).toThrow(
      expect.objectContaining({
        code: 'command-not-utf8',
        message: 'The argument "caf\ufffd" is not UTF-8, and AWS takes only text.',
      }),
    );
  });

  it('refuses an empty vector (C-3)', () => {
    expect(() => quoteCommand([])).toThrow(
      expect.objectContaining({
        code: 'command-empty',
        message: 'There is no command to run.',
        hint: 'Name it after --, for example:  ecsh exec demo/web -- ls -l',
      }),
    );
  });

  it('refuses a NUL, because no argument can contain one (C-3)', () => {
    expect(() => quoteCommand(['printf', 'a\0b'])).toThrow(
      expect.objectContaining({
        code: 'command-has-nul',
        message: 'An argument contains a NUL character.',
        hint: 'No program can be given one; send such data as input with -i.',
      }),
    );
  });

  it('accepts up to 32 KiB, counted in bytes including its quotes (C-5)', () => {
    // `é` takes two bytes, and the quotes take two more.
    const longest = 'é'.repeat(MAX_COMMAND_BYTES / 2 - 1);
    expect(Buffer.byteLength(quoteCommand([longest]))).toBe(MAX_COMMAND_BYTES);
    expect(() => quoteCommand([`${longest}x`])).toThrow(
      expect.objectContaining({
        code: 'command-too-long',
        message: 'The command is 32769 bytes long; ECS Exec takes up to 32768 safely.',
        hint: 'Send the long part as input with -i; a script may be longer with --sh.',
      }),
    );
  });
});
