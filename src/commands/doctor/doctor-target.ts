import type { DoctorSubject } from '#doctor/check-model.ts';
import { isUnseen } from '#doctor/missing-task.ts';
import { EcshError } from '#domain/errors/errors.ts';
import type { EcsApi } from '#domain/ports/ecs-ports.ts';
import { nameInArn } from '#domain/resolve/arn.ts';
import { resolveTask } from '#domain/resolve/resolve.ts';
import { requestedName, serviceOf } from '#domain/resolve/selection.ts';
import { isFullTaskId, parseTarget } from '#domain/resolve/target.ts';
import type { Task } from '#domain/resolve/task.ts';
import type { TargetRequest } from '#session/ready-target.ts';
import { lastFailedTask } from './last-task.ts';

export interface FoundSubject {
  readonly subject: Omit<DoctorSubject, 'now'>;
  /** Notices for stderr. */
  readonly notices: readonly string[];
}

/** Reasons for not finding a task that are findings themselves. */
const FINDINGS = [
  'task-not-found',
  'no-running-task',
  'service-not-found',
  'family-not-found',
  'cluster-not-found',
];

/**
 * The subject of a diagnosis: the task that sessions would use, or the reason why there is none or why that is
 * unknown. A container that cannot be chosen is a finding too.
 *
 * @throws EcshError of `resolveTask`, except for these reasons; `container-conflict`
 */
export async function findSubject(
  ecs: EcsApi,
  request: TargetRequest & { readonly isSingleTask?: boolean | undefined },
): Promise<FoundSubject> {
  const target = parseTarget(request.target);
  const { flags } = request;
  const containerName = requestedName({ inTarget: target.container, option: request.container });
  try {
    const { task, cluster, notices, siblings } = await resolveTask(ecs, {
      ...request,
      container: containerName,
      tags: true,
    });
    const service = serviceOf(task);
    const isJudgedWhole =
      !request.isSingleTask && target.kind !== 'family' && service !== undefined;
    return {
      subject: {
        task,
        cluster,
        containerName,
        service,
        flags,
        siblings: isJudgedWhole ? siblings : undefined,
      },
      notices,
    };
  } catch (error) {
    if (!(error instanceof EcshError)) throw error;
    if (!FINDINGS.includes(error.code) && !isUnseen(error)) throw error;
    // A word such as `prod` alone was not a target: there is nothing to diagnose.
    const isGuessed = target.cluster === undefined && request.cluster === undefined;
    if (error.code === 'cluster-not-found' && isGuessed) throw error;
    const cluster = nameInArn(target.cluster ?? request.cluster ?? 'default');
    const named = namedBy(target);
    const subject = { cluster, containerName, flags, ...named };
    const task = await leftBy(ecs, error, { cluster, service: named.service });
    if (task === undefined) {
      return { subject: { ...subject, task, whyNoTask: error }, notices: [] };
    }
    return { subject: { ...subject, task }, notices: [`${error.message} This is its last one.`] };
  }
}

/** The last task of a service that has no running one. */
async function leftBy(
  ecs: EcsApi,
  { code }: EcshError,
  { cluster, service }: { readonly cluster: string; readonly service: string | undefined },
): Promise<Task | undefined> {
  if (code !== 'no-running-task' || service === undefined) return undefined;
  try {
    return await lastFailedTask(ecs, cluster, service);
  } catch (problem) {
    // That there is no task is known without it.
    if (problem instanceof EcshError) return undefined;
    throw problem;
  }
}

function namedBy(target: ReturnType<typeof parseTarget>): Partial<DoctorSubject> {
  switch (target.kind) {
    case 'service':
      return { service: target.service };
    case 'task':
      return { taskId: target.task };
    case 'name':
      return isFullTaskId(target.name) ? { taskId: target.name } : { service: target.name };
    case 'family':
      return {};
  }
}
