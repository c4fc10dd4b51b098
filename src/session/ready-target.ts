import type { AwsFlags } from '#domain/errors/aws-command.ts';
import type { EcsApi } from '#domain/ports/ecs-ports.ts';
import { assertReady, type ReadyTarget } from '#domain/readiness/readiness.ts';
import { resolveContainerTarget } from '#domain/resolve/resolve.ts';
import type { DecideContainer } from '#domain/resolve/selection.ts';
import { type RetryPolicy, retry } from './retry.ts';

export interface TargetRequest {
  readonly target: string;
  readonly cluster: string | undefined;
  readonly container: string | undefined;
  readonly strict: boolean;
  readonly decideContainer?: DecideContainer | undefined;
  readonly flags: AwsFlags;
}

/**
 * The target of a command, ready for a session.
 *
 * @throws EcshError of `resolveContainerTarget` or `assertReady`, when the waiting time is over.
 */
export function findReadyTarget(
  ecs: EcsApi,
  request: TargetRequest,
  retryPolicy: RetryPolicy,
  signal?: AbortSignal,
): Promise<ReadyTarget> {
  return retry(
    retryPolicy,
    async () => assertReady(await resolveContainerTarget(ecs, request), request.flags),
    signal,
  );
}
