import { EcshError } from '#domain/errors/errors.ts';
import type { KmsApi } from '#domain/ports/session-ports.ts';
import type { ProvidedKey } from '#protocol/channel-security.ts';
import type { KeyRequest } from '#protocol/handshake.ts';
import { type KeyExpectation, objectionToAnswer, objectionToKey } from './session-key.ts';

export interface DataKeyOptions {
  readonly sessionId: string;
  /** `ecs:CLUSTER_TASK_RUNTIMEID` as the agent computes it: KMS compares the two (PROTOCOL 1.3). */
  readonly targetId: string;
  /** Undefined: accept the key that the agent names. */
  readonly key: KeyExpectation | undefined;
  readonly kms: () => Promise<KmsApi>;
}

/** The data key, or the reason why there is none. */
export interface DataKeyResult {
  readonly key: ProvidedKey;
  readonly error: EcshError | undefined;
  /** The KMS key that encrypts the session, in the form that KMS returned. */
  readonly usedKeyId?: string | undefined;
}

/**
 * Requests the data key of a session from KMS (PROTOCOL 6.1). It uses the cluster's key if that is known,
 * regardless of the key that the agent names, because anyone who can decrypt with the key can read the session.
 * Never throws, because the agent needs an answer.
 */
export async function fetchDataKey(
  { sessionId, targetId, key: expected, kms }: DataKeyOptions,
  { kmsKeyId: named, challenge }: KeyRequest,
): Promise<DataKeyResult> {
  const objection = expected && objectionToKey(named, expected);
  if (objection !== undefined) return refused(wrongKey(objection, expected?.clusterKeyId));
  const keyId = expected?.clusterKeyId ?? named;
  try {
    const api = await kms();
    const { keyId: usedKeyId = keyId, ...key } = await api.generateDataKey({
      keyId,
      encryptionContext: {
        'aws:ssm:SessionId': sessionId,
        'aws:ssm:TargetId': targetId,
        ...(challenge === undefined ? {} : { 'aws:ssm:RandomChallenge': challenge }),
      },
    });
    const late = expected && objectionToAnswer(usedKeyId, named, expected);
    if (late === undefined) return { key, error: undefined, usedKeyId };
    key.plaintext.fill(0);
    return refused(wrongKey(late, expected?.clusterKeyId));
  } catch (cause) {
    return refused(noDataKey(keyId, cause));
  }
}

function refused(error: EcshError): DataKeyResult {
  return { key: { error: error.message }, error };
}

/** The owner of the key could read the session. */
function wrongKey(why: string, clusterKeyId: string | undefined): EcshError {
  return new EcshError('session-not-encrypted', `The session was ended for your safety: ${why}.`, {
    hint:
      clusterKeyId === undefined
        ? 'Allow your identity ecs:DescribeClusters, so that ecsh knows the key; or, if that key is yours, --allow-foreign-key.'
        : 'If the key of the cluster was changed just now, try again; else inform the owner of the cluster.',
  });
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
