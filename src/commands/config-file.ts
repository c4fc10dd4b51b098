import { EcshError } from '#domain/errors/errors.ts';
import { suggestNames } from '#domain/resolve/suggestion.ts';
import type { App } from './app.ts';
import { configPath } from './paths.ts';
import { refusal } from './setting-values.ts';
import { FILE_KEYS, fileSetting, type Setting } from './settings.ts';

/** The configuration file, checked; every value as one would type it. */
export interface ConfigFile {
  readonly path: string | undefined;
  readonly values: ReadonlyMap<string, string>;
}

/** For commands that no default matters to. */
export async function readNothing(): Promise<ConfigFile> {
  return { path: undefined, values: new Map() };
}

/** For completion, which reports no errors: a broken file counts as none. */
export async function readWhatIsValid(app: Pick<App, 'env' | 'files'>): Promise<ConfigFile> {
  return readConfig(app).catch(readNothing);
}

/**
 * Reads the configuration file; one that is not there says nothing.
 *
 * @throws EcshError `config-invalid`, `file-unreadable`
 */
export async function readConfig({ env, files }: Pick<App, 'env' | 'files'>): Promise<ConfigFile> {
  const path = configPath(env);
  const text = path === undefined ? undefined : await files.read(path);
  if (path === undefined || text === undefined) return { path, values: new Map() };
  const entries = Object.entries(await parseConfigText(path, text));
  return { path, values: new Map(entries.map(([key, value]) => [key, checked(path, key, value)])) };
}

/**
 * Parses the file into an object and checks no keys.
 *
 * @throws EcshError `config-invalid`
 */
export async function parseConfigText(
  path: string,
  text: string,
): Promise<Readonly<Record<string, unknown>>> {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (cause) {
    const { locateJsonError } = await import('./json-position.ts');
    const { line, column } = locateJsonError(text);
    throw new EcshError(
      'config-invalid',
      `${path} is not JSON: it breaks at line ${line}, column ${column}.`,
      { hint: 'Fix it there, or move the file away.', cause },
    );
  }
  if (isRecord(content)) return content;
  throw new EcshError('config-invalid', `${path} holds no JSON object.`, {
    hint: 'It looks like this:  {"cluster": "prod", "wait": "30s"}',
  });
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function checked(path: string, key: string, value: unknown): string {
  const setting = fileSetting(key);
  if (setting === undefined) throw unknownKey(path, key);
  if (isOfItsType(setting, value)) return String(value);
  throw new EcshError('config-invalid', `${path}: ${key} cannot be ${JSON.stringify(value)}.`, {
    hint: `Give ${setting.values.allowed}:  ecsh config set ${key} VALUE`,
  });
}

function isOfItsType({ values }: Setting, value: unknown): boolean {
  if (values.isSwitch) return typeof value === 'boolean';
  if (typeof value !== 'string' && typeof value !== 'number') return false;
  return refusal(values, String(value)) === undefined;
}

function unknownKey(path: string, key: string): EcshError {
  return new EcshError('config-invalid', `${path}: there is no setting "${key}".`, {
    hint: `${nearestKeys(key)}  Remove it:  ecsh config unset ${key}`,
  });
}

/** Suggestions for an unknown key of the file. */
export function nearestKeys(key: string): string {
  const [nearest] = suggestNames(key, FILE_KEYS);
  return nearest === undefined ? `Settings: ${FILE_KEYS.join(', ')}` : `Did you mean ${nearest}?`;
}
