import { quoteWord } from '#domain/errors/aws-command.ts';
import { EcshError } from '#domain/errors/errors.ts';
import { assertVariableName } from '#envelope/variable-name.ts';

/**
 * Node.js looks for `--env-file` among our words before anything of ours runs, and uses what the file
 * has as NODE_OPTIONS, and nothing else of it (nodejs/node#54232).
 *
 * @throws EcshError `env-invalid`
 */
export function assertNotForNode(path: string, content: string): void {
  if (!/^\s*(?:export\s+)?NODE_OPTIONS\s*=/m.test(content)) return;
  throw new EcshError(
    'env-invalid',
    `${path} sets NODE_OPTIONS, which Node.js has applied to ecsh itself.`,
    {
      hint: `Give it with --env-from, which Node.js does not look at:  ecsh exec --env-from ${quoteWord(path)} …`,
    },
  );
}

/**
 * Variables for the remote command: those of files first, then `-e`, as docker does. `-e NAME` alone
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
    assertVariableName(name);
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
