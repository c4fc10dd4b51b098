import { SETTINGS, type Setting } from '#commands/settings.ts';

/** A page of `ecsh help`, which is a section of the manual page as well. */
export interface Topic {
  readonly name: string;
  readonly title: string;
  readonly blocks: readonly Block[];
}

export type Block =
  | { readonly text: string }
  /** Terms and their meanings. */
  | { readonly rows: readonly TopicRow[] };

export type TopicRow = readonly [term: string, meaning: string];

/** The README has the same rows. */
export const EXIT_STATUSES: readonly TopicRow[] = [
  [
    "the command's",
    'exec and shell pass it through, and forward that of its local command; 128 + n if signal n ended it',
  ],
  ['124', '--timeout ended the command'],
  ['126, 127', 'the remote command could not be executed (126) or was not found (127)'],
  [
    '129, 130, 143',
    'ecsh itself received SIGHUP, SIGINT or SIGTERM (or SIGUSR1), and ended the remote command first',
  ],
  [
    '141',
    'the stdout of ecsh was closed (as in ecsh exec … | head), and ecsh ended the remote command',
  ],
  [
    '255',
    'shell, exec, cp, forward: ecsh itself failed, wrong usage included, or the status is not known',
  ],
  [
    '1',
    'all other commands: the answer is no, such as an ls that finds nothing, or ecsh failed, for instance without credentials',
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
        ['prod/web@worker', 'container worker of that task; the same as -c worker'],
        ['prod/0f9de17a', 'the task whose id starts with 0f9de17a'],
        [
          'web',
          'service web in the cluster of -C, ECSH_CLUSTER or the configuration file, else in cluster default',
        ],
        ['service:web, task:0f9d', 'a service or a task by its kind, where a name could be both'],
        ['family:migrations', 'the newest task of a task definition family'],
        ['arn:aws:ecs:…', 'a task or a service, in the region of the ARN'],
        ['prod/', 'choose in cluster prod, on a terminal'],
        [
          '-',
          'the target of the last session: the same cluster, name, container, profile, region and endpoint, unless a flag says otherwise',
        ],
      ],
    },
    {
      text: 'If several tasks match, ecsh takes the newest one whose exec agent is RUNNING and names it on stderr. --strict refuses to choose, --pick asks, exec --all takes all.',
    },
    {
      text: 'If the task has several containers, ecsh takes the one named like the service or the family; else the only essential one that AWS did not add; else the only one that has not stopped.',
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
        ['1', 'The first word that is not a flag is a command of ecsh, or else TARGET.'],
        ['2', 'Flags of ecsh go before TARGET or right after it.'],
        [
          '3',
          'The next word begins the remote command. Everything from there on belongs to it, flags and -- included. A -- before it may be left out.',
        ],
        [
          '4',
          'If a service has the name of a command of ecsh, type service:logs, prod/logs or ecsh shell logs. If a cluster has, type -C exec or exec/web.',
        ],
        [
          '5',
          "Without a cluster, ecsh does not take the name of another tool's command (login, top, whoami, …) as TARGET.",
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
      text: 'If ecsh did not see the status, it never exits with 0. When ecsh itself fails, it prints a line "ecsh: … [code]" on stderr, which tells its 255 from a remote one. With --json it also prints {"error":{"code":…,"message":…,"hint":…}} on stdout. Codes stay the same from version to version.',
    },
  ],
};

const ENVIRONMENT: Topic = {
  name: 'environment',
  title: 'variables, and the configuration file',
  blocks: [
    {
      text: 'A flag wins over its variable, and the variable over the key in the configuration file ~/.config/ecsh/config.json. Each row has the variable, its meaning, and in parentheses the flag and the key.',
    },
    { rows: SETTINGS.map(settingRow) },
    {
      text: 'For switches, 1 is on and 0 is off. "ecsh config set KEY VALUE" edits the file, and "ecsh config explain" prints every setting and where it comes from.',
    },
    {
      rows: [
        ['ECSH_PORT', 'set by ecsh forward for its command: the local port'],
        ['ECSH_STREAM_HOST', 'host of a VPC endpoint for ssmmessages without private DNS'],
        [
          'AWS_PROFILE, AWS_REGION, AWS_ENDPOINT_URL, AWS_…',
          'as in the AWS SDKs; they win over the configuration file',
        ],
        ['HTTPS_PROXY, NO_PROXY, AWS_CA_BUNDLE', 'proxies, and certificates to trust'],
        ['NO_COLOR', 'no colors, unless --color, ECSH_COLOR or the file says otherwise'],
        [
          'XDG_CONFIG_HOME, XDG_STATE_HOME, XDG_CACHE_HOME',
          'the directories of the configuration, of the last target, and of cached names',
        ],
      ],
    },
  ],
};

export const TOPICS: readonly Topic[] = [TARGETS, EXIT_STATUS, ENVIRONMENT];

function settingRow({ key, flags, variable, description, ...setting }: Setting): TopicRow {
  const flag = /--[\w-]+/.exec(flags)?.[0];
  const names = setting.isPerRun ? flag : `${flag}, ${key}`;
  const standard = setting.default === undefined ? '' : `; default ${setting.default}`;
  return [variable, `${description} (${names}${standard})`];
}
