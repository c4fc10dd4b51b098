import { describe, expect, it } from 'vitest';
import { splitShellWords } from '#simulator/container/shell-words.ts';

describe('splitShellWords', () => {
  it.each([
    ['sh -c true', ['sh', '-c', 'true']],
    [' \t sh \r\n -c\n', ['sh', '-c']],
    [`'a\\n"b'`, ['a\\n"b']],
    ['"a\\nb"', ['anb']],
    ['"\\$x \\" \\\\"', ['$x " \\']],
    ['\\c \\ \\\n', ['c', ' \n']],
    ['a # b', ['a']],
    ['a#b #c\nd', ['a#b', 'd']],
    [`'#'`, ['#']],
    [`'' ""`, ['', '']],
    [`a''b"c"\\d`, ['abcd']],
    [`'it'\\''s'`, ["it's"]],
    ['echo $HOME * ~ && ; | >', ['echo', '$HOME', '*', '~', '&&', ';', '|', '>']],
    ['é "日本" \u{1f600}', ['é', '日本', '\u{1f600}']],
    ['a\u00a0b', ['a\u00a0b']],
    ['', []],
    ['  # only a comment', []],
  ])('splits %j', (command, words) => {
    expect(splitShellWords(command)).toEqual(words);
  });

  it.each([
    [`sh -c 'x`, 'EOF found when expecting closing quote'],
    ['"x', 'EOF found when expecting closing quote'],
    ['x\\', 'EOF found after escape character'],
    ['"x\\', 'EOF found after escape character'],
  ])('rejects %j like the agent', (command, text) => {
    expect(() => splitShellWords(command)).toThrow(text);
  });
});
