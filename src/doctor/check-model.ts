import type { EcshError } from '#domain/errors/errors.ts';
import type { CheckId } from '#domain/readiness/check-id.ts';
import {
  type CheckOutcome,
  type CheckResult,
  type CheckSubject,
  skip,
} from '#domain/readiness/readiness-model.ts';
import type { Container, Task } from '#domain/resolve/task.ts';
import type { Area, Evidence } from './evidence.ts';

/** The task or service to diagnose. A service is known even when it has no task. */
export interface DoctorSubject extends CheckSubject {
  /** Name of the requested service, or of the task's service. */
  readonly service?: string | undefined;
  /** All tasks of the service, if doctor checks the whole service. */
  readonly siblings?: readonly Task[] | undefined;
  /** The error of the lookup if no task was found. */
  readonly whyNoTask?: EcshError | undefined;
  /** When the findings are evaluated (ms since the epoch). */
  readonly now: number;
}

/** A description of a check, from which the troubleshooting page is generated. */
export interface CheckDescription {
  readonly id: CheckId;
  readonly title: string;
  readonly area: Area;
  /** The status when the check does not pass. */
  readonly severity: CheckResult['severity'];
  /** The condition that the check verifies, and why ECS Exec depends on it. */
  readonly meaning: string;
  /** The remedy when it does not pass, for any target. */
  readonly remedy: string;
  /** A page with more details. */
  readonly docs?: string | undefined;
}

export interface DoctorContext extends DoctorSubject {
  readonly evidence: Evidence;
  /** Undefined if no container could be chosen. */
  readonly container: Container | undefined;
  /** The result of an earlier check. */
  readonly resultOf: (id: CheckId) => CheckResult | undefined;
}

export interface TaskContext extends DoctorContext {
  readonly task: Task;
}

export interface DoctorCheck extends CheckDescription {
  readonly run: (context: DoctorContext) => CheckOutcome;
}

/** Skips a check if there is no task. */
export function forTask(run: (context: TaskContext) => CheckOutcome): DoctorCheck['run'] {
  return (context) =>
    context.task === undefined
      ? skip('There is no task.')
      : run({ ...context, task: context.task });
}

/** A running exec agent rules some failures out for this task. */
export function isAgentRunning({ resultOf }: Pick<DoctorContext, 'resultOf'>): boolean {
  return resultOf('exec-agent-status')?.status === 'pass';
}
