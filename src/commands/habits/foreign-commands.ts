import { awsCommand, ecshCommand } from '#domain/errors/aws-command.ts';
import { isName } from '#domain/resolve/target.ts';
import { asOneLine } from './aws-cli-line.ts';

/** One line: a reason and the command to type. `words` followed the word that is no command of ecsh. */
type Advice = (words: readonly string[]) => string;

const KINDS = /^(?:services?|svc|tasks?|pods?|po|deploy(?:ments?)?|jobs?|containers?|clusters?)$/;

const line = (reason: string, ...words: readonly string[]) => `${reason}  ${ecshCommand(words)}`;
const withoutKinds = (words: readonly string[]) => words.filter((word) => !isKind(word));
const inContainer =
  (program: string): Advice =>
  (words) =>
    line(FOLLOWS, ...(words.length > 0 ? words : ['TARGET']), program);
const FOLLOWS = 'A command of the container follows TARGET:';
/** @param command the name in ecsh, and flags or a subcommand that go with it */
const instead =
  (command: string, reason = 'ecsh calls it'): Advice =>
  (words) => {
    const [name = '', ...others] = command.split(' ');
    return line(`${reason} ${name}:`, name, ...others, ...withoutKinds(words));
  };
const withoutIt =
  (program: string): Advice =>
  (words) =>
    line(`Leave out ${program}:`, ...(words.length > 0 ? words : ['--help']));
const byAws =
  (command: string, reason = 'ecsh does not do that; the AWS CLI does:'): Advice =>
  () =>
    `${reason}  ${command}`;
const byDocker = (command: string) => byAws(command, 'ecsh does not do that; docker does:');
const fromAws: Advice = (words) => `In one line:  ${asOneLine(words)}`;

/** Copilot's, docker's and kubectl's verbs, and the commands of ecsh. */
const VERBS: Readonly<Record<string, string>> = {
  exec: 'exec',
  logs: 'logs',
  run: 'run',
  restart: 'restart',
  deploy: 'restart',
  stop: 'stop',
  rm: 'stop',
  delete: 'stop',
  show: 'describe',
  describe: 'describe',
  inspect: 'describe',
  status: 'describe',
};

/** `service ls prod`, `svc logs prod/web`: a kind and a command. */
const noun =
  (kind: string): Advice =>
  ([verb = '', ...words]) => {
    const command = VERBS[verb];
    if (command === 'exec') return `In one line:  ${asOneLine(words)}`;
    if (command !== undefined) return line(`ecsh calls it ${command}:`, command, ...words);
    const rest = ['ls', 'list', 'get'].includes(verb) || verb === '' ? words : [verb, ...words];
    return line('ecsh calls it ls:', 'ls', kind, ...rest);
  };

/** `upload a prod/web:/tmp`, `pull prod/web:/var/log/app.log` */
const copy: Advice = (words) => {
  const [only = ''] = words;
  const isDownload = words.length === 1 && only.includes(':');
  return line('ecsh calls it cp:', 'cp', ...words, ...(isDownload ? ['.'] : []));
};
const copyOr =
  (other: Advice): Advice =>
  (words) =>
    words.some((word) => /^[^/:]+\/[^/:]+:/.test(word)) ? copy(words) : other(words);

/** `rollout restart deployment/web` */
const rollout: Advice = ([verb = 'restart', ...words]) =>
  verb === 'undo' ? rollBack(words) : instead(verb === 'restart' ? 'restart' : 'describe')(words);

const rollBack: Advice = (words) =>
  updateByAws(words, '--task-definition', 'FAMILY:EARLIER_REVISION');

/** `scale prod/web 3`, `scale deployment/web --replicas=3` */
const scale: Advice = (words) => {
  const [, count = 'N'] = words.flatMap((word) => /^(?:--\w+=)?(\d+)$/.exec(word) ?? []);
  return updateByAws(words, '--desired-count', count);
};

function updateByAws(words: readonly string[], ...flags: readonly string[]): string {
  const [, cluster = 'CLUSTER', name = 'NAME'] =
    /^([\w-]+)\/([\w-]+)$/.exec(words.find((word) => word.includes('/')) ?? '') ?? [];
  const place = ['--cluster', cluster, '--service', name];
  return byAws(awsCommand(['ecs', 'update-service', ...place, ...flags]))([]);
}

