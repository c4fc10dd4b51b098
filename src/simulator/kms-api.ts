import { randomBytes } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { ApiError } from './api-error.ts';
import type { ApiInput } from './api-input.ts';
import type { Faults } from './faults.ts';

const DEFAULT_KEY_BYTES = 32;

interface DataKey {
  readonly plaintext: Buffer;
  readonly context: string;
}

/** Data keys by their ciphertext, each bound to its encryption context (PROTOCOL 6.1). */
export class KeyStore {
  readonly #keys = new Map<string, DataKey>();

  generate(length: number, context: Readonly<Record<string, string>>) {
    const plaintext = randomBytes(length);
    const ciphertext = randomBytes(184).toString('base64');
    this.#keys.set(ciphertext, { plaintext, context: canonical(context) });
    return { ciphertext, plaintext };
  }

  /** @throws ApiError `InvalidCiphertextException` for another context than the key was made with */
  decrypt(ciphertext: string, context: Readonly<Record<string, string>>): Buffer {
    const key = this.#keys.get(ciphertext);
    if (key === undefined || key.context !== canonical(context)) {
      throw new ApiError('InvalidCiphertextException', 'InvalidCiphertextException: ');
    }
    return key.plaintext;
  }
}

type KmsFaults = Pick<Faults, 'kmsError' | 'kmsDelayMs'>;

/** The KMS operations of a session's two ends. */
export class KmsApi {
  readonly #store: KeyStore;
  readonly #keyIds: readonly string[];
  readonly #faults: () => KmsFaults;

  constructor(store: KeyStore, keyIds: readonly string[], faults: () => KmsFaults) {
    this.#store = store;
    this.#keyIds = keyIds;
    this.#faults = faults;
  }

  readonly operations: Readonly<Record<string, (input: ApiInput) => object | Promise<object>>> = {
    GenerateDataKey: (input) => this.#generateDataKey(input),
    DescribeKey: (input) => this.#describeKey(input),
  };

  async #generateDataKey(input: ApiInput): Promise<object> {
    const keyId = this.#requireKey(input);
    const { kmsError, kmsDelayMs } = this.#faults();
    if (kmsError !== '') throw new ApiError(kmsError, wordsOf(kmsError, keyId));
    if (kmsDelayMs > 0) await setTimeout(kmsDelayMs, undefined, { ref: false });
    const length = input.number('NumberOfBytes') ?? DEFAULT_KEY_BYTES;
    const key = this.#store.generate(length, input.textMap('EncryptionContext'));
    return {
      CiphertextBlob: key.ciphertext,
      Plaintext: key.plaintext.toString('base64'),
      KeyId: keyId,
    };
  }

  #describeKey(input: ApiInput): object {
    const keyId = this.#requireKey(input);
    return {
      KeyMetadata: {
        Arn: keyId,
        KeyId: keyId.slice(keyId.lastIndexOf('/') + 1),
        Enabled: true,
        KeyState: 'Enabled',
        KeyUsage: 'ENCRYPT_DECRYPT',
        KeySpec: 'SYMMETRIC_DEFAULT',
        KeyManager: 'CUSTOMER',
      },
    };
  }

  #requireKey(input: ApiInput): string {
    const reference = input.text('KeyId') ?? '';
    const keyId = this.#keyIds.find((id) => id === reference || id.endsWith(`/${reference}`));
    if (keyId !== undefined) return keyId;
    throw new ApiError('NotFoundException', `Key '${reference}' does not exist`);
  }
}

/** As KMS says it. */
function wordsOf(error: string, keyId: string): string {
  switch (error) {
    case 'AccessDeniedException':
      return `User: arn:aws:iam::123456789012:user/simulator is not authorized to perform: kms:GenerateDataKey on resource: ${keyId} because no identity-based policy allows the kms:GenerateDataKey action`;
    case 'DisabledException':
      return `${keyId} is disabled.`;
    case 'KMSInvalidStateException':
      return `${keyId} is pending deletion.`;
    default:
      return `Key '${keyId}' does not exist`;
  }
}

function canonical(context: Readonly<Record<string, string>>): string {
  return JSON.stringify(Object.entries(context).sort());
}
