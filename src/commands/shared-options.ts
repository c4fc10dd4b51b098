import { type Command, InvalidArgumentError, Option } from 'commander';
import type { AwsFlags } from '../domain/aws-command.ts';
import type { Prompts } from '../domain/ports.ts';
import { parseTarget } from '../domain/target.ts';
import type { TargetRequest } from '../session/ready-target.ts';
import type { ColorChoice } from '../ui/reporter.ts';
import type { App, AwsPorts } from './app.ts';
import { parseDuration } from './durations.ts';

/** Flags that every command takes, after the environment has filled in what was not given. */
export interface SharedOptions {
  readonly cluster?: string | undefined;
  readonly container?: string | undefined;
  /** `ECSH_CONTAINER`: gives way to a container in TARGET, which the flag must not contradict. */
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
  /** Nobody is asked for anything. */
  readonly noInput?: boolean | undefined;
  /** What would be asked for confirmation is confirmed. */
  readonly yes?: boolean | undefined;
  /** Refuse to choose between several tasks. */
  readonly strict?: boolean | undefined;
  /** Ask which task, also where TARGET would decide it. */
  readonly pick?: boolean | undefined;
}

/** What commander makes of the flags. */
interface Flags extends Omit<Partial<SharedOptions>, 'noInput' | 'debug'> {
  /** False with `--no-input`. */
  readonly input?: boolean | undefined;
  readonly debug?: string | undefined;
}

const COLORS: readonly ColorChoice[] = ['auto', 'always', 'never'];

export function addSharedOptions(command: Command): Command {
  return command
    .option('-C, --cluster <name>', 'cluster, unless TARGET names one (ECSH_CLUSTER)')
    .option('-c, --container <name>', 'container of the task (ECSH_CONTAINER)')
    .option('--profile <name>', 'profile of ~/.aws/config (ECSH_PROFILE, AWS_PROFILE)')
    .option('--region <name>', 'AWS region (ECSH_REGION, AWS_REGION)')
    .option('--endpoint-url <url>', 'send API calls there (ECSH_ENDPOINT_URL, AWS_ENDPOINT_URL)')
    .option('--json', 'print data, and failures, as JSON (ECSH_JSON)')
    .option('-q, --quiet', 'say nothing but errors (ECSH_QUIET)')
    .option('-v, --verbose', 'say what is being done (ECSH_VERBOSE)')
    .option('--debug [file]', 'log details to stderr, or to a file: --debug=FILE (ECSH_DEBUG)')
    .addOption(
      // Without a default: `auto` as a flag goes before ECSH_COLOR.
      new Option(
        '--color <when>',
        'color messages; auto: on a terminal (ECSH_COLOR, NO_COLOR)',
      ).choices(COLORS),
    )
    .option('--no-input', 'never ask for anything (ECSH_NO_INPUT)')
    .option('-y, --yes', 'confirm what would be asked (ECSH_YES)');
}

/**
 * `--debug TARGET` is not a log file called TARGET: a file has to stand behind `=`, as with the
 * optional values of GNU programs. commander would take the following word.
 */
export function detachDebug(argv: readonly string[]): string[] {
  const end = endOfFlags(argv);
  return argv.map((word, index) => (word === '--debug' && index < end ? '--debug=1' : word));
}

/** Where the words of a remote command begin, which are none of ours. */
export function endOfFlags(argv: readonly string[]): number {
  const separator = argv.indexOf('--');
  return separator === -1 ? argv.length : separator;
}

/** For commands with a TARGET. */
export function addTargetOptions(command: Command): Command {
  return command
    .option('--strict', 'refuse to choose between several tasks (ECSH_STRICT)')
    .option('--pick', 'ask which task, on a terminal');
}

/** For commands that may sit on a terminal. */
export function addEscapeOption(command: Command): Command {
  return command.option(
    '--escape-char <key>',
    'key that, after Enter, begins ~. and ~?; or none',
    parseEscapeKey,
    '~',
  );
}

function parseEscapeKey(text: string): string {
  if (text === 'none' || /^[\x21-\x7e]$/.test(text)) return text;
  throw new InvalidArgumentError('Give one character, or none.');
}

/** For commands that open a session. */
export function addSessionOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--wait <time>', 'wait this long for the task and its agent')
        .argParser(parseDuration)
        .default(0, '0s'),
    )
    .option('--retries <number>', 'or try this many times more', parseRetries, 0)
    .addOption(
      new Option('--resume-limit <time>', 'try this long to resume a lost connection')
        .argParser(parseDuration)
        .default(60_000, '60s'),
    )
    .option(
      '--keepalive <time>',
      'after this much silence, keep the session from idling out',
      parseDuration,
    );
}

function parseRetries(text: string): number {
  if (/^\d{1,3}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Give a number from 0 to 999.');
}

/** Flag before environment. */
export function withEnvironment(flags: Flags, env: App['env']): SharedOptions {
  const text = (name: string) => (env[name] === '' ? undefined : env[name]);
  const isOn = (name: string) => (text(name) === undefined ? undefined : env[name] !== '0');
  const color = COLORS.find((choice) => choice === env.ECSH_COLOR);
  return {
    cluster: flags.cluster ?? text('ECSH_CLUSTER'),
    container: flags.container,
    defaultContainer: text('ECSH_CONTAINER'),
    profile: flags.profile ?? text('ECSH_PROFILE'),
    region: flags.region ?? text('ECSH_REGION'),
    endpointUrl: flags.endpointUrl ?? text('ECSH_ENDPOINT_URL'),
    json: flags.json ?? isOn('ECSH_JSON'),
    quiet: flags.quiet ?? isOn('ECSH_QUIET'),
    verbose: flags.verbose ?? isOn('ECSH_VERBOSE'),
    debug: debugOf(flags.debug ?? text('ECSH_DEBUG')),
    color: flags.color ?? color ?? 'auto',
    noInput: flags.input === false ? true : isOn('ECSH_NO_INPUT'),
    yes: flags.yes ?? isOn('ECSH_YES'),
    strict: flags.strict ?? isOn('ECSH_STRICT'),
    pick: flags.pick,
  };
}

/** 1 and 0 are on and off, as with every variable; anything else is the name of a file. */
function debugOf(text: string | undefined): string | true | undefined {
  if (text === '1') return true;
  return text === '0' ? undefined : text;
}

/** What printed commands have to repeat to look at the same place. */
function awsFlags({ profile, region, endpointUrl }: SharedOptions): AwsFlags {
  return { profile, region, endpointUrl };
}

/** What a command hands to `findReadyTarget`. */
export function targetRequest(options: SharedOptions, target: string): TargetRequest {
  const fallback =
    parseTarget(target).container === undefined ? options.defaultContainer : undefined;
  return {
    target,
    cluster: options.cluster,
    container: options.container ?? fallback,
    strict: options.strict ?? false,
    flags: awsFlags(options),
  };
}

/** An ARN says its region itself; a flag still goes first. */
export function awsPorts(app: App, options: SharedOptions, target: string): AwsPorts {
  return app.aws({
    region: options.region ?? parseTarget(target).region,
    profile: options.profile,
    endpointUrl: options.endpointUrl,
    noInput: options.noInput,
  });
}

/** Undefined where nobody may be asked, or is there. */
export function promptsOf(app: App, options: SharedOptions): Prompts | undefined {
  return options.noInput ? undefined : app.prompts;
}
