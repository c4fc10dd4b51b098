import { Option } from 'commander';
import {
  DEBUG,
  DURATION,
  ENDPOINT,
  ESCAPE_KEY,
  oneOf,
  REGION,
  RETRIES,
  SWITCH,
  TEXT,
  type Values,
} from './setting-values.ts';

/**
 * Settings that have a flag, a variable, and in most cases a key in the configuration file. Flags, help,
 * `ecsh config`, `ecsh help environment` and the manual page are made from this table.
 */
export interface Setting {
  /** Its name in the configuration file. */
  readonly key: string;
  /** As commander reads them. */
  readonly flags: string;
  readonly variable: string;
  readonly description: string;
  readonly values: Values;
  /** As a user would type it. */
  readonly default?: string;
  /** AWS variables with the same meaning. They win over the configuration file. */
  readonly aws?: readonly string[];
  /** Not allowed in the configuration file, because it would affect every script. */
  readonly isPerRun?: boolean;
}

export const SETTINGS = [
  {
    key: 'cluster',
    flags: '-C, --cluster <name>',
    variable: 'ECSH_CLUSTER',
    description: 'cluster, unless TARGET names one',
    values: TEXT,
  },
  {
    key: 'container',
    flags: '-c, --container <name>',
    variable: 'ECSH_CONTAINER',
    description: 'container of the task',
    values: TEXT,
  },
  {
    key: 'profile',
    flags: '--profile <name>',
    variable: 'ECSH_PROFILE',
    description: 'profile of ~/.aws/config',
    values: TEXT,
    // With credentials in the environment too: in the SDK, a profile from the file would win over them.
    aws: ['AWS_PROFILE', 'AWS_ACCESS_KEY_ID'],
  },
  {
    key: 'region',
    flags: '--region <name>',
    variable: 'ECSH_REGION',
    description: 'AWS region',
    values: REGION,
    aws: ['AWS_REGION', 'AWS_DEFAULT_REGION'],
  },
  {
    key: 'endpointUrl',
    flags: '--endpoint-url <url>',
    variable: 'ECSH_ENDPOINT_URL',
    description: 'send API calls to this URL',
    values: ENDPOINT,
    aws: ['AWS_ENDPOINT_URL'],
  },
  {
    key: 'json',
    flags: '--json',
    variable: 'ECSH_JSON',
    description: 'print data and failures as JSON',
    values: SWITCH,
    isPerRun: true,
  },
  {
    key: 'quiet',
    flags: '-q, --quiet',
    variable: 'ECSH_QUIET',
    description: 'print nothing but errors',
    values: SWITCH,
  },
  {
    key: 'verbose',
    flags: '-v, --verbose',
    variable: 'ECSH_VERBOSE',
    description: 'print what ecsh does',
    values: SWITCH,
  },
  {
    key: 'debug',
    flags: '--debug [file]',
    variable: 'ECSH_DEBUG',
    description: 'log details to stderr, or to a file: --debug=FILE',
    values: DEBUG,
    isPerRun: true,
  },
  {
    key: 'color',
    flags: '--color <when>',
    variable: 'ECSH_COLOR',
    description: 'color messages; auto: on a terminal, without NO_COLOR',
    values: oneOf('auto', 'always', 'never'),
    default: 'auto',
  },
  {
    key: 'noInput',
    flags: '--no-input',
    variable: 'ECSH_NO_INPUT',
    description: 'never ask for anything',
    values: SWITCH,
  },
  {
    key: 'yes',
    flags: '-y, --yes',
    variable: 'ECSH_YES',
    description: 'answer yes to every question',
    values: SWITCH,
    isPerRun: true,
  },
  {
    key: 'strict',
    flags: '--strict',
    variable: 'ECSH_STRICT',
    description: 'refuse to choose between several tasks',
    values: SWITCH,
  },
  {
    key: 'wait',
    flags: '--wait <time>',
    variable: 'ECSH_WAIT',
    description: 'wait this long for the task and its agent',
    values: DURATION,
    default: '0s',
  },
  {
    key: 'retries',
    flags: '--retries <number>',
    variable: 'ECSH_RETRIES',
    description: 'retry this many times, however long it takes',
    values: RETRIES,
    default: '0',
  },
  {
    key: 'resumeLimit',
    flags: '--resume-limit <time>',
    variable: 'ECSH_RESUME_LIMIT',
    description: 'try this long to resume a lost connection',
    values: DURATION,
    default: '60s',
  },
  {
    key: 'keepalive',
    flags: '--keepalive <time>',
    variable: 'ECSH_KEEPALIVE',
    description: 'after this much silence, keep the session from timing out',
    values: DURATION,
  },
  {
    key: 'allowUnencrypted',
    flags: '--allow-unencrypted',
    variable: 'ECSH_ALLOW_UNENCRYPTED',
    description: 'continue if ECS does not say whether the cluster encrypts',
    values: SWITCH,
    isPerRun: true,
  },
  {
    key: 'allowForeignKey',
    flags: '--allow-foreign-key',
    variable: 'ECSH_ALLOW_FOREIGN_KEY',
    description: "accept another account's KMS key if the cluster's is unknown",
    values: SWITCH,
    isPerRun: true,
  },
  {
    key: 'noShare',
    flags: '--no-share',
    variable: 'ECSH_NO_SHARE',
    description: 'never share a session: CloudTrail names each command',
    values: SWITCH,
  },
  {
    key: 'escapeChar',
    flags: '--escape-char <key>',
    variable: 'ECSH_ESCAPE_CHAR',
    description: 'escape key at the start of a line, as in ~. and ~?, or none',
    values: ESCAPE_KEY,
    default: '~',
  },
  {
    key: 'outputEncoding',
    flags: '--output-encoding <how>',
    variable: 'ECSH_OUTPUT_ENCODING',
    description: 'base64 carries any bytes, raw is readable in a log',
    values: oneOf('auto', 'raw', 'base64'),
    default: 'auto',
  },
] as const satisfies readonly Setting[];

export type SettingKey = (typeof SETTINGS)[number]['key'];

const BY_KEY: ReadonlyMap<string, Setting> = new Map(
  SETTINGS.map((setting): [string, Setting] => [setting.key, setting]),
);

export const FILE_KEYS: readonly string[] = SETTINGS.filter(isForFile).map(({ key }) => key);

/** Undefined for a key that the configuration file cannot have. */
export function fileSetting(key: string): Setting | undefined {
  const setting = BY_KEY.get(key);
  return setting !== undefined && isForFile(setting) ? setting : undefined;
}

function isForFile(setting: Setting): boolean {
  return !setting.isPerRun;
}

/** The flags of these settings, for commander. */
export function settingOptions(...keys: readonly SettingKey[]): readonly Option[] {
  return keys.map((key) => {
    const setting: Setting | undefined = BY_KEY.get(key);
    if (setting === undefined) throw new RangeError(key);
    const { flags, description, values } = setting;
    const option = new Option(flags, `${description} (${setting.variable})`);
    if (values.choices !== undefined) option.choices(values.choices);
    else if (!values.isSwitch) option.argParser((text) => values.parse(text));
    if (setting.default !== undefined) {
      option.default(values.parse(setting.default), setting.default);
    }
    return option;
  });
}
