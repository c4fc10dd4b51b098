import { awsCommand, ecshCommand, quoteWord } from '#domain/errors/aws-command.ts';
import { EcshError } from '#domain/errors/errors.ts';
import { editDistance } from '#domain/resolve/suggestion.ts';
import type { App } from './app.ts';
import { asOneLine } from './aws-cli-line.ts';
import { COMMAND_NAMES } from './command-table.ts';
import { readNothing, readWhatIsValid } from './config-file.ts';
import { readSavedTargets } from './saved-targets.ts';

/** The advice for a word that is a command of another tool, but not of ecsh. */
interface Advice {
  readonly reason: string;
  /** The command to type; `words` are those that followed, quoted in `text`. */
  readonly type: (text: string, words: readonly string[]) => string;
}

const inContainer = (program: string): Advice => ({
  reason: 'A command of the container follows TARGET:',
  type: (words) => `ecsh ${words || 'TARGET'} ${program}`,
});
const instead = (command: string, reason = 'ecsh calls it'): Advice => ({
  reason: `${reason} ${command.split(' ')[0]}:`,
  type: (words) => `ecsh ${command} ${words}`.trim(),
});
/** `service ls prod`, as docker has it. */
const noun = (kind: string): Advice => ({
  reason: 'ecsh calls it ls:',
  type: (_text, words) => {
    const rest = words.filter((word) => !['ls', 'list', 'get'].includes(word));
    return `ecsh ${['ls', kind, ...rest.map(quoteWord)].join(' ')}`;
  },
});
const withoutIt = (program: string): Advice => ({
  reason: `Leave out ${program}:`,
  type: (text) => `ecsh ${text || '--help'}`,
});
const byAws = (command: string, reason = 'ecsh does not do that; the AWS CLI does:'): Advice => ({
  reason,
  type: () => command,
});
const byDocker = (command: string) => byAws(command, 'ecsh does not do that; docker does:');
const fromAws: Advice = {
  reason: 'In one line:',
  type: (_text, words) => asOneLine(words),
};

/** Commands of ssh, docker, kubectl, copilot, ecsta and the AWS CLI. Those that ecsh has go first. */
export const ELSEWHERE: Readonly<Record<string, Advice>> = {
  console: instead('shell', 'A shell is'),
  terminal: instead('shell', 'A shell is'),
  open: instead('shell', 'A shell is'),
  enter: instead('shell', 'A shell is'),
  bash: inContainer('bash'),
  sh: inContainer('sh'),
  rsh: instead('shell', 'A shell is'),
  top: inContainer('top'),
  stats: inContainer('top'),
  env: inContainer('env'),
  status: instead('ls', 'The state of tasks is in'),
  tasks: noun('tasks'),
  task: noun('tasks'),
  services: noun('services'),
  service: noun('services'),
  clusters: noun('clusters'),
  cluster: noun('clusters'),
  containers: noun('containers'),
  container: noun('containers'),
  pods: noun('tasks'),
  namespaces: noun('clusters'),
  nodes: byAws('aws ecs list-container-instances --cluster CLUSTER'),
  images: byAws('aws ecr describe-repositories'),
  build: byDocker('docker build'),
  push: byDocker('docker push'),
  pull: byDocker('docker pull'),
  docker: withoutIt('docker'),
  kubectl: withoutIt('kubectl'),
  debug: instead('doctor'),
  check: instead('doctor'),
  diagnose: instead('doctor'),
  why: instead('doctor'),
  copy: instead('cp'),
  upload: instead('cp'),
  download: instead('cp'),
  sftp: {
    reason: 'ssh, scp, sftp and rsync work after this, as sftp NAME.CLUSTER.ecs:',
    type: () => 'ecsh ssh-config --install',
  },
  rsync: instead('cp -r'),
  tunnel: instead('forward'),
  proxy: instead('forward'),
  portforward: instead('forward'),
  pf: instead('forward'),
  'execute-command': fromAws,
  'start-session': instead('shell'),
  ecs: fromAws,
  aws: fromAws,
  login: byAws('aws sso login', 'ecsh uses the credentials of the AWS CLI:'),
  logout: byAws('aws sso logout', 'ecsh uses the credentials of the AWS CLI:'),
  sso: byAws('aws sso login', 'ecsh uses the credentials of the AWS CLI:'),
  configure: byAws('aws configure', 'ecsh uses the profiles of the AWS CLI:'),
  whoami: byAws('aws sts get-caller-identity'),
  deploy: instead('restart', 'A new deployment of the same tasks is'),
  rollout: instead('restart', 'A new deployment of the same tasks is'),
  scale: {
    reason: 'ecsh does not do that; the AWS CLI does:',
    type: (_text, words) => scaleByAws(words),
  },
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
  context: instead('config'),
  contexts: instead('config'),
  use: instead('config set cluster'),
  man: instead('help'),
};

