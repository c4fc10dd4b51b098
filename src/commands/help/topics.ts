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
  title: 'what TARGET may be, and what may follow it',
  blocks: [
    {
      text: 'TARGET is [CLUSTER/]NAME[@CONTAINER], or the ARN of a task or a service. NAME is a service, a task id, or the unique start of one.',
    },
    {
      rows: [
        ['prod/web', 'the newest task of service web in cluster prod'],
        ['prod/web@worker', 'its container worker; the same as -c worker'],
        ['prod/0f9de17a', 'the task whose id starts with 0f9de17a'],
        ['web', 'in the cluster of -C, ECSH_CLUSTER or the configuration file, else in default'],
        ['service:web, task:0f9d', 'say what kind of name it is, where several would fit'],
        ['family:migrations', 'the newest task of a task definition family'],
        ['arn:aws:ecs:…', 'a task or a service, in the region of the ARN'],
        ['prod/', 'choose in cluster prod, on a terminal'],
        [
          '-',
          'where the last session was: the same cluster, name, container, profile, region and endpoint, unless a flag says otherwise',
        ],
      ],
    },
    {
      text: 'If several tasks match, ecsh takes the newest one whose exec agent is RUNNING and names it on stderr. --strict refuses to choose, --pick asks, exec --all takes all.',
    },
    {
      text: 'If the task has several containers, ecsh takes the one named like the service or the family; else the only essential one that AWS did not add; else the only one that has not ended.',
    },
    {
      text: 'Words after TARGET are a command, as with ssh and docker:',
    },
    {
      rows: [
        ['ecsh TARGET', 'a shell on a terminal'],
        [
          'ecsh TARGET COMMAND…',
          'one command without a terminal, as ssh runs it: one word with blanks is a shell script, and stdin is sent when it is a pipe or a file',
        ],
        ['ecsh -t TARGET COMMAND…', 'one command on a terminal'],
        ['ecsh exec TARGET COMMAND…', 'the same, as docker runs it; stdin is sent with -i'],
      ],
    },
    {
      rows: [
        ['1', 'The first word that is no flag is a command of ecsh, or else TARGET.'],
        ['2', 'Flags of ecsh stand before TARGET or right after it.'],
        [
          '3',
          'The next word begins the remote command. Everything from there on belongs to it, flags and -- included. A -- before it may be left out.',
        ],
        [
          '4',
          'A service that is named like a command of ecsh: service:logs, prod/logs, or ecsh shell logs. A cluster that is named so: -C exec, or exec/web.',
        ],
        [
          '5',
          'Without a cluster, a word that is a command of other tools (login, top, whoami, …) is not a TARGET.',
        ],
      ],
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
      text: 'A flag wins over its variable, and the variable over the key in the configuration file ~/.config/ecsh/config.json. Below: variable, meaning, flag, key.',
    },
    { rows: SETTINGS.map(settingRow) },
    {
      text: 'For switches 1 is on and 0 is off. "ecsh config set KEY VALUE" edits the file, "ecsh config explain" prints every setting and where it comes from.',
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
