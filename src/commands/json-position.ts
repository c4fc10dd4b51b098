// Strings hold no control characters; Cc has some more than JSON forbids, which move the place only.
const TOKEN =
  /[ \t\r\n]*(?:("(?:[^"\\\p{Cc}]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*")|(-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)|([{}[\],:]))/uy;
const SPACE = /[ \t\r\n]*/y;

/** The kinds of token that may follow: `s` a string, `v` another value, the rest themselves. */
type Expected = string;

const VALUE: Expected = 'sv{[';

/** Line and column, from 1, of the first token that is invalid at its position (RFC 8259). */
export function locateJsonError(text: string): { readonly line: number; readonly column: number } {
  const before = text.slice(0, errorOffset(text)).split('\n');
  return { line: before.length, column: (before.at(-1) ?? '').length + 1 };
}

/** JSON.parse names the place only in words, and only in some cases and versions of Node.js. */
function errorOffset(text: string): number {
  const open: ('{' | '[')[] = [];
  let expected = VALUE;
  for (let offset = 0; ; ) {
    TOKEN.lastIndex = offset;
    const match = TOKEN.exec(text);
    const kind = match === null ? '' : kindOf(match);
    if (kind === '' || !expected.includes(kind)) return skipSpace(text, offset);
    offset = TOKEN.lastIndex;
    expected = after(kind, expected, open);
  }
}

function kindOf([, string, scalar, mark = '']: RegExpExecArray): string {
  if (string !== undefined) return 's';
  return scalar === undefined ? mark : 'v';
}

/** A key differs from a value by the next token: only a key is followed by `:`. */
function after(kind: string, expected: Expected, open: ('{' | '[')[]): Expected {
  switch (kind) {
    case '{':
      open.push(kind);
      return 's}';
    case '[':
      open.push(kind);
      return `${VALUE}]`;
    case ',':
      return open.at(-1) === '{' ? 's' : VALUE;
    case ':':
      return VALUE;
    case '}':
    case ']':
      open.pop();
      break;
    case 's':
      if (expected === 's' || expected === 's}') return ':';
  }
  const last = open.at(-1);
  if (last === undefined) return '';
  return last === '{' ? ',}' : ',]';
}

function skipSpace(text: string, offset: number): number {
  SPACE.lastIndex = offset;
  return offset + (SPACE.exec(text)?.[0].length ?? 0);
}
