import type { CheckId } from '#domain/readiness/check-id.ts';
import type { CheckResult } from '#domain/readiness/readiness-model.ts';

/**
 * Suspects when ECS says that the target is not connected though its agent runs, the
 * likeliest first.
 */
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

const TROUBLE: readonly CheckResult['status'][] = ['fail', 'warn', 'info'];

/**
 * The likeliest reason why an agent that runs is not connected: a failure before a warning, and
 * either in the order of suspicion. Undefined: nothing suspicious was found.
 */
export function likeliestSuspect(results: readonly CheckResult[]): CheckResult | undefined {
  const found = SUSPECTS.flatMap((id) => results.filter((result) => result.id === id));
  return TROUBLE.map((status) => found.find((result) => result.status === status)).find(
    (result) => result !== undefined,
  );
}

/** A warning that is known to be a reason why sessions fail, for the first line beside "ready". */
export function riskOf(results: readonly CheckResult[]): CheckResult | undefined {
  const warnings = results.filter(({ status, isAdvice }) => status === 'warn' && !isAdvice);
  return warnings.find(({ id }) => id === 'service-tasks') ?? likeliestSuspect(warnings);
}
