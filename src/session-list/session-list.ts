import { EcshError } from '#domain/errors/errors.ts';
import type { SessionsApi, StsApi, TrailApi } from '#domain/ports/doctor-ports.ts';
import type { EcsApi } from '#domain/ports/ecs-ports.ts';
import type { SessionDetails, SessionQuery } from '#domain/ports/session-responses.ts';
import { familyOf, nameInArn } from '#domain/resolve/arn.ts';
import { serviceOf } from '#domain/resolve/selection.ts';
import { parseTargetId, type SessionTarget } from '#domain/resolve/session-target.ts';
import { isTaskIdPrefix, type ParsedTarget } from '#domain/resolve/target.ts';
import type { Task } from '#domain/resolve/task.ts';
import { sessionUsers } from './session-users.ts';

/** A session in an ECS container. */
export interface ContainerSession extends SessionTarget {
  readonly sessionId: string;
  readonly targetId: string;
  /** Undefined for a task without a service, and for a task that ECS has forgotten or does not show us. */
  readonly service: string | undefined;
  readonly family: string | undefined;
  readonly container: string | undefined;
  /** The owner according to Session Manager: a role of ECS if ExecuteCommand started the session. */
  readonly owner: string | undefined;
  /** ARN of its caller; undefined if neither Session Manager nor CloudTrail has it. */
  readonly user: string | undefined;
  readonly whose: Whose;
  /** A shell or command, or forwarded ports. */
  readonly kind: 'command' | 'port';
  readonly document: string | undefined;
  readonly status: string | undefined;
  readonly startedAt: Date | undefined;
  readonly endedAt: Date | undefined;
  readonly reason: string | undefined;
}

/** `unknown`: the caller of the session, or our own identity, is unknown. */
export type Whose = 'yours' | 'others' | 'unknown';

/** The place to search; every given part must match. */
export interface ListedPlace {
  /** Name of the cluster. */
  readonly cluster?: string | undefined;
  readonly target?: ParsedTarget | undefined;
  readonly container?: string | undefined;
}

export interface SessionListPorts {
  readonly sessions: Pick<SessionsApi, 'listSessions'>;
  readonly ecs: Pick<EcsApi, 'describeTasks'>;
  readonly sts: () => Promise<Pick<StsApi, 'getCallerIdentity'>>;
  readonly trail: () => Promise<Pick<TrailApi, 'lookupExecEvents'>>;
}

/**
 * The sessions in containers, newest first. Names of services and containers come from DescribeTasks; a session
 * whose task cannot be read is listed without them.
 *
 * @throws EcshError of DescribeSessions, and of DescribeTasks if `place` needs the names
 */
export async function findSessions(
  ports: SessionListPorts,
  query: SessionQuery,
  place: ListedPlace = {},
): Promise<readonly ContainerSession[]> {
  const [details, caller] = await Promise.all([
    ports.sessions.listSessions(query),
    callerArn(ports),
  ]);
  const near = details.filter(({ Target = '' }) => {
    const target = parseTargetId(Target);
    return target !== undefined && (place.cluster ?? target.cluster) === target.cluster;
  });
  const users = await sessionUsers(ports.trail, near);
  const found = near.flatMap((session) => inContainer(session, users, caller));
  const named = await withNames(ports, found, needsNames(place));
  return named
    .filter((session) => isIn(session, place))
    .toSorted((a, b) => (b.startedAt?.getTime() ?? 0) - (a.startedAt?.getTime() ?? 0));
}

/** Undefined if STS does not answer. */
async function callerArn({ sts }: SessionListPorts): Promise<string | undefined> {
  try {
    return (await (await sts()).getCallerIdentity()).Arn;
  } catch (error) {
    if (error instanceof EcshError) return undefined;
    throw error;
  }
}

function inContainer(
  session: SessionDetails,
  users: ReadonlyMap<string, string>,
  caller: string | undefined,
): readonly ContainerSession[] {
  const { SessionId: sessionId, Target: targetId = '', Owner: owner, DocumentName } = session;
  const target = parseTargetId(targetId);
  if (target === undefined || sessionId === undefined) return [];
  const user = users.get(sessionId);
  const isPort = DocumentName?.includes('PortForwarding') ?? false;
  const names = { service: undefined, family: undefined, container: undefined };
  return [
    {
      ...target,
      ...names,
      sessionId,
      targetId,
      owner,
      user,
      whose: whoseIs(user, caller),
      kind: isPort ? 'port' : 'command',
      document: DocumentName,
      status: session.Status,
      startedAt: session.StartDate,
      endedAt: session.EndDate,
      reason: session.Reason,
    },
  ];
}

function whoseIs(user: string | undefined, caller: string | undefined): Whose {
  if (user === undefined || caller === undefined) return 'unknown';
  return user === caller ? 'yours' : 'others';
}

function needsNames({ target, container }: ListedPlace): boolean {
  return (container ?? target?.container) !== undefined || (target?.kind ?? 'task') !== 'task';
}

/** One DescribeTasks for each cluster. */
async function withNames(
  { ecs }: SessionListPorts,
  sessions: readonly ContainerSession[],
  isNeeded: boolean,
): Promise<readonly ContainerSession[]> {
  const clusters = [...new Set(sessions.map(({ cluster }) => cluster))];
  const described = clusters.map(async (cluster) => {
    const ids = sessions.filter((each) => each.cluster === cluster).map(({ taskId }) => taskId);
    return tasksIfPossible(ecs, cluster, [...new Set(ids)], isNeeded);
  });
  const tasks = new Map(
    (await Promise.all(described))
      .flat()
      .map((task) => [`${nameInArn(task.clusterArn)}/${nameInArn(task.taskArn)}`, task]),
  );
  return sessions.map((session) => {
    const task = tasks.get(`${session.cluster}/${session.taskId}`);
    return task === undefined ? session : { ...session, ...namesIn(task, session) };
  });
}

async function tasksIfPossible(
  ecs: SessionListPorts['ecs'],
  cluster: string,
  ids: readonly string[],
  isNeeded: boolean,
): Promise<readonly Task[]> {
  try {
    return await ecs.describeTasks(cluster, ids);
  } catch (error) {
    // A deleted cluster has no tasks to name; this does not fail a list of all clusters.
    if (error instanceof EcshError && (!isNeeded || error.code === 'cluster-not-found')) return [];
    throw error;
  }
}

function namesIn(task: Task, { runtimeId }: SessionTarget) {
  const container = task.containers.find((each) => each.runtimeId === runtimeId)?.name;
  return { service: serviceOf(task), family: familyOf(task.taskDefinitionArn), container };
}

function isIn(session: ContainerSession, { target, container }: ListedPlace): boolean {
  const wanted = target?.container ?? container;
  if (wanted !== undefined && session.container !== wanted) return false;
  switch (target?.kind) {
    case undefined:
      return true;
    case 'task':
      return session.taskId.startsWith(nameInArn(target.task));
    case 'service':
      return session.service === target.service;
    case 'family':
      return session.family === target.family;
    case 'name':
      return (
        session.service === target.name ||
        (isTaskIdPrefix(target.name) && session.taskId.startsWith(target.name))
      );
  }
}
