import type { CheckResult } from '#domain/readiness/readiness-model.ts';
import type { ExecPlan } from '#rollout/exec-change.ts';

/** How many tasks a plan lists by id. */
const LISTED = 5;

/** The plan, to read before confirming. */
export function describePlan(
  plan: ExecPlan,
  findings: readonly CheckResult[],
  isOn: boolean,
): readonly string[] {
  const head = `Service ${plan.service} in cluster ${plan.cluster}:`;
  if (plan.kind === 'nothing') return [head, `  ECS Exec is ${isOn ? 'on' : 'off'} already.`];
  if (plan.kind === 'follow') return [head, '  A deployment that does this is in progress.'];
  return [
    head,
    ...plan.changes.map((change) => `  ${change}`),
    ...listed(plan.replaced).map((id) => `    ${id}`),
    ...plan.warnings.flatMap((warning) => `  Note: ${warning}`.split('\n').map(indentedAfterFirst)),
    ...findings.map(
      ({ status, message }) => `  ${status === 'fail' ? 'Obstacle' : 'Note'}: ${message}`,
    ),
  ];
}

function indentedAfterFirst(line: string, index: number): string {
  return index === 0 ? line : `    ${line}`;
}

function listed(ids: readonly string[]): readonly string[] {
  const more = ids.length - LISTED;
  return more <= 0 ? ids : [...ids.slice(0, LISTED), `and ${more} more`];
}

/** Keys are stable. */
export function planAsJson(plan: ExecPlan, findings: readonly CheckResult[]): object {
  const { request, kind, ...rest } = plan;
  return {
    ...rest,
    findings: findings.map(({ id, status, message }) => ({ id, status, message })),
    request: kind === 'change' ? { operation: 'UpdateService', input: request } : null,
  };
}
