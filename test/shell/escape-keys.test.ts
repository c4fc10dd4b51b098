import { describe, expect, it } from 'vitest';
import { EscapeKeys } from '#shell/escape-keys.ts';

/** Returns the data for the remote side, with the actions in angle brackets. */
function type(key: string, ...chunks: readonly string[]): string {
  const keys = new EscapeKeys(key);
  return chunks
    .map((chunk) => keys.pass(Buffer.from(chunk, 'latin1')))
    .map(({ data, action }) => {
      const text = Buffer.from(data).toString('latin1');
      return action === undefined ? text : `${text}<${action}>`;
    })
    .join('');
}

describe('EscapeKeys', () => {
  it.each<readonly [string, readonly string[], string]>([
    ['at the start', ['~.'], '<end>'],
    ['after Enter', ['ls\r~.'], 'ls\r<end>'],
    ['in separate chunks', ['ls\r', '~', '.'], 'ls\r<end>'],
    ['for help, and again', ['~?~.'], '<help>'],
    ['to suspend', ['~\u001a', '~.'], '<suspend><end>'],
    ['twice to send itself', ['~~'], '~'],
    ['twice, and then a dot', ['~~.'], '~.'],
    ['before any other key', ['~/src\r'], '~/src\r'],
    ['before Enter', ['~\r~.'], '~\r<end>'],
    ['within a line', ['cd ~.\r'], 'cd ~.\r'],
    ['nowhere, and passes other bytes', ['\u0003\u00ff\u001b[A'], '\u0003\u00ff\u001b[A'],
  ])('recognises the key %s', (_, chunks, expected) => {
    expect(type('~', ...chunks)).toBe(expected);
  });

  it('may be another key', () => {
    expect(type('^', '~.\r^.')).toBe('~.\r<end>');
  });
});
