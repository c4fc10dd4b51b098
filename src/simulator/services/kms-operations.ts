import { randomBytes } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { nameInArn } from '#domain/resolve/arn.ts';
import { ApiError } from '#simulator/api/api-error.ts';
import type { ApiInput } from '#simulator/api/api-input.ts';
import type { Fleet } from '#simulator/fleet/fleet.ts';
import type { FleetKey } from '#simulator/fleet/fleet-account.ts';
import type { Faults } from '#simulator/gateway/faults.ts';

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

  /** @throws ApiError `InvalidCiphertextException` if the key was created with another context */
  decrypt(ciphertext: string, context: Readonly<Record<string, string>>): Buffer {
    const key = this.#keys.get(ciphertext);
    if (key === undefined || key.context !== canonical(context)) {
      throw new ApiError('InvalidCiphertextException', 'InvalidCiphertextException: ');
    }
    return key.plaintext;
  }
}

type KmsFaults = Pick<Faults, 'kmsError' | 'kmsDelayMs'>;

/** The KMS operations that both ends of a session use, and those that describe a key. */
export class KmsOperations {
  readonly #store: KeyStore;
  readonly #fleet: Fleet;
  readonly #faults: () => KmsFaults;
  /** Changed states by ARN. */
  readonly #states = new Map<string, string>();

  constructor(store: KeyStore, fleet: Fleet, faults: () => KmsFaults) {
    this.#store = store;
    this.#fleet = fleet;
    this.#faults = faults;
  }

  readonly operations: Readonly<Record<string, (input: ApiInput) => object | Promise<object>>> = {
    GenerateDataKey: (input) => this.#generateDataKey(input),
    EnableKey: (input) => this.#enable(input),
    CancelKeyDeletion: (input) => this.#cancelDeletion(input),
    DescribeKey: (input) => this.#describeKey(input),
    GetKeyPolicy: (input) => this.#getKeyPolicy(input),
  };

  async #generateDataKey(input: ApiInput): Promise<object> {
    const { id: keyId, state } = this.#requireKey(input);
    const { kmsError, kmsDelayMs } = this.#faults();
    if (kmsError !== '') throw new ApiError(kmsError, wordsOf(kmsError, keyId));
    requireEnabled(keyId, state);
    if (kmsDelayMs > 0) await setTimeout(kmsDelayMs, undefined, { ref: false });
    const length = input.number('NumberOfBytes') ?? DEFAULT_KEY_BYTES;
    const key = this.#store.generate(length, input.textMap('EncryptionContext'));
    return {
      CiphertextBlob: key.ciphertext,
      Plaintext: key.plaintext.toString('base64'),
      KeyId: keyId,
    };
  }

  #enable(input: ApiInput): object {
    const { id, state } = this.#requireKey(input);
    if (state === PENDING_DELETION) requireEnabled(id, state);
    this.#states.set(id, ENABLED);
    return {};
  }

  /** Leaves the key disabled, like KMS. */
  #cancelDeletion(input: ApiInput): object {
    const { id, state } = this.#requireKey(input);
    if (state !== PENDING_DELETION) {
      throw new ApiError('KMSInvalidStateException', `${id} is not pending deletion.`);
    }
    this.#states.set(id, 'Disabled');
    return { KeyId: id };
  }

  #describeKey(input: ApiInput): object {
    const { id, state, spec, usage } = this.#requireKey(input);
    return {
      KeyMetadata: {
        AWSAccountId: this.#fleet.account,
        Arn: id,
        KeyId: nameInArn(id),
        Enabled: state === ENABLED,
        KeyState: state,
        KeyUsage: usage,
        KeySpec: spec,
        KeyManager: 'CUSTOMER',
        Origin: 'AWS_KMS',
        MultiRegion: false,
      },
    };
  }

  /** Rejects an alias, like KMS. */
  #getKeyPolicy(input: ApiInput): object {
    const { id, alias, policy } = this.#requireKey(input);
    if (alias !== undefined && input.text('KeyId')?.endsWith(alias) === true) {
      throw new ApiError('InvalidArnException', 'Aliases cannot be used here.');
    }
    const name = input.text('PolicyName') ?? 'default';
    if (name !== 'default') throw new ApiError('NotFoundException', `No such policy: ${name}`);
    const document = policy ?? openPolicy(this.#fleet.account);
    return { Policy: JSON.stringify(document), PolicyName: name, KeyArn: id };
  }

  #requireKey(input: ApiInput): FleetKey {
    const reference = input.text('KeyId') ?? '';
    const key = this.#keys().find(
      ({ id, alias }) =>
        id === reference ||
        id.endsWith(`/${reference}`) ||
        (alias !== undefined && (reference === alias || reference.endsWith(`:${alias}`))),
    );
    if (key?.exists === true) return { ...key, state: this.#states.get(key.id) ?? key.state };
    throw new ApiError('NotFoundException', `Key '${reference}' does not exist`);
  }

  /** The keys of the fleet file, and those that clusters name. */
  #keys(): readonly FleetKey[] {
    const { keys, clusters } = this.#fleet;
    return [...keys, ...clusters.flatMap(({ kmsKeyId }) => (kmsKeyId ? [usualKey(kmsKeyId)] : []))];
  }
}

const ENABLED = 'Enabled';
const PENDING_DELETION = 'PendingDeletion';

function usualKey(id: string): FleetKey {
  return {
    id,
    alias: undefined,
    state: ENABLED,
    spec: 'SYMMETRIC_DEFAULT',
    usage: 'ENCRYPT_DECRYPT',
    policy: undefined,
    exists: true,
  };
}

/** Delegates everything to IAM policies, like the console's default. */
function openPolicy(account: string): object {
  return {
    Version: '2012-10-17',
    Statement: [
      {
        Sid: 'Enable IAM User Permissions',
        Effect: 'Allow',
        Principal: { AWS: `arn:aws:iam::${account}:root` },
        Action: 'kms:*',
        Resource: '*',
      },
    ],
  };
}

function requireEnabled(keyId: string, state: string): void {
  if (state === 'Disabled') throw new ApiError('DisabledException', `${keyId} is disabled.`);
  if (state !== ENABLED) {
    const words = state.replace(/(?!^)[A-Z]/g, (letter) => ` ${letter}`).toLowerCase();
    throw new ApiError('KMSInvalidStateException', `${keyId} is ${words}.`);
  }
}

/** KMS's error message. */
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
