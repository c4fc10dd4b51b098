import { textOfBytes } from '#domain/exact-text.ts';

/**
 * Node replaces what is not UTF-8 in arguments by U+FFFD, and with it the name of the file that was meant. Linux
 * has the bytes in /proc/self/cmdline.
 *
 * @param argv as Node gives it, without the program and the script
 * @param readCommandLine is called only if an argument may be damaged; undefined where the system has none
 * @returns the same words, with bytes that are not UTF-8 escaped as in `textOfBytes`
 */
export function exactArguments(
  argv: readonly string[],
  readCommandLine: () => Uint8Array | undefined,
): readonly string[] {
  if (!argv.some((word) => word.includes(REPLACEMENT))) return argv;
  const bytes = readCommandLine();
  if (bytes === undefined) return argv;
  // Every word ends with a NUL.
  const words = Buffer.from(bytes).toString('latin1').split('\0').slice(0, -1);
  const raw = words.slice(-argv.length).map((word) => Buffer.from(word, 'latin1'));
  // A loader may have changed the arguments: damaged words are better than wrong ones.
  const isSame = raw.length === argv.length && raw.every((word, at) => `${word}` === argv[at]);
  return isSame ? raw.map(textOfBytes) : argv;
}

const REPLACEMENT = '\ufffd';
