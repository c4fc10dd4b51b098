import type { CheckId } from '#domain/readiness/check-id.ts';
import type { CheckResult } from '#domain/readiness/readiness-model.ts';

/** Checks that can explain a disconnected agent that ECS reports as running, likeliest first. */
const SUSPECTS: readonly CheckId[] = [
  'exec-agent-present',
  'exec-agent-status',
  'pid-mode',
  'restart-policy',
  'exec-agent-restarted',
  'task-role',
  'task-role-ssmmessages',
  'execution-role-mixup',
  'instance-profile-role',
  'permissions-boundary',
  'service-control-policy',
  'task-role-trust',
  'egress-route',
  'public-ip',
  'vpce-ssmmessages',
  'vpce-usable',
  'security-groups',
  'network-acls',
  'vpc-dns',
  'ipv6-only',
  'env-static-credentials',
  'env-credential-override',
  'env-proxy',
  'agent-connected',
  'readonly-root-fs',
];

const BY_SEVERITY: readonly CheckResult['status'][] = ['fail', 'warn', 'info'];

/**
 * Returns the likeliest reason why a running agent is not connected: failures first, then warnings, then info
 * results, each in the order of `SUSPECTS`. Undefined if no check explains it.
 */
export function likeliestSuspect(results: readonly CheckResult[]): CheckResult | undefined {
  const found = SUSPECTS.flatMap((id) => results.filter((result) => result.id === id));
  return BY_SEVERITY.flatMap((status) => found.filter((result) => result.status === status)).at(0);
}

/** Returns a warning that is known to make sessions fail. The first line shows it next to "ready". */
export function riskOf(results: readonly CheckResult[]): CheckResult | undefined {
  const warnings = results.filter(({ status, isAdvice }) => status === 'warn' && !isAdvice);
  return warnings.find(({ id }) => id === 'service-tasks') ?? likeliestSuspect(warnings);
}
