import { EcshError } from '../domain/errors.ts';

/**
 * Variables for the remote command: `--env-file` first, then `-e`, as docker does. `-e NAME` alone
 * takes the value from our own environment, if it is set there.
 *
 * @throws EcshError `env-invalid`
 */
export function readEnvironment(
  pairs: readonly string[],
  files: readonly string[],
  own: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string>> {
  const environment = new Map<string, string>();
  const lines = files.flatMap((file) => file.split(/\r?\n/)).filter(isAssignment);
  for (const pair of [...lines.map((line) => line.trimStart()), ...pairs]) {
    const at = pair.indexOf('=');
    const name = at === -1 ? pair : pair.slice(0, at);
    assertName(name);
    const value = at === -1 ? ownValue(own, name) : pair.slice(at + 1);
    if (value !== undefined) environment.set(name, value);
  }
  // Any name is one of a variable here, `__proto__` included.
  return Object.fromEntries(environment);
}

function ownValue(own: Readonly<Record<string, string | undefined>>, name: string) {
  return Object.hasOwn(own, name) ? own[name] : undefined;
}

function isAssignment(line: string): boolean {
  const text = line.trim();
  return text !== '' && !text.startsWith('#');
}

/** What sh can export; the value is never shown, it may be a secret. */
function assertName(name: string): void {
  if (/^[A-Za-z_]\w*$/.test(name)) return;
  throw new EcshError('env-invalid', `"${name}" is not the name of a variable.`, {
    hint: 'Write -e NAME=VALUE with a name of letters, digits and underscores.',
  });
}
