import type { Command, Option } from 'commander';
import type { AwsFlags } from '#domain/errors/aws-command.ts';
import type { Prompts } from '#domain/ports/prompt-ports.ts';
import type { ColorChoice } from '#ui/color.ts';
import type { App } from './app.ts';
import { settingOptions } from './settings.ts';

/** Flags of every command. */
export interface SharedOptions {
  readonly cluster?: string | undefined;
  readonly container?: string | undefined;
  /** The container of ECSH_CONTAINER or the file; unlike the flag, it gives way to one in TARGET. */
  readonly defaultContainer?: string | undefined;
  readonly profile?: string | undefined;
  readonly region?: string | undefined;
  readonly endpointUrl?: string | undefined;
  /** Data, and failures, as JSON on stdout. */
  readonly json?: boolean | undefined;
  readonly quiet?: boolean | undefined;
  readonly verbose?: boolean | undefined;
  /** True: to stderr. */
  readonly debug?: string | true | undefined;
  readonly color: ColorChoice;
  /** Never prompt. */
  readonly noInput?: boolean | undefined;
  /** Answers every confirmation with yes. */
  readonly yes?: boolean | undefined;
  /** Refuse to choose between several tasks. */
  readonly strict?: boolean | undefined;
  /** Ask for the task, even if TARGET would determine it. */
  readonly pick?: boolean | undefined;
  /** The place that only flags name; they also take precedence over the last target. */
  readonly given?: Partial<Place> | undefined;
}

type Place = Pick<SharedOptions, (typeof PLACE)[number]>;

const PLACE = ['cluster', 'profile', 'region', 'endpointUrl'] as const;

/** Flags as commander returns them. */
interface Flags extends Omit<Partial<SharedOptions>, 'noInput'> {
  /** False with `--no-input`. */
  readonly input?: boolean | undefined;
}

export function addSharedOptions(command: Command): Command {
  return addOptions(
    command,
    settingOptions(
      'cluster',
      'container',
      'profile',
      'region',
      'endpointUrl',
      'json',
      'quiet',
      'verbose',
      'debug',
      'color',
      'noInput',
      'yes',
    ),
  );
}

function addOptions(command: Command, options: readonly Option[]): Command {
  for (const option of options) command.addOption(option);
  return command;
}

/**
 * Rewrites flags that commander would read otherwise: `--no-color` is `--color never`, and `--debug TARGET` is not a log
 * file called TARGET: a file has to follow `=`, as with the optional values of GNU programs.
 */
export function plainFlags(argv: readonly string[]): string[] {
  const end = endOfFlags(argv);
  return argv.map((word, index) => (index < end ? (PLAIN.get(word) ?? word) : word));
}

const PLAIN: ReadonlyMap<string, string> = new Map([
  ['--debug', '--debug=1'],
  ['--no-color', '--color=never'],
]);

/** Where the words of a remote command begin: they are not parsed as ours. */
export function endOfFlags(argv: readonly string[]): number {
  const separator = argv.indexOf('--');
  return separator === -1 ? argv.length : separator;
}

/** For commands with a TARGET. */
export function addTargetOptions(command: Command): Command {
  return addOptions(command, settingOptions('strict')).option(
    '--pick',
    'ask which task, on a terminal',
  );
}

/** For commands that may sit on a terminal. */
export function addEscapeOption(command: Command): Command {
  return addOptions(command, settingOptions('escapeChar'));
}

/** For commands whose session a scale-in would end. */
export function addProtectOption(command: Command): Command {
  return command.option('--protect', 'protect the task from scale-in while the session lasts');
}

/** For commands that open a session. */
export function addSessionOptions(command: Command): Command {
  return addOptions(
    command,
    settingOptions(
      'wait',
      'retries',
      'resumeLimit',
      'keepalive',
      'allowUnencrypted',
      'allowForeignKey',
    ),
  );
}

/** After the environment and the configuration file have set missing values. */
export function sharedOptionsOf(command: Command): SharedOptions {
  const { input, container, ...flags } = command.optsWithGlobals<Flags>();
  const isGiven = (name: string) => command.getOptionValueSourceWithGlobals(name) === 'cli';
  return {
    cluster: flags.cluster,
    container: isGiven('container') ? container : undefined,
    defaultContainer: isGiven('container') ? undefined : container,
    profile: flags.profile,
    region: flags.region,
    endpointUrl: flags.endpointUrl,
    json: flags.json,
    quiet: flags.quiet,
    verbose: flags.verbose,
    debug: flags.debug,
    color: flags.color ?? 'auto',
    noInput: input === false ? true : undefined,
    yes: flags.yes,
    strict: flags.strict,
    pick: flags.pick,
    given: Object.fromEntries(PLACE.filter(isGiven).map((name) => [name, flags[name]])),
  };
}

/** The flags that printed commands repeat to reach the same place. */
export function awsFlags({ profile, region, endpointUrl }: SharedOptions): AwsFlags {
  return { profile, region, endpointUrl };
}

/** Undefined if prompts are disabled or there is no terminal. */
export function promptsOf(app: App, options: SharedOptions): Prompts | undefined {
  return options.noInput ? undefined : app.prompts(options.color);
}
