import { describe, expect, it } from 'vitest';
import { oneLine } from '../../build/shell-script.ts';

describe('a shell script on one line', () => {
  it.each([
    ['commands', 'a\n  b $x\n\nc', 'a; b $x; c'],
    ['comments', '# why\na\n  # because\nb', 'a; b'],
    ['a hash within a line', 'a $# b', 'a $# b'],
    ['if', 'if a; then\n  b\nelse\n  c\nfi\nd', 'if a; then b; else c; fi; d'],
    ['loops', 'for x in 1 2; do\n  a\ndone', 'for x in 1 2; do a; done'],
    ['functions and groups', 'f() {\n  a\n}\n(\n  b\n)', 'f() { a; }; ( b; )'],
    ['case', 'case $x in\n  a)\n    b;;\n  *) c;;\nesac\nd', 'case $x in a) b;; *) c;; esac; d'],
    [
      'quoted patterns of case',
      'case $x in\n  " "?" $$ "*)\n    a;;\nesac',
      'case $x in " "?" $$ "*) a;; esac',
    ],
    ['operators at the end', 'a &&\n  b ||\n  c |\n  d &\ne', 'a && b || c | d & e'],
    ['a substitution at the end', 'x=$(a 2>/dev/null)\ny=$(b)\nc', 'x=$(a 2>/dev/null); y=$(b); c'],
  ])('keeps %s', (_name, script, line) => {
    expect(oneLine(script)).toBe(line);
  });
});
