import { EcshError } from '#domain/errors/errors.ts';
import { assertVariableName } from '#envelope/variable-name.ts';
import type { WindowSize } from './options.ts';

/** JavaScript callers, and values of type `any`, can have the wrong type. They are refused before anything starts. */
export function assertTarget(target: unknown): void {
  if (typeof target === 'string') return;
  throw new EcshError('target-invalid', `The target is ${nameOf(target)}, not a text.`, {
    hint: 'A target is [CLUSTER/]NAME[@CONTAINER] or the ARN of a task.',
  });
}

/** @throws EcshError `usage` */
export function assertCommand(argv: unknown): void {
  if (!Array.isArray(argv)) throw wrongCommand(`argv is ${nameOf(argv)}, not a list of texts.`);
  if (argv.length === 0) throw wrongCommand('There is no command to run.');
  if (argv[0] === '') throw wrongCommand('The name of the program is empty.');
  for (const word of argv) {
    if (typeof word !== 'string') throw wrongCommand(`argv has ${nameOf(word)} in it, not a text.`);
    if (word.includes('\0')) throw wrongCommand('argv has a NUL in it, which no program can get.');
  }
}

function wrongCommand(message: string): EcshError {
  return new EcshError('usage', message, {
    hint: "For example:  exec('prod/web', ['sh', '-c', 'ls -l'])",
  });
}

/** Never shows values, which may be secrets. @throws EcshError `env-invalid` */
export function assertEnvironment(env: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(env)) {
    assertVariableName(name);
    if (typeof value === 'string' && !value.includes('\0')) continue;
    const why = typeof value === 'string' ? 'has a NUL in it' : `is ${nameOf(value)}, not a text`;
    throw new EcshError('env-invalid', `The value of ${name} ${why}.`);
  }
}

/** @throws EcshError `usage` */
export function assertEndpoint(url: string | undefined): void {
  if (url === undefined || (/^https?:/i.test(url) && URL.canParse(url))) return;
  throw new EcshError('usage', `endpointUrl is ${JSON.stringify(url)}, which is no URL.`, {
    hint: 'Give one that begins with https:// or http://, or leave it out.',
  });
}

/** @throws EcshError `usage` */
export function assertForwards(words: unknown): void {
  const isList = Array.isArray(words) && words.every((word) => typeof word === 'string');
  if (isList && words.length > 0) return;
  throw new EcshError('usage', 'forwards has to be a list of at least one text.', {
    hint: "For example:  forward('prod/web', ['8080:80'])",
  });
}

/** The maximum size of a terminal (tty_ioctl(2), struct winsize). */
const LARGEST = 65_535;

/** @throws EcshError `usage` */
export function assertSize(size: Partial<WindowSize> | undefined): void {
  const sides = [size?.cols, size?.rows];
  if (sides.every((side = -1) => Number.isInteger(side) && side >= 0 && side <= LARGEST)) return;
  throw new EcshError('usage', 'size has to be { cols, rows }, in characters.', {
    hint: 'For example { cols: 80, rows: 24 }.',
  });
}

function nameOf(value: unknown): string {
  if (value === undefined || value === null) return String(value);
  return `${typeof value === 'object' ? 'an' : 'a'} ${typeof value}`;
}
