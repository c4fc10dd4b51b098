import type { CheckId } from '#domain/readiness/check-id.ts';
import type { CheckResult } from '#domain/readiness/readiness-model.ts';
import { nameInArn } from '#domain/resolve/arn.ts';
import type { Diagnosis } from './diagnose.ts';

/** The object that `doctor --json` prints; keys are stable (docs/doctor.md). */
export interface DoctorReport {
  readonly ready: boolean;
  /** The target as given; null if only this machine was checked. */
  readonly target: string | null;
  readonly cluster: string | null;
  /** The ARN of the task. */
  readonly task: string | null;
  readonly container: string | null;
  /** The id of the check to look at first; null if the target is ready. */
  readonly primary: CheckId | null;
  readonly checks: readonly CheckReport[];
}

interface CheckReport {
  readonly id: CheckId;
  readonly status: CheckResult['status'];
  readonly severity: CheckResult['severity'];
  readonly title: string;
  readonly message: string;
  readonly fix?: CheckResult['fix'];
  readonly evidence: CheckResult['evidence'];
  readonly docs?: string | undefined;
}

export function reportOf(diagnosis: Diagnosis, target: string | undefined): DoctorReport {
  const { isReady, subject, container, primary, results } = diagnosis;
  return {
    ready: isReady,
    target: target ?? null,
    cluster: target === undefined ? null : subject.cluster,
    task: subject.task?.taskArn ?? null,
    container: container?.name ?? null,
    primary: primary?.id ?? null,
    checks: results.map(({ id, status, severity, title, message, fix, evidence, docs }) => ({
      id,
      status,
      severity,
      title,
      message,
      fix,
      evidence,
      docs,
    })),
  };
}

/** A name for the diagnosed target, such as `prod/web@app`. */
export function nameOf({ subject, container }: Diagnosis, target: string | undefined): string {
  if (target === undefined) return 'this computer';
  const { cluster, task, service, containerName } = subject;
  const name =
    service ?? (task === undefined ? (subject.taskId ?? target) : nameInArn(task.taskArn));
  const chosen = container?.name ?? containerName;
  const owner = name.includes('/') ? name : `${cluster}/${name}`;
  return chosen === undefined ? owner : `${owner}@${chosen}`;
}