/**
 * Refuses a first word that can only be a command that ecsh does not have. With a cluster it may be a
 * service of that cluster; without one ECS looks in the cluster `default`, which few accounts use.
 *
 * @throws EcshError `usage`
 */
export async function assertMayBeTarget(
  word: string,
  argv: readonly string[],
  app: App,
): Promise<void> {
  const at = argv.indexOf(word);
  const words = argv.slice(at + 1);
  const isElsewhere = Object.hasOwn(ELSEWHERE, word);
  const isMisspelt = words.length > 0 && nearestCommand(word) !== undefined;
  if (!isElsewhere && !isMisspelt) return;
  if (await hasCluster(argv.slice(0, at), app)) return;
  const saved = await readSavedTargets(app).catch(() => new Map());
  if (saved.has(word)) return;
  throw new EcshError('usage', `There is no command ${word}.`, {
    hint: adviceFor(word, words) ?? 'See  ecsh --help',
  });
}

async function hasCluster(flags: readonly string[], app: App): Promise<boolean> {
  if (flags.some((flag) => /^(-C|--cluster)/.test(flag))) return true;
  if ((app.env.ECSH_CLUSTER ?? '') !== '') return true;
  const { values } = await readWhatIsValid(app).catch(readNothing);
  return values.has('cluster');
}

/** Advice for a command that ecsh does not have; undefined if it resembles none. */
export function adviceFor(word: string, words: readonly string[]): string | undefined {
  const rest = words.map(quoteWord).join(' ');
  const advice = Object.hasOwn(ELSEWHERE, word) ? ELSEWHERE[word] : undefined;
  const asService = `A service of that name:  ${ecshCommand([`service:${word}`])}`;
  if (advice !== undefined) {
    const hint = `${advice.reason}  ${advice.type(rest, words)}`;
    // With more words it is a command line of another tool, and no service.
    return words.length > 0 ? hint : `${hint}\n${asService}`;
  }
  const meant = nearestCommand(word);
  if (meant === undefined) return undefined;
  return `Did you mean ${meant}?  ${`ecsh ${meant} ${rest}`.trim()}`;
}

/** `scale prod/web 3`, `scale deployment/web --replicas=3` */
function scaleByAws(words: readonly string[]): string {
  const [, cluster = 'CLUSTER', name = 'NAME'] =
    /^([\w-]+)\/([\w-]+)$/.exec(words.find((word) => word.includes('/')) ?? '') ?? [];
  const [, count = 'N'] = words.flatMap((word) => /^(?:--\w+=)?(\d+)$/.exec(word) ?? []);
  return awsCommand([
    ...['ecs', 'update-service', '--cluster', cluster, '--service', name],
    ...['--desired-count', count],
  ]);
}

/** The command that a word is most likely a typo of. */
function nearestCommand(word: string): string | undefined {
  const limit = Math.max(1, Math.floor(word.length / 3));
  return COMMAND_NAMES.map((name) => ({ name, distance: editDistance(word, name) }))
    .filter(({ distance }) => distance <= limit)
    .sort((a, b) => a.distance - b.distance)[0]?.name;
}
