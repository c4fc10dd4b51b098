import type { ServiceDetails } from '#domain/ports/ecs-responses.ts';
import type { CheckResult } from '#domain/readiness/readiness-model.ts';
import type { DoctorSubject } from './check-model.ts';
import type { SetupEvidence } from './evidence.ts';
import { knownValue } from './finding.ts';

/**
 * The deployment with which ECS replaced a failed one, if it started the task. The service may still have ECS
 * Exec on, and turning it on again would fail again.
 */
export function rollbackOf(
  { task }: Pick<DoctorSubject, 'task'>,
  { deployments = [] }: ServiceDetails,
) {
  const primary = deployments.find(({ status }) => status === 'PRIMARY');
  const { id, rolloutStateReason = '' } = primary ?? {};
  const isRollback = /circuit breaker|roll(?:ing|ed) back|alarm/i.test(rolloutStateReason);
  return isRollback && id !== undefined && task?.startedBy === id
    ? { id, rolloutStateReason }
    : undefined;
}

/** Explains in `exec-enabled` that the last attempt was rolled back. */
export function explainRollback(
  result: CheckResult,
  subject: DoctorSubject,
  { service }: Pick<SetupEvidence, 'service'>,
): CheckResult {
  const details = knownValue(service);
  const rollback = details === undefined ? undefined : rollbackOf(subject, details);
  if (result.status !== 'fail' || rollback === undefined || result.fix === undefined) return result;
  return {
    ...result,
    message: `${result.message} ${rollbackText(rollback)}`,
    fix: { ...result.fix, summary: AFTER_ROLLBACK },
  };
}

export function rollbackText({
  id,
  rolloutStateReason,
}: NonNullable<ReturnType<typeof rollbackOf>>) {
  return `Deployment ${id} started it in place of one that failed (${rolloutStateReason.replace(/\.$/, '')}).`;
}

export const AFTER_ROLLBACK = 'Repair what made the last deployment fail, then turn it on again';
