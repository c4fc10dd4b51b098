import { EcshError } from '#domain/errors/errors.ts';
import type { EcsApi, ExecConfiguration } from '#domain/ports/ecs-ports.ts';
import { parseTarget } from '#domain/resolve/target.ts';
import { type RetryPolicy, retry } from './retry.ts';

export interface ConfigurationQuery {
  readonly target: string;
  readonly cluster?: string | undefined;
  /** Continue without an answer if AWS does not answer. */
  readonly allowUnencrypted?: boolean | undefined;
}

/**
 * `executeCommandConfiguration` of the target's cluster; `isUnknown` if we lack permission to read it.
 *
 * @throws EcshError `encryption-unknown` for any other failure: a session in a cluster with a key must not
 *   continue in plain text because ECS was busy.
 */
export async function describeConfiguration(
  ecs: () => Promise<EcsApi>,
  { target, cluster = 'default', allowUnencrypted = false }: ConfigurationQuery,
  retryPolicy: RetryPolicy,
  onDetail: (text: string) => void,
): Promise<ExecConfiguration> {
  const name = parseTarget(target).cluster ?? cluster;
  try {
    return await retry({ ...retryPolicy, onWait: () => undefined }, async () =>
      (await ecs()).describeExecConfiguration(name),
    );
  } catch (error) {
    if (!(error instanceof EcshError)) throw error;
    if (error.code !== 'access-denied' && !allowUnencrypted) throw unknown(name, error);
    onDetail(`Whether cluster ${name} encrypts its sessions is not known: ${error.message}`);
    return { isUnknown: true };
  }
}

function unknown(cluster: string, cause: EcshError): EcshError {
  const { message, retryable } = cause;
  return new EcshError(
    'encryption-unknown',
    `ecsh cannot find out whether cluster ${cluster} encrypts its sessions: ${message}`,
    {
      hint: 'Try again, or go on without knowing:  --allow-unencrypted',
      retryable,
      cause,
    },
  );
}

/** The known facts about the cluster's KMS key, for `LinkOptions`. */
export function keyOfCluster({ kmsKeyId, isUnknown }: ExecConfiguration): {
  readonly clusterKeyId: string | undefined;
  readonly isWithoutKey: boolean;
} {
  return { clusterKeyId: kmsKeyId, isWithoutKey: kmsKeyId === undefined && isUnknown !== true };
}

/**
 * Whether session logging is known to be on. DEFAULT logs only if the container uses awslogs, and a request
 * for its task definition would delay every command by a round trip.
 */
export function logsSessions({ logging }: ExecConfiguration): boolean {
  return logging === 'OVERRIDE';
}
