/** Runs the line in `$1`. The `x` keeps newlines at its end, which `$(…)` would drop. */
// biome-ignore lint/suspicious/noTemplateCurlyInString: it is sh
const DECODE = 'c=$(printf %bx "$1"); c=${c%x}; exec sh -c "$c"';

/**
 * The argument vector of a command line from ssh.
 *
 * @param command bytes if the line is not UTF-8, because a file can have such a name
 */
export function commandWords(command: string | Uint8Array): readonly string[] {
  if (typeof command === 'string') return ['sh', '-c', command];
  const word = escapedBytes(Buffer.from(command).toString('latin1'));
  return ['sh', '-c', DECODE, 'sh', word];
}

/** Encodes bytes as one word of ASCII for `printf %b`, with `\0ooo` for everything except plain ASCII. */
export function escapedBytes(latin1: string): string {
  return [...latin1]
    .map((character) => {
      const code = character.charCodeAt(0);
      const isPlain = code >= 0x20 && code < 0x7f && character !== '\\';
      return isPlain ? character : `\\0${code.toString(8).padStart(3, '0')}`;
    })
    .join('');
}
