import { type CheckResult, pass } from '#domain/readiness/readiness-model.ts';
import type { Evidence } from './evidence.ts';
import { knownValue } from './finding.ts';

/**
 * Refines `async-placement`, which warns about every capacity provider: only one with managed scaling
 * can place a task before its instance exists.
 */
export function confirmPlacement(
  result: CheckResult,
  { capacityProvider }: Pick<Evidence, 'capacityProvider'>,
  isAgentRunning: boolean,
): CheckResult {
  if (result.status !== 'fail' && result.status !== 'warn') return result;
  const provider = knownValue(capacityProvider);
  if (provider === undefined) return result;
  const managedScaling = provider.autoScalingGroupProvider?.managedScaling?.status;
  const evidence = { ...result.evidence, managedScaling };
  if (managedScaling === 'ENABLED') {
    return {
      ...result,
      message: `Started with run-task through capacity provider ${provider.name}, whose managed scaling may place a task before its instance exists; ECS then adds no exec agent.${isAgentRunning ? ' This task has an agent that runs; the next may have none.' : ''}`,
      evidence,
    };
  }
  const { fix: _, ...rest } = result;
  const message = `Capacity provider ${provider.name} has no managed scaling.`;
  return { ...rest, ...pass(message, evidence) };
}
