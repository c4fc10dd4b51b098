import type { DoctorSubject } from '../doctor/check-model.ts';
import { EcshError } from '../domain/errors.ts';
import type { EcsApi } from '../domain/ports.ts';
import { resolveTask } from '../domain/resolve.ts';
import { requestedName, serviceOf } from '../domain/selection.ts';
import { isFullTaskId, parseTarget } from '../domain/target.ts';
import type { TargetRequest } from '../session/ready-target.ts';

export interface FoundSubject {
  readonly subject: Omit<DoctorSubject, 'now'>;
  /** What the user is told on stderr. */
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
 * What to diagnose: the task as sessions would find it, or why there is none. A container that cannot
 * be chosen is a finding too.
 *
 * @throws EcshError of `resolveTask`, but for the reasons above; `container-conflict`
 */
export async function findSubject(ecs: EcsApi, request: TargetRequest): Promise<FoundSubject> {
  const target = parseTarget(request.target);
  const { flags } = request;
  const containerName = requestedName({ inTarget: target.container, option: request.container });
  try {
    const { task, cluster, notices } = await resolveTask(ecs, {
      ...request,
      container: containerName,
      tags: true,
    });
    const subject = { task, cluster, containerName, service: serviceOf(task), flags };
    return { subject, notices };
  } catch (error) {
    if (!(error instanceof EcshError) || !FINDINGS.includes(error.code)) throw error;
    const subject = {
      task: undefined,
      cluster: target.cluster ?? request.cluster ?? 'default',
      containerName,
      flags,
      whyNoTask: error,
      ...namedBy(target),
    };
    return { subject, notices: [] };
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
