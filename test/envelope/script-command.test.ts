import { describe, expect, it } from 'vitest';
import { quoteCommand } from '#envelope/command-line.ts';
import { createEnvelope } from '#envelope/envelope.ts';
import { SCRIPT } from '#envelope/envelope-input.ts';
import { scriptCommand } from '#envelope/script-command.ts';

const LONGEST = 128 * 1024 - 1;

describe('scriptCommand', () => {
  it('shows a short script, followed by its arguments', () => {
    expect(scriptCommand('echo "$1"', ['a b'])).toEqual({
      argv: ['sh', '-c', 'echo "$1"', 'sh', 'a b'],
      sent: {},
    });
    expect(scriptCommand('', [])).toEqual({ argv: ['sh', '-c', '', 'sh'], sent: {} });
  });

  it('sends a long script within the session, and shows its length instead', () => {
    const script = 'echo "$1"\n'.repeat(5_000);
    expect(scriptCommand(script, ['a b'])).toEqual({
      argv: [
        ...['sh', '-c', 'exit 255 # for a script of 50000 bytes, sent within the session'],
        ...['sh', 'a b'],
      ],
      sent: { [SCRIPT]: script },
    });
  });

  it.each([
    ['quotes', "'"],
    ['braces', '{'],
    ['characters', '\u{1f642}'],
    ['letters', 'a'],
  ])('leaves room for the envelope and arguments, even with many %s', (_name, character) => {
    for (let length = 1_000; length <= 30_000; length += 1_000) {
      const { argv } = scriptCommand(character.repeat(length), ['x'.repeat(4_000)]);
      const envelope = { nonce: '0f9de17a6465404e', hasStdin: true, waits: true };
      const flags = { mergesStderr: false, prefersRaw: false, directory: '/srv', user: 'app' };
      expect(() => quoteCommand(createEnvelope({ ...envelope, ...flags, argv }))).not.toThrow();
    }
  });

  it('accepts everything that Linux accepts as one argument', () => {
    expect(scriptCommand('x'.repeat(LONGEST), []).sent[SCRIPT]).toHaveLength(LONGEST);
    expect(() => scriptCommand(`${'x'.repeat(LONGEST - 1)}é`, [])).toThrow(
      expect.objectContaining({
        code: 'command-too-long',
        message: 'The script is 131072 bytes long; Linux takes up to 131071 as an argument.',
        hint: 'Send it as input:  ecsh exec -i TARGET -- sh -s < script.sh',
      }),
    );
  });

  it('refuses a NUL', () => {
    expect(() => scriptCommand(`${'x'.repeat(50_000)}\0`, [])).toThrow(
      expect.objectContaining({ code: 'command-has-nul' }),
    );
  });
});
