import { type AwsFlags, ecshCommand } from '#domain/errors/aws-command.ts';
import { EcshError } from '#domain/errors/errors.ts';
import type { EcsApi } from '#domain/ports/ecs-ports.ts';
import type {
  ClusterDetails,
  ExecLoggingConfiguration,
  TaskDefinitionDetails,
} from '#domain/ports/ecs-responses.ts';
import type { LogEventsApi, SessionLogsApi } from '#domain/ports/log-ports.ts';
import { nameInArn } from '#domain/resolve/arn.ts';
import { logPlaceOf } from './log-streams.ts';
import { joinMessages } from './session-transcript.ts';

export interface SessionLogPorts {
  readonly ecs: Pick<EcsApi, 'describeTasks'>;
  readonly sessions: SessionLogsApi;
  describeCluster(cluster: string): Promise<ClusterDetails | undefined>;
  describeTaskDefinition(arn: string): Promise<TaskDefinitionDetails | undefined>;
  logEvents(region: string | undefined): Promise<LogEventsApi>;
}

export interface SessionLogRequest {
  readonly session: string;
  /** Undefined: the cluster that Session Manager names, while it remembers the session. */
  readonly cluster: string | undefined;
  readonly flags: AwsFlags;
}

export interface SessionLog {
  /** The log as it was recorded. */
  readonly text: string;
  /** Its location, for people. */
  readonly place: string;
}

/** PROTOCOL 1.3. */
const TARGET = /^ecs:(.+)_([0-9a-f]{32})_[^_]+$/;

/**
 * Finds the log of a session according to the configuration of its cluster.
 *
 * @throws EcshError `session-not-found`, `cluster-not-found`, `session-not-logged`, `session-log-missing`,
 *   or the error of AWS
 */
export async function findSessionLog(
  ports: SessionLogPorts,
  request: SessionLogRequest,
): Promise<SessionLog> {
  const cluster = request.cluster ?? (await placeOf(ports, request)).cluster;
  const details = await ports.describeCluster(cluster);
  if (details === undefined) throw noCluster(cluster, request);
  const logging = details.configuration?.executeCommandConfiguration ?? {};
  if (logging.logging === 'NONE') throw notLogged(cluster, request);
  const search = { ports, request, cluster };
  const log =
    logging.logging === 'OVERRIDE'
      ? await inDestinations(search, logging.logConfiguration ?? {})
      : await inContainerGroups(search);
  if ('text' in log) return log;
  throw logMissing(request, log.searched);
}

interface Search {
  readonly ports: SessionLogPorts;
  readonly request: SessionLogRequest;
  readonly cluster: string;
}

type Searched = SessionLog | { readonly searched: readonly string[] };

async function inDestinations(
  { ports, request: { session } }: Search,
  destinations: NonNullable<ExecLoggingConfiguration['logConfiguration']>,
): Promise<Searched> {
  const { cloudWatchLogGroupName: group, s3BucketName: bucket, s3KeyPrefix = '' } = destinations;
  const searched: string[] = [];
  if (group) {
    const place = `log group ${group}`;
    const text = await readStream(await ports.logEvents(undefined), group, session);
    if (text !== undefined) return { text, place };
    searched.push(place);
  }
  if (bucket) {
    const parts = s3KeyPrefix.split('/').filter((part) => part !== '');
    const key = [...parts, `${session}.log`].join('/');
    const place = `s3://${bucket}/${key}`;
    const text = await ports.sessions.readObject(bucket, key);
    if (text !== undefined) return { text, place };
    searched.push(place);
  }
  return { searched };
}

/** With DEFAULT, the awslogs groups of the session's task. */
async function inContainerGroups({ ports, request, cluster }: Search): Promise<Searched> {
  const { task: id } = await placeOf(ports, request);
  const [task] = await ports.ecs.describeTasks(cluster, [id]);
  if (task === undefined) return { searched: [`task ${id}, which ECS no longer knows`] };
  const definition = await ports.describeTaskDefinition(task.taskDefinitionArn);
  const searched = new Set<string>();
  for (const container of task.containers) {
    const { name } = container;
    const defined = definition?.containerDefinitions?.find((one) => one.name === name);
    const place = logPlaceOf(task, container, defined);
    if (place.kind === 'unreadable') continue;
    const { group, region } = place.stream;
    if (searched.has(group)) continue;
    searched.add(group);
    const text = await readStream(await ports.logEvents(region), group, request.session);
    if (text !== undefined) return { text, place: `log group ${group}` };
  }
  const groups = [...searched].map((group) => `log group ${group}`);
  return { searched: groups.length > 0 ? groups : ['the task, whose containers have no awslogs'] };
}

async function readStream(
  api: LogEventsApi,
  group: string,
  stream: string,
): Promise<string | undefined> {
  const messages: string[] = [];
  for await (const page of api.filter({ group, streams: [stream] })) {
    if (page === undefined) return undefined;
    messages.push(...page.map(({ message }) => message));
  }
  return joinMessages(messages);
}

async function placeOf(
  { sessions }: SessionLogPorts,
  { session, cluster: asked, flags }: SessionLogRequest,
): Promise<{ readonly cluster: string; readonly task: string }> {
  const [, cluster, task] = TARGET.exec((await sessions.targetOf(session)) ?? '') ?? [];
  if (cluster !== undefined && task !== undefined) return { cluster, task };
  throw new EcshError(
    'session-not-found',
    `Session Manager does not know session ${session} as one of ECS Exec.`,
    {
      hint:
        asked === undefined
          ? `It forgets sessions after 30 days. Name the cluster:  ${ecshCommand(['logs', '--session', session, '-C', 'CLUSTER'], flags)}`
          : `It forgets sessions after 30 days. Those that it knows:  ${ecshCommand(['sessions', '--history', '--since', '30d', '-C', asked], flags)}`,
    },
  );
}

function noCluster(cluster: string, { flags }: SessionLogRequest): EcshError {
  return new EcshError('cluster-not-found', `There is no cluster ${nameInArn(cluster)}.`, {
    hint: `List them:  ${ecshCommand(['ls', 'clusters'], flags)}`,
  });
}

function notLogged(cluster: string, { flags }: SessionLogRequest): EcshError {
  const name = nameInArn(cluster);
  return new EcshError('session-not-logged', `Cluster ${name} keeps no logs of sessions.`, {
    hint: `See what it keeps:  ${ecshCommand(['logging', 'show', name], flags)}`,
  });
}

function logMissing({ session }: SessionLogRequest, searched: readonly string[]): EcshError {
  return new EcshError(
    'session-log-missing',
    `There is no log of session ${session} in ${searched.join(', nor in ')}.`,
    {
      hint: 'The agent writes it a few seconds after the end of the session; a container that is killed takes it along. Missing permissions of the task role:  ecsh doctor TARGET',
    },
  );
}
