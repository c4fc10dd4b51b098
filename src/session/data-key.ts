import { EcshError } from '#domain/errors/errors.ts';
import type { KmsApi } from '#domain/ports/session-ports.ts';
import type { ProvidedKey } from '#protocol/channel-security.ts';
import type { KeyRequest } from '#protocol/handshake.ts';

export interface DataKeyOptions {
  readonly sessionId: string;
  /** `ecs:CLUSTER_TASK_RUNTIMEID` as the agent computes it: KMS compares the two (PROTOCOL 1.3). */
  readonly targetId: string;
  readonly kms: () => Promise<KmsApi>;
}

/** The data key, or what to tell the agent and the user instead. */
export interface DataKeyResult {
  readonly key: ProvidedKey;
  readonly error: EcshError | undefined;
}

/** Asks KMS for the key of a session (PROTOCOL 6.1). Never throws: the agent is owed an answer. */
export async function fetchDataKey(
  { sessionId, targetId, kms }: DataKeyOptions,
  { kmsKeyId, challenge }: KeyRequest,
): Promise<DataKeyResult> {
  try {
    const api = await kms();
    const key = await api.generateDataKey({
      keyId: kmsKeyId,
      encryptionContext: {
        'aws:ssm:SessionId': sessionId,
        'aws:ssm:TargetId': targetId,
        ...(challenge === undefined ? {} : { 'aws:ssm:RandomChallenge': challenge }),
      },
    });
    return { key, error: undefined };
  } catch (cause) {
    const error = noDataKey(kmsKeyId, cause);
    return { key: { error: error.message }, error };
  }
}

function noDataKey(keyId: string, cause: unknown): EcshError {
  const why = cause instanceof Error ? cause.message : String(cause);
  const hint = cause instanceof EcshError ? cause.hint : undefined;
  return new EcshError(
    'data-key-refused',
    `The cluster encrypts sessions with ${keyId}, and KMS gives no data key: ${why}`,
    {
      hint:
        hint ??
        'Your identity needs kms:GenerateDataKey on that key, in its own policy and in the key policy.',
      cause,
    },
  );
}
