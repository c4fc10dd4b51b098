import { awsCommand } from '../domain/aws-command.ts';
import type { ServiceDetails } from '../domain/doctor-ports.ts';
import type { CheckFix, CheckResult } from '../domain/readiness-model.ts';
import type { DoctorSubject } from './check-model.ts';
import type { SetupEvidence } from './evidence.ts';
import { knownValue } from './finding.ts';

/** Says in `task-exists` why there is no task: what finding it failed with, and what its service says. */
export function explainMissingTask(
  result: CheckResult,
  subject: DoctorSubject,
  evidence: Pick<SetupEvidence, 'service'>,
): CheckResult {
  const { whyNoTask } = subject;
  if (whyNoTask === undefined) return result;
  const service = knownValue(evidence.service);
  const told: CheckResult = {
    ...result,
    message: whyNoTask.message,
    ...(whyNoTask.hint === undefined ? {} : { fix: { summary: whyNoTask.hint } }),
    retryable: whyNoTask.retryable,
    evidence: { code: whyNoTask.code },
  };
  return service === undefined ? told : { ...told, ...withService(told, service, subject) };
}

function withService(
  result: CheckResult,
  service: ServiceDetails,
  subject: DoctorSubject,
): Pick<CheckResult, 'message' | 'fix' | 'evidence' | 'retryable'> {
  const { desiredCount = 0, runningCount, pendingCount, status, deployments = [] } = service;
  const event = lastTrouble(service);
  const evidence = { ...result.evidence, status, desiredCount, runningCount, pendingCount, event };
  const failed = deployments.reduce((sum, { failedTasks = 0 }) => sum + failedTasks, 0);
  const failures = failed === 0 ? '' : ` ${failed} tasks failed to start.`;
  const says = event === undefined ? '' : ` ECS says: ${event}`;
  if (status !== undefined && status !== 'ACTIVE') {
    return { ...result, message: `${result.message} It is ${status}.`, evidence };
  }
  if (desiredCount === 0) {
    const message = `${result.message} It is scaled to 0.`;
    return { message, fix: scaleFix(subject), evidence, retryable: false };
  }
  const message = `${result.message} It wants ${desiredCount}.${failures}${says}`;
  return { ...result, message, evidence };
}

function scaleFix({ cluster, service = '', flags }: DoctorSubject): CheckFix {
  const words = ['ecs', 'update-service', '--cluster', cluster, '--service', service];
  return {
    summary: 'Start a task',
    command: awsCommand([...words, '--desired-count', '1'], flags),
  };
}

/** The latest event that is no good news: why a task could not be placed or did not stay. */
function lastTrouble({ events = [] }: ServiceDetails): string | undefined {
  return events.find(({ message = '' }) => !/steady state|has started|registered/.test(message))
    ?.message;
}