/** `start-session --target ecs:CLUSTER_TASK_RUNTIME` */
const startSession: Advice = (words) => {
  const target = words.find((word) => !word.startsWith('-')) ?? '';
  const [, cluster = 'CLUSTER', task = 'TASK'] = /^ecs:([^_]+)_([^_]+)_/.exec(target) ?? [];
  return line('ecsh calls it shell:', 'shell', `${cluster}/${task}`);
};

const context: Advice = ([name]) =>
  name === undefined
    ? line('Defaults are in the configuration:', 'config', 'list')
    : line('The default cluster is in the configuration:', 'config', 'set', 'cluster', name);

/** A kind of thing, as kubectl and copilot name it before a name. */
export function isKind(word: string): boolean {
  return KINDS.test(word);
}

/** `CLUSTER/NAME[@CONTAINER]`, and no path of a program. */
export function isWholeTarget(word: string): boolean {
  const [place = '', container, ...more] = word.split('@');
  const parts = place.split('/');
  const hasContainer = container === undefined || isName(container);
  return parts.length === 2 && parts.every(isName) && hasContainer && more.length === 0;
}

/** Commands of ssh, docker, kubectl, copilot, ecsta and the AWS CLI that ecsh does not have. */
export const ELSEWHERE: Readonly<Record<string, Advice>> = {
  console: instead('shell', 'A shell is'),
  terminal: instead('shell', 'A shell is'),
  open: instead('shell', 'A shell is'),
  enter: instead('shell', 'A shell is'),
  rsh: instead('shell', 'A shell is'),
  bash: inContainer('bash'),
  sh: inContainer('sh'),
  top: inContainer('top'),
  stats: inContainer('top'),
  env: inContainer('env'),
  status: instead('ls', 'The state of tasks is in'),
  events: instead('describe', 'Events are in'),
  tail: instead('logs -f'),
  wait: instead('run --wait'),
  who: instead('sessions', 'Open sessions are in'),
  tasks: noun('tasks'),
  task: noun('tasks'),
  pods: noun('tasks'),
  job: noun('tasks'),
  services: noun('services'),
  service: noun('services'),
  svc: noun('services'),
  clusters: noun('clusters'),
  cluster: noun('clusters'),
  namespaces: noun('clusters'),
  containers: noun('containers'),
  container: noun('containers'),
  nodes: byAws('aws ecs list-container-instances --cluster CLUSTER'),
  images: byAws('aws ecr describe-repositories'),
  build: byDocker('docker build'),
  push: copyOr(byDocker('docker push')),
  pull: copyOr(byDocker('docker pull')),
  docker: withoutIt('docker'),
  kubectl: withoutIt('kubectl'),
  debug: instead('doctor'),
  check: instead('doctor'),
  diagnose: instead('doctor'),
  why: instead('doctor'),
  copy,
  put: copy,
  upload: copy,
  download: copy,
  sftp: () =>
    line(
      'ssh, scp, sftp and rsync work after this, as sftp NAME.CLUSTER.ecs:',
      'ssh-config',
      '--install',
    ),
  rsync: instead('cp -r'),
  tunnel: instead('forward'),
  proxy: instead('forward'),
  portforward: instead('forward'),
  pf: instead('forward'),
  socks: instead('forward -D 1080'),
  'execute-command': fromAws,
  'start-session': startSession,
  ecs: fromAws,
  aws: (words) => (words[0] === 'ssm' ? startSession(words.slice(2)) : fromAws(words)),
  login: byAws('aws sso login', 'ecsh uses the credentials of the AWS CLI:'),
  logout: byAws('aws sso logout', 'ecsh uses the credentials of the AWS CLI:'),
  sso: byAws('aws sso login', 'ecsh uses the credentials of the AWS CLI:'),
  configure: byAws('aws configure', 'ecsh uses the profiles of the AWS CLI:'),
  whoami: byAws('aws sts get-caller-identity'),
  deploy: instead('restart', 'A new deployment of the same tasks is'),
  rollout,
  rollback: rollBack,
  scale,
  delete: instead('stop', 'A task is ended by'),
  rm: instead('stop', 'A task is ended by'),
  start: byAws('aws ecs run-task --cluster CLUSTER --task-definition NAME'),
  create: byAws('aws ecs create-service'),
  apply: byAws('aws ecs create-service'),
  update: byAws('npm install -g ecsh@latest', 'npm updates ecsh:'),
  upgrade: byAws('npm install -g ecsh@latest', 'npm updates ecsh:'),
  install: instead('completion', 'Nothing is left to install but'),
  iam: instead('policy'),
  permissions: instead('policy'),
  settings: instead('config list'),
  context,
  contexts: context,
  use: context,
  man: instead('help'),
};
