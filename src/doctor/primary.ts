import type { CheckResult } from '#domain/readiness/readiness-model.ts';

/** A failure on the left is a consequence of one on the right, which says more (READINESS 1.2, 1.3). */
const CAUSES: Readonly<Record<string, readonly string[]>> = {
  'task-exists': ['cluster-active', 'caller-identity', 'local-region-credentials'],
  'egress-route': ['vpce-ssmmessages'],
  'exec-agent-present': [
    'fargate-platform-version',
    'async-placement',
    'agent-version',
    'agent-connected',
    'windows-os-family',
    'nano-server',
  ],
  'exec-agent-status': [
    'readonly-root-fs',
    'pid-mode',
    'agent-connected',
    'agent-version',
    'nano-server',
    'windows-os-family',
  ],
};

/**
 * The failure to show first (READINESS 1.1): the first in table order, after those that pass by
 * themselves; for a consequence, what explains it.
 */
export function primaryOf(results: readonly CheckResult[]): CheckResult | undefined {
  const failures = results.filter(({ status }) => status === 'fail');
  const first = failures.find(({ retryable }) => !retryable) ?? failures[0];
  const causes = CAUSES[first?.id ?? ''] ?? [];
  return failures.find(({ id }) => causes.includes(id)) ?? first;
}
