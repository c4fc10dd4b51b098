import { SETTINGS, type Setting } from '#commands/settings.ts';

/** A page of `ecsh help`, which is a section of the manual page as well. */
export interface Topic {
  readonly name: string;
  readonly title: string;
  readonly blocks: readonly Block[];
}

export type Block =
  | { readonly text: string }
  /** Terms and what they mean. */
  | { readonly rows: readonly Row[] };

export type Row = readonly [term: string, meaning: string];

/** The same as in the README. */
export const EXIT_STATUSES: readonly Row[] = [
  [
    "the command's",
    'exec and shell pass it through, forward that of its local command; 128 + n when signal n ended it',
  ],
  ['124', '--timeout ended it'],
  ['126, 127', 'the remote command could not be executed, was not found'],
  [
    '129, 130, 143',
    'ecsh itself got SIGHUP, SIGINT, SIGTERM (or SIGUSR1); the remote command was ended first',
  ],
  ['141', 'our stdout was closed (as in ecsh exec … | head); the remote command was ended'],
  [
    '255',
    'shell, exec, cp, forward: any failure of ecsh itself, wrong usage included, or the status is not known',
  ],
  [
    '1',
    'all other commands: a negative finding, such as an ls that finds nothing, or a failure, such as no credentials',
  ],
  ['2', 'all other commands: wrong usage'],
];

const TARGETS: Topic = {
  name: 'targets',
  title: 'what TARGET may be',
  blocks: [
    {
      text: 'TARGET is [CLUSTER/]NAME[@CONTAINER], or the ARN of a task or a service. NAME is a service, a task id, or the start of one that is unique.',
    },
    {
      rows: [
        ['prod/web', 'the newest task of service web in cluster prod'],
        ['prod/web@worker', 'its container worker; so does -c worker'],
        ['prod/0f9de17a', 'the task whose id begins so'],
        ['web', 'in the cluster of -C or ECSH_CLUSTER, else in default'],
        ['service:web, task:0f9d', 'say which kind of name it is, where that matters'],
        ['family:migrations', 'the newest task of a task definition family'],
        ['arn:aws:ecs:…', 'a task or a service, in the region that it names'],
        [
          '-',
          'where the last session went: the same cluster, name, container, profile, region and endpoint, unless a flag says otherwise',
        ],
      ],
    },
    {
      text: 'Of several tasks the newest one is taken whose exec agent is RUNNING, and named on stderr. --strict refuses to choose, --pick asks, exec --all takes all.',
    },
    {
      text: 'The container is the only one; else the one named like the service or the family; else the only essential one that AWS did not add itself; else the only one that has not ended.',
    },
  ],
};

const EXIT_STATUS: Topic = {
  name: 'exit-status',
  title: 'what ecsh exits with',
  blocks: [
    { rows: EXIT_STATUSES },
    {
      text: 'A status that was not seen is never 0. A remote 255 and one of ours differ: ours comes with a line "ecsh: … [code]" on stderr. With --json it is {"error":{"code":…,"message":…,"hint":…}} on stdout too; code stays the same from version to version.',
    },
  ],
};

const ENVIRONMENT: Topic = {
  name: 'environment',
  title: 'variables, and the configuration file',
  blocks: [
    {
      text: 'A flag goes before its variable, and the variable before the key in the configuration file ~/.config/ecsh/config.json. Below: variable, what it sets, flag, key.',
    },
    { rows: SETTINGS.map(settingRow) },
    {
      text: 'For switches 1 is on and 0 is off. "ecsh config set KEY VALUE" edits the file, "ecsh config explain" tells what applies and why.',
    },
    {
      rows: [
        ['ECSH_PORT', 'set by ecsh forward for its command: the local port'],
        ['ECSH_STREAM_HOST', 'host of a VPC endpoint for ssmmessages without private DNS'],
        [
          'AWS_PROFILE, AWS_REGION, AWS_ENDPOINT_URL, AWS_…',
          'what they mean to the AWS SDKs; they go before the file, which only fills in',
        ],
        ['HTTPS_PROXY, NO_PROXY, AWS_CA_BUNDLE', 'proxies, and certificates to trust'],
        ['NO_COLOR', 'no colors, unless --color, ECSH_COLOR or the file says otherwise'],
        [
          'XDG_CONFIG_HOME, XDG_STATE_HOME, XDG_CACHE_HOME',
          'where configuration, the last target, and remembered names are kept',
        ],
      ],
    },
  ],
};

export const TOPICS: readonly Topic[] = [TARGETS, EXIT_STATUS, ENVIRONMENT];

function settingRow({ key, flags, variable, description, ...setting }: Setting): Row {
  const flag = /--[\w-]+/.exec(flags)?.[0];
  const names = setting.isPerRun ? flag : `${flag}, ${key}`;
  const standard = setting.default === undefined ? '' : `; default ${setting.default}`;
  return [variable, `${description} (${names}${standard})`];
}
