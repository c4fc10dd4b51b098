import type { App } from '#commands/app.ts';
import { nearestKeys, parseConfigText, readConfig } from '#commands/config-file.ts';
import { writeJsonLine } from '#commands/json-output.ts';
import { configPath } from '#commands/paths.ts';
import { type Origin, originOf, type SettingSource } from '#commands/setting-sources.ts';
import { refusal } from '#commands/setting-values.ts';
import { fileSetting, SETTINGS, type Setting } from '#commands/settings.ts';
import type { SharedOptions } from '#commands/shared-options.ts';
import { EcshError } from '#domain/errors/errors.ts';
import type { Reporter } from '#ui/reporter.ts';
import { renderTable } from '#ui/table.ts';

export interface ConfigOptions extends SharedOptions {
  readonly action: ConfigAction;
  /** Values of flags, for `explain`: setting → origin. */
  readonly flags: ReadonlyMap<string, Origin>;
}

export type ConfigAction =
  | { readonly kind: 'get' | 'unset'; readonly key: string }
  | { readonly kind: 'set'; readonly key: string; readonly value: string }
  | { readonly kind: 'list' | 'path' | 'explain' };

type Content = Readonly<Record<string, unknown>>;

/** @returns 0; 1 if the requested value is not set. */
export async function runConfig(
  app: App,
  reporter: Reporter,
  options: ConfigOptions,
): Promise<number> {
  const { action } = options;
  switch (action.kind) {
    case 'get':
      return get(app, action.key, options);
    case 'set':
      return set(app, reporter, action, options);
    case 'unset':
      return unset(app, reporter, action.key, options);
    case 'list':
      return list(app, options);
    case 'path':
      return path(app, options);
    case 'explain':
      return explain(app, options);
  }
}

async function get(app: App, key: string, options: ConfigOptions): Promise<number> {
  assertKnown(key);
  const { [key]: value } = await contentOf(app);
  if (value !== undefined) return print(app, String(value), value, options);
  if (options.json) writeJsonLine(app.stdout, null);
  return 1;
}

async function set(
  app: App,
  reporter: Reporter,
  { key, value }: { readonly key: string; readonly value: string },
  options: ConfigOptions,
): Promise<number> {
  const { values, variable } = assertKnown(key);
  if (!isAllowed(values, value)) {
    throw usage(`${key} cannot be "${value}".`, `Give ${values.allowed}.`);
  }
  const entry = values.isSwitch ? value === 'true' : value;
  await write(app, { ...(await contentOf(app)), [key]: entry }, options);
  reporter.notice(`Default ${key} set to ${value} (a flag or ${variable} still wins).`);
  return 0;
}

function isAllowed(values: Setting['values'], text: string): boolean {
  // JSON knows two words for it, the environment more.
  return values.isSwitch ? ['true', 'false'].includes(text) : refusal(values, text) === undefined;
}

/** Also removes keys that no setting has: that is its main use. */
async function unset(
  app: App,
  reporter: Reporter,
  key: string,
  options: ConfigOptions,
): Promise<number> {
  const { [key]: value, ...rest } = await contentOf(app);
  if (value === undefined) {
    reporter.notice(`${key} is not set in ${pathOf(app)}.`);
    if (options.json) writeJsonLine(app.stdout, rest);
    return 0;
  }
  await write(app, rest, options);
  return 0;
}

async function list(app: App, options: ConfigOptions): Promise<number> {
  const content = await contentOf(app);
  const lines = Object.entries(content).map(([key, value]) => `${key}=${String(value)}`);
  if (options.json || lines.length > 0) return print(app, lines.join('\n'), content, options);
  return 0;
}

function path(app: App, options: ConfigOptions): number {
  const text = pathOf(app);
  return print(app, text, text, options);
}

async function explain(app: App, { flags, ...options }: ConfigOptions): Promise<number> {
  const file = await readConfig(app);
  const rows = SETTINGS.map((setting) => {
    const { text, source } = flags.get(setting.key) ?? originOf(setting, app.env, file);
    return { key: setting.key, text, source };
  });
  const cells = rows.map(({ key, text = '-', source }) => [key, text, originText(source)]);
  const columns = ['SETTING', 'VALUE', 'FROM'].map((title, priority) => ({ title, priority }));
  const lines = renderTable({ columns, rows: cells, hasTitles: false });
  const data = rows.map(({ key, text = null, source }) => [key, { value: text, source }]);
  return print(app, lines.join('\n'), Object.fromEntries(data), options);
}

function originText(source: SettingSource): string {
  return source.kind === 'default' ? source.kind : source.name;
}

function print(app: App, text: string, data: unknown, { json }: { json?: boolean | undefined }) {
  if (json) writeJsonLine(app.stdout, data);
  else app.stdout.write(`${text}\n`);
  return 0;
}

async function contentOf(app: App): Promise<Content> {
  const path = pathOf(app);
  const text = await app.files.read(path);
  return text === undefined ? {} : parseConfigText(path, text);
}

/** With `--json` it is printed, as `list` would. */
async function write(app: App, content: Content, { json }: ConfigOptions): Promise<void> {
  await app.files.write(pathOf(app), `${JSON.stringify(content, null, 2)}\n`);
  if (json) writeJsonLine(app.stdout, content);
}

function pathOf({ env }: App): string {
  const path = configPath(env);
  if (path !== undefined) return path;
  throw usage('There is no place for a configuration file.', 'Set HOME or XDG_CONFIG_HOME.');
}

function assertKnown(key: string): Setting {
  const setting = fileSetting(key);
  if (setting !== undefined) return setting;
  throw usage(`There is no setting "${key}" in the file.`, nearestKeys(key));
}

function usage(message: string, hint: string): EcshError {
  return new EcshError('usage', message, { hint });
}
