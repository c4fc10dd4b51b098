import { EcshError } from '#domain/errors/errors.ts';
import { parseTarget } from '#domain/resolve/target.ts';
import type { App } from './app.ts';
import { targetsPath } from './paths.ts';
import type { SharedOptions } from './shared-options.ts';

/** A target with its own name, like `Host` in the configuration of ssh. */
export interface SavedTarget {
  readonly target: string;
  readonly container?: string | undefined;
  readonly cluster?: string | undefined;
  readonly profile?: string | undefined;
  readonly region?: string | undefined;
  readonly endpointUrl?: string | undefined;
}

export type SavedTargets = ReadonlyMap<string, SavedTarget>;

/** Names of saved targets: characters that no TARGET has, and no name of a command. */
export const SAVED_NAME = /^[a-z\d][\w.-]*$/i;

/**
 * The saved targets by name; none without a file.
 *
 * @throws EcshError `config-invalid`
 */
export async function readSavedTargets({
  env,
  files,
}: Pick<App, 'env' | 'files'>): Promise<SavedTargets> {
  const path = targetsPath(env);
  const text = path === undefined ? undefined : await files.read(path);
  if (path === undefined || text === undefined) return new Map();
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (cause) {
    throw damaged(path, cause);
  }
  if (!isSaved(content)) throw damaged(path);
  return new Map(Object.entries(content));
}

export async function writeSavedTargets(
  { env, files }: Pick<App, 'env' | 'files'>,
  targets: SavedTargets,
): Promise<void> {
  const path = targetsPath(env);
  if (path === undefined) {
    throw new EcshError('usage', 'There is no place for saved targets.', {
      hint: 'Set HOME or XDG_CONFIG_HOME.',
    });
  }
  await files.write(path, `${JSON.stringify(Object.fromEntries(targets), null, 2)}\n`);
}

/**
 * The options with the saved target in place of its name, or undefined if nothing is saved under it.
 * The saved target wins over environment and configuration file, and a flag wins over it. A name next
 * to `--cluster` is one of that cluster.
 */
export async function recallSaved<Options extends SharedOptions & { readonly target: string }>(
  app: App,
  options: Options,
): Promise<Options | undefined> {
  const [name = '', container] = options.target.split('@');
  if (!SAVED_NAME.test(name) || options.given?.cluster !== undefined) return undefined;
  const found = (await readSavedTargets(app)).get(name);
  if (found === undefined) return undefined;
  const { container: saved, ...place } = found;
  return {
    ...options,
    defaultContainer: undefined,
    ...place,
    ...options.given,
    container:
      options.container ?? container ?? saved ?? parseTarget(found.target).container ?? undefined,
    target: withoutContainer(found.target),
  };
}

function withoutContainer(target: string): string {
  const { container } = parseTarget(target);
  return container === undefined ? target : target.slice(0, -container.length - 1);
}

/** A saved target in its printed form: `prod/api  (profile prod, region eu-west-1)`. */
export function describeSaved({ target, ...place }: SavedTarget): string {
  const parts = Object.entries(place).flatMap(([name, value]) =>
    value === undefined ? [] : [`${NAMES[name] ?? name} ${value}`],
  );
  return parts.length === 0 ? target : `${target}  (${parts.join(', ')})`;
}

const NAMES: Readonly<Record<string, string>> = { endpointUrl: 'endpoint' };

function isSaved(content: unknown): content is Readonly<Record<string, SavedTarget>> {
  return isRecord(content) && Object.values(content).every(isSavedTarget);
}

function isSavedTarget(value: unknown): value is SavedTarget {
  if (!isRecord(value) || typeof value.target !== 'string') return false;
  return Object.values(value).every((part) => typeof part === 'string');
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function damaged(path: string, cause?: unknown): EcshError {
  return new EcshError('config-invalid', `${path} does not hold saved targets.`, {
    hint: 'Correct it, or move the file away.',
    cause,
  });
}
