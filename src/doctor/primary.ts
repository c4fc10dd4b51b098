import type { CheckId } from '#domain/readiness/check-id.ts';
import type { CheckResult } from '#domain/readiness/readiness-model.ts';

/** Checks on which all others depend: if one fails, nothing is known about the rest. */
const FOUNDATIONS: readonly CheckId[] = [
  'local-region-credentials',
  'caller-identity',
  'cluster-active',
  'task-exists',
  'task-status',
];

/** Failures that no change to this task, role or network can fix: they lead even when something else is wrong too. */
const UNFIXABLE: readonly CheckId[] = ['nano-server', 'windows-os-family'];

/** Failures of other tasks in the service come after every failure of this one. */
const OF_OTHERS: readonly CheckId[] = ['service-tasks'];

/** A failure on the left is a consequence of one on the right, the likeliest first. */
const CAUSES: Readonly<Partial<Record<CheckId, readonly CheckId[]>>> = {
  // The tasks of a service that start and fail again and again.
  'task-status': ['service-tasks'],
  'task-exists': ['local-region-credentials', 'caller-identity', 'cluster-active'],
  'egress-route': ['vpce-ssmmessages', 'vpce-usable'],
  // A channel that cannot be opened comes before a log that cannot be written.
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
 * The failure to show first: one that cannot be fixed, then the first in the order of the
 * table, those that pass by themselves last; for a consequence, what explains it.
 */
export function primaryOf(results: readonly CheckResult[]): CheckResult | undefined {
  const failures = results.filter(({ status }) => status === 'fail');
  const own = failures.filter(({ id }) => !OF_OTHERS.includes(id));
  const first = own.find(({ retryable }) => !retryable) ?? own[0] ?? failures[0];
  if (first === undefined) return undefined;
  const named = (ids: readonly CheckId[]) =>
    ids.flatMap((id) => failures.filter((failure) => failure.id === id))[0];
  if (FOUNDATIONS.includes(first.id)) return named(CAUSES[first.id] ?? []) ?? first;
  return named(UNFIXABLE) ?? named(CAUSES[first.id] ?? []) ?? first;
}
