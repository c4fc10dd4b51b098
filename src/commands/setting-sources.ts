import type { Command } from 'commander';
import { EcshError } from '#domain/errors/errors.ts';
import type { App } from './app.ts';
import type { ConfigFile } from './config-file.ts';
import { refusal } from './setting-values.ts';
import { fileSetting, SETTINGS, type Setting } from './settings.ts';

/** The source of a value: flag before environment before file before default. */
export type SettingSource =
  | { readonly kind: 'flag'; readonly name: string }
  | { readonly kind: 'environment'; readonly name: string }
  | { readonly kind: 'file'; readonly name: string }
  | { readonly kind: 'default' };

export interface Origin {
  /** As one would type it; undefined: the AWS SDK finds it, or it is not set. */
  readonly text: string | undefined;
  readonly source: SettingSource;
}

/**
 * Gives commander what no flag said, from the environment and the file.
 *
 * @throws EcshError `variable-invalid`
 */
export function fillIn(command: Command, env: App['env'], file: ConfigFile): void {
  for (const { setting, owner, option, isGiven } of settingsOf(command)) {
    if (isGiven) continue;
    const { text, source } = originOf(setting, env, file);
    if (text === undefined || source.kind === 'default' || isForTheSdk(setting, source)) continue;
    const value = setting.values.parse(text);
    const name = option.attributeName();
    owner.setOptionValueWithSource(name, option.negate ? !value : value, source.kind);
  }
}

/** Values of flags: setting → origin. */
export function flagOrigins(command: Command): ReadonlyMap<string, Origin> {
  const given = [...settingsOf(command)].filter(({ isGiven }) => isGiven);
  return new Map(
    given.map(({ setting, owner, option }): [string, Origin] => {
      const value: unknown = owner.getOptionValue(option.attributeName());
      const source = { kind: 'flag', name: option.long ?? option.flags } as const;
      return [setting.key, { text: String(option.negate ? !value : value), source }];
    }),
  );
}

/** The settings that a command and those above it have flags for. */
function* settingsOf(command: Command) {
  for (let owner: Command | null = command; owner !== null; owner = owner.parent) {
    for (const option of owner.options) {
      const setting = SETTINGS.find(({ flags }) => flags === option.flags);
      if (setting === undefined) continue;
      const isGiven = owner.getOptionValueSource(option.attributeName()) === 'cli';
      yield { setting, owner, option, isGiven };
    }
  }
}

/**
 * Values of the environment or the file, in this order.
 *
 * @throws EcshError `variable-invalid`
 */
export function originOf(setting: Setting, env: App['env'], file: ConfigFile): Origin {
  const { variable, values } = setting;
  const isSet = (name: string) => (env[name] ?? '') !== '';
  const name = [variable, ...(setting.aws ?? [])].find(isSet);
  if (name !== undefined) {
    const source = { kind: 'environment', name } as const;
    // Of a key only that it is there.
    if (name === 'AWS_ACCESS_KEY_ID') return { text: undefined, source };
    const text = env[name] ?? '';
    const reason = refusal(values, text);
    if (reason !== undefined) throw variableInvalid(name, text, values.allowed);
    return { text, source };
  }
  const inFile = fileSetting(setting.key) && file.values.get(setting.key);
  if (inFile !== undefined && file.path !== undefined) {
    return { text: inFile, source: { kind: 'file', name: file.path } };
  }
  return { text: setting.default, source: { kind: 'default' } };
}

/** Given to the SDK as ours it would mean more than it does as the SDK's. */
function isForTheSdk({ aws }: Setting, source: SettingSource): boolean {
  return source.kind === 'environment' && aws?.includes(source.name) === true;
}

function variableInvalid(variable: string, text: string, allowed: string): EcshError {
  return new EcshError('variable-invalid', `${variable} cannot be "${text}".`, {
    hint: `Give ${allowed}, or unset it.`,
  });
}
