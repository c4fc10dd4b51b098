import type { CheckId } from '#domain/readiness/check-id.ts';
import type { CheckResult } from '#domain/readiness/readiness-model.ts';

/** Checks that all others depend on: if one fails, nothing is known about the rest. */
const FOUNDATIONS: readonly CheckId[] = [
  'local-region-credentials',
  'caller-identity',
  'cluster-active',
  'task-exists',
  'task-status',
];

/** No change to the task, its role or its network can fix these failures, so they come before all fixable ones. */
const UNFIXABLE: readonly CheckId[] = ['nano-server', 'windows-os-family'];

/** Checks of the service's other tasks. Their failures come after every failure of this task. */
const OTHER_TASK_CHECKS: readonly CheckId[] = ['service-tasks'];

/** For each check, the failures that can cause its failure, likeliest first. */
const CAUSES: Readonly<Partial<Record<CheckId, readonly CheckId[]>>> = {
  // This task stopped because the service's tasks fail again and again after they start.
  'task-status': ['service-tasks'],
  'task-exists': ['local-region-credentials', 'caller-identity', 'cluster-active'],
  'egress-route': ['vpce-ssmmessages', 'vpce-usable'],
  // An endpoint that blocks sessions matters more than one that only blocks their logs.
  'vpce-logs': ['vpce-usable'],
  'vpce-s3': ['vpce-usable'],
  'exec-agent-present': [
    'fargate-platform-version',
    'agent-version',
    'instance-ami',
    'async-placement',
    'agent-connected',
  ],
  'exec-agent-status': [
    'memory-headroom',
    'readonly-root-fs',
    'pid-mode',
    'linux-capabilities',
    'agent-connected',
    'agent-version',
    'instance-ami',
  ],
};

/**
 * Returns the failure to show first, in three steps:
 *
 * 1. Take the first failure of this task that is not transient. If there is none, take the first
 *    failure of this task, then the first of all.
 * 2. If all foundations hold, an unfixable failure replaces it.
 * 3. Otherwise a failure that causes it replaces it.
 */
export function primaryOf(results: readonly CheckResult[]): CheckResult | undefined {
  const failures = results.filter(({ status }) => status === 'fail');
  const own = failures.filter(({ id }) => !OTHER_TASK_CHECKS.includes(id));
  const first = own.find(({ retryable }) => !retryable) ?? own[0] ?? failures[0];
  if (first === undefined) return undefined;
  const firstFailed = (ids: readonly CheckId[]) =>
    ids.flatMap((id) => failures.filter((failure) => failure.id === id))[0];
  if (FOUNDATIONS.includes(first.id)) return firstFailed(CAUSES[first.id] ?? []) ?? first;
  return firstFailed(UNFIXABLE) ?? firstFailed(CAUSES[first.id] ?? []) ?? first;
}
