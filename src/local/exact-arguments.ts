import { textOfBytes } from '#domain/exact-text.ts';

/**
 * Node.js replaces bytes that are not UTF-8 in arguments by U+FFFD, which changes file names. Linux
 * has the original bytes in /proc/self/cmdline.
 *
 * @param argv the arguments from Node.js, without the program and the script
 * @param readCommandLine called only if an argument may be damaged; undefined if the system has no such file
 * @returns the same arguments, with bytes that are not UTF-8 escaped as in `textOfBytes`
 */
export function exactArguments(
  argv: readonly string[],
  readCommandLine: () => Uint8Array | undefined,
): readonly string[] {
  if (!argv.some((word) => word.includes(REPLACEMENT))) return argv;
  const bytes = readCommandLine();
  if (bytes === undefined) return argv;
  // Every argument ends with a NUL.
  const words = Buffer.from(bytes).toString('latin1').split('\0').slice(0, -1);
  const raw = words.slice(-argv.length).map((word) => Buffer.from(word, 'latin1'));
  // A loader may have changed the arguments: damaged arguments are better than wrong ones.
  const isSame = raw.length === argv.length && raw.every((word, at) => `${word}` === argv[at]);
  return isSame ? raw.map(textOfBytes) : argv;
}

const REPLACEMENT = '\ufffd';
