import { type AwsFlags, ecshCommand } from '#domain/errors/aws-command.ts';
import { EcshError } from '#domain/errors/errors.ts';
import type { ErrorCode } from '#domain/errors/table/error-table.ts';
import { nameInArn } from '#domain/resolve/arn.ts';
import type { ResolvedTarget } from '#domain/resolve/resolve.ts';
import { chooseContainer } from '#domain/resolve/selection.ts';
import type { Container, Task } from '#domain/resolve/task.ts';
import { CONTAINER_CHECKS, HEALTH_CHECK } from './container-checks.ts';
import type {
  Check,
  CheckContext,
  CheckFix,
  CheckResult,
  CheckSubject,
} from './readiness-model.ts';
import { PLATFORM_CHECKS, TASK_CHECKS } from './task-checks.ts';

/** A target that is ready for a session. */
export interface ReadyTarget extends ResolvedTarget {
  readonly targetId: string;
}

/** In the order of the report, after `task-exists`. A check sees the results before it. */
const CHECKS: readonly Check[] = [
  ...TASK_CHECKS,
  ...CONTAINER_CHECKS,
  ...PLATFORM_CHECKS,
  HEALTH_CHECK,
];

/** Our error code for each failed check. */
const CODES: Readonly<Record<string, ErrorCode>> = {
  'task-exists': 'task-not-found',
  'task-status': 'task-not-running',
  'exec-enabled': 'exec-disabled',
  'container-selection': 'container-not-found',
  'container-running': 'container-not-running',
  'container-runtime-id': 'container-not-running',
  'exec-agent-present': 'exec-agent-missing',
  'exec-agent-status': 'exec-agent-not-running',
  'fargate-platform-version': 'fargate-platform-too-old',
  'async-placement': 'exec-agent-missing',
};

/** Failures that explain why ECS added no agent. */
const WHY_NO_AGENT = ['fargate-platform-version', 'async-placement'];

/** Warnings to show to a user who opens a session in a ready task. */
const WORTH_SAYING = ['task-stopping', 'task-connectivity'];

/**
 * The checks that only need DescribeTasks (tier A), in the order of the report. Consequences of a failure are
 * `skip`, so that a report shows causes.
 */
export function checkTask(subject: CheckSubject): readonly CheckResult[] {
  const { task } = subject;
  const results: CheckResult[] = [existence(subject)];
  if (task === undefined) {
    return [...results, ...CHECKS.map((check) => skipped(check, 'The task was not found.'))];
  }
  const context: CheckContext = {
    ...subject,
    task,
    container: containerOf(task, subject.containerName),
    resultOf: (id) => results.find((result) => result.id === id),
  };
  for (const check of CHECKS) {
    const { run, ...description } = check;
    results.push({ retryable: false, evidence: {}, ...description, ...run(context) });
  }
  return results;
}

/** Exec can work: no check fails. */
export function isReady(results: readonly CheckResult[]): boolean {
  return results.every(({ status }) => status !== 'fail');
}

/** Whether it is ready for a session; if not, with the code and message of `assertReady`. */
export interface ExecReadiness {
  readonly ready: boolean;
  readonly code: ErrorCode | null;
  readonly reason: string | null;
}

export function execReadiness(subject: CheckSubject): ExecReadiness {
  const cause = primaryCause(checkTask(subject));
  if (cause === undefined) return { ready: true, code: null, reason: null };
  return { ready: false, code: codeOf(cause), reason: cause.message };
}

/** Not ready now, but all obstacles are temporary: `--wait` waits for them. */
export function isWorthWaiting(results: readonly CheckResult[]): boolean {
  const failures = results.filter(({ status }) => status === 'fail');
  return failures.length > 0 && failures.every(({ retryable }) => retryable);
}

/**
 * The failure to show first: the first one in table order, after temporary ones; for a missing agent, the
 * check that explains why it is missing.
 */
export function primaryCause(results: readonly CheckResult[]): CheckResult | undefined {
  const failures = results.filter(({ status }) => status === 'fail');
  const first = failures.find(({ retryable }) => !retryable) ?? failures[0];
  if (first?.id !== 'exec-agent-present') return first;
  return failures.find(({ id }) => WHY_NO_AGENT.includes(id)) ?? first;
}

/**
 * Returns the target if it is ready for a session, with warnings in its notices.
 *
 * @throws EcshError with the code of the primary cause (`exec-disabled`, `exec-agent-not-running`,
 *   …), `retryable` if waiting helps.
 */
export function assertReady(target: ResolvedTarget, flags: AwsFlags = {}): ReadyTarget {
  const { task, container, cluster, targetId } = target;
  const results = checkTask({ task, cluster, containerName: container.name, flags });
  const cause = primaryCause(results);
  if (cause !== undefined) throw notReady(cause, isWorthWaiting(results));
  if (targetId === undefined) throw new Error('A ready container has a runtime id.');
  const warnings = results.filter(
    ({ id, status }) => status === 'warn' && WORTH_SAYING.includes(id),
  );
  return { ...target, targetId, notices: [...target.notices, ...warnings.map((w) => w.message)] };
}

function codeOf({ id }: CheckResult): ErrorCode {
  return CODES[id] ?? 'exec-not-ready';
}

function notReady(cause: CheckResult, retryable: boolean): EcshError {
  const { message, fix } = cause;
  return new EcshError(codeOf(cause), message, {
    ...(fix === undefined ? {} : { hint: hintOf(fix) }),
    retryable,
  });
}

function hintOf({ summary, command }: CheckFix): string {
  return command === undefined ? summary : `${summary.replace(/\.$/, '')}:  ${command}`;
}

function existence(subject: CheckSubject): CheckResult {
  const description = { id: 'task-exists', title: 'Task exists', severity: 'fail' } as const;
  const { task, cluster, region, account, flags } = subject;
  const common = { ...description, retryable: false };
  if (task !== undefined) {
    const message = `Task ${nameInArn(task.taskArn)} is in cluster ${cluster}.`;
    return { ...common, status: 'pass', message, evidence: { taskArn: task.taskArn } };
  }
  const place = [region, account === undefined ? undefined : `account ${account}`]
    .filter((part) => part !== undefined)
    .join(', ');
  const where = place === '' ? cluster : `${cluster} (${place})`;
  const command = ecshCommand(['ls', 'tasks', cluster], flags);
  return {
    ...common,
    status: 'fail',
    message: `Task ${subject.taskId ?? ''} was not found in cluster ${where}. ECS forgets a stopped task after about an hour.`,
    fix: { summary: 'Check cluster, --region and --profile, or list the tasks', command },
    evidence: { reason: 'MISSING' },
  };
}

function skipped({ id, title, severity }: Check, message: string): CheckResult {
  return { id, title, severity, status: 'skip', message, evidence: {}, retryable: false };
}

function containerOf(task: Task, name: string | undefined): Container | undefined {
  if (name !== undefined) return task.containers.find((container) => container.name === name);
  const choice = chooseContainer(task);
  return choice.kind === 'chosen' ? choice.container : undefined;
}
