import type { EcsApi, ExecConfiguration } from '#domain/ports/ecs-ports.ts';
import { parseTarget } from '#domain/resolve/target.ts';

/**
 * `executeCommandConfiguration` of the target's cluster. Sessions work without this knowledge: a
 * caller who may not look gets the careful defaults.
 */
export async function describeConfiguration(
  ecs: () => Promise<EcsApi>,
  {
    target,
    cluster = 'default',
  }: { readonly target: string; readonly cluster?: string | undefined },
): Promise<ExecConfiguration> {
  const name = parseTarget(target).cluster ?? cluster;
  try {
    return await (await ecs()).describeExecConfiguration(name);
  } catch {
    return {};
  }
}

/**
 * Whether somebody is known to read the session's log. DEFAULT logs only where the container
 * uses awslogs (READINESS 5), and to ask its task definition would put off every command by a round trip.
 */
export function logsSessions({ logging }: ExecConfiguration): boolean {
  return logging === 'OVERRIDE';
}
