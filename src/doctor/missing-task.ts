import { awsCommand } from '#domain/errors/aws-command.ts';
import type { EcshError } from '#domain/errors/errors.ts';
import type { ServiceDetails } from '#domain/ports/ecs-responses.ts';
import type { CheckFix, CheckResult } from '#domain/readiness/readiness-model.ts';
import type { DoctorSubject } from './check-model.ts';
import type { SetupEvidence } from './evidence.ts';
import { knownValue } from './finding.ts';
import { fixFromHint } from './fix-from-hint.ts';

/** Codes of failures that leave open whether the task exists. */
const UNSEEN = ['access-denied', 'aws-error', 'answer-unreadable', 'service-unavailable'];

/** Whether the task may exist, because the lookup failed. */
export function isUnseen({ code }: EcshError): boolean {
  return UNSEEN.includes(code);
}

/** Explains in `task-exists` why no task was found: the error of the lookup, and the state of the service. */
export function explainMissingTask(
  result: CheckResult,
  subject: DoctorSubject,
  evidence: Pick<SetupEvidence, 'service'>,
): CheckResult {
  const { whyNoTask } = subject;
  if (whyNoTask === undefined) return result;
  const service = knownValue(evidence.service);
  const explained: CheckResult = {
    ...result,
    status: isUnseen(whyNoTask) ? 'unknown' : result.status,
    message: whyNoTask.message,
    fix: whyNoTask.hint === undefined ? undefined : fixFromHint(whyNoTask.hint),
    retryable: whyNoTask.retryable,
    evidence: { code: whyNoTask.code },
  };
  return service === undefined
    ? explained
    : { ...explained, ...withService(explained, service, subject) };
}

function withService(
  result: CheckResult,
  { desiredCount, runningCount, pendingCount, status, deployments = [] }: ServiceDetails,
  subject: DoctorSubject,
): CheckResult {
  const failedTasks = deployments.reduce((sum, { failedTasks: failed = 0 }) => sum + failed, 0);
  const state = { status, desiredCount, runningCount, pendingCount, failedTasks };
  const evidence = { ...result.evidence, ...state };
  if (desiredCount === 0) {
    const message = `${result.message} It is scaled to 0.`;
    return { ...result, message, fix: scaleFix(subject), evidence };
  }
  const failures =
    failedTasks === 0
      ? ''
      : ` ${failedTasks} ${failedTasks === 1 ? 'task' : 'tasks'} failed to start.`;
  return { ...result, message: `${result.message}${failures}`, evidence };
}

function scaleFix({ cluster, service = '', flags }: DoctorSubject): CheckFix {
  const words = ['ecs', 'update-service', '--cluster', cluster, '--service', service];
  return {
    summary: 'Start a task',
    command: awsCommand([...words, '--desired-count', '1'], flags),
  };
}
