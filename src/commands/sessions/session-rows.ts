import { nameInArn } from '#domain/resolve/arn.ts';
import { shortSessionId } from '#session-list/named-session.ts';
import type { ContainerSession } from '#session-list/session-list.ts';
import { ageText } from '#ui/age.ts';
import type { TableColumn } from '#ui/table.ts';

/** A session as `--json` prints it; keys are stable. */
export function sessionReport(session: ContainerSession) {
  const { whose, startedAt, endedAt, taskId, container, cluster, ...rest } = session;
  return {
    sessionId: rest.sessionId,
    target: container === undefined ? null : `${cluster}/${taskId}@${container}`,
    cluster,
    taskId,
    service: rest.service ?? null,
    family: rest.family ?? null,
    container: container ?? null,
    runtimeId: rest.runtimeId,
    targetId: rest.targetId,
    user: rest.user ?? null,
    owner: rest.owner ?? null,
    isYours: whose === 'unknown' ? null : whose === 'yours',
    kind: rest.kind,
    document: rest.document ?? null,
    status: rest.status ?? null,
    reason: rest.reason ?? null,
    startedAt: startedAt?.toISOString() ?? null,
    endedAt: endedAt?.toISOString() ?? null,
  };
}

/** `demo/web@app`: the place by names, as far as they are known. */
export function sessionPlaceText(session: ContainerSession): string {
  const { cluster, service, family, taskId, container } = session;
  const owner =
    service ?? (family === undefined ? taskId.slice(0, SHORT_TASK) : `family:${family}`);
  return `${cluster}/${owner}${container === undefined ? '' : `@${container}`}`;
}

/** The last part of an ARN: a user, or the name of a role's session. */
export function userText({ user, whose }: ContainerSession): string {
  const name = user === undefined ? '?' : nameInArn(user);
  return whose === 'yours' ? `${name} (you)` : name;
}

const SHORT_TASK = 12;

interface SessionColumn extends TableColumn {
  readonly cell: (session: ContainerSession, now: number) => string;
}

export interface SessionTableOptions {
  /** Shortens ids to fit a terminal. */
  readonly shortensIds: boolean;
  readonly isHistory: boolean;
  readonly isWide: boolean;
}

export function sessionColumns(options: SessionTableOptions): readonly SessionColumn[] {
  const { shortensIds, isHistory, isWide } = options;
  const times: readonly SessionColumn[] = isHistory
    ? [
        age('BEGAN', 3, ({ startedAt }, now) => ageText(startedAt, now)),
        age('LASTED', 4, ({ startedAt, endedAt }, now) =>
          ageText(startedAt, endedAt?.getTime() ?? now),
        ),
      ]
    : [age('FOR', 2, ({ startedAt }, now) => ageText(startedAt, now))];
  const wide: readonly SessionColumn[] = [
    { title: 'ARN', priority: 8, cell: ({ user, owner = '' }) => user ?? owner },
    { title: 'DOCUMENT', priority: 9, cell: ({ document = '' }) => document },
    { title: 'REASON', priority: 10, cell: ({ reason = '' }) => reason },
  ];
  return [
    { title: 'WHO', priority: 0, minimum: 10, cell: userText },
    { title: 'CONTAINER', priority: 1, minimum: 14, cell: sessionPlaceText },
    ...times,
    {
      title: 'TASK',
      priority: 5,
      cell: ({ taskId }) => (shortensIds ? taskId.slice(0, SHORT_TASK) : taskId),
    },
    { title: 'KIND', priority: 7, cell: ({ kind }) => kind },
    { title: 'STATUS', priority: 6, cell: ({ status = '' }) => status },
    {
      title: 'SESSION',
      priority: 0,
      cell: ({ sessionId }) => (shortensIds ? shortSessionId(sessionId) : sessionId),
    },
    ...(isWide ? wide : []),
  ];
}

function age(title: string, priority: number, cell: SessionColumn['cell']): SessionColumn {
  return { title, priority, align: 'right', cell };
}
