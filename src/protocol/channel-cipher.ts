import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

/** K-3: half for each direction. */
const DATA_KEY_LENGTH = 64;
const HALF = 32;
const NONCE_LENGTH = 12;
const TAG_LENGTH = 16;
const ALGORITHM = 'aes-256-gcm';

/** Received data was not encrypted with our key, or was changed in transit. */
export class CipherError extends Error {
  override readonly name = 'CipherError';
}

/**
 * Encrypts payloads under the session's data key (PROTOCOL 6.2). On the wire: 12 bytes of nonce,
 * ciphertext, 16 bytes of tag.
 */
export class ChannelCipher {
  readonly #incoming: Buffer;
  readonly #outgoing: Buffer;

  /**
   * @param dataKey 64 bytes of plaintext key, which are copied; the caller wipes its own
   * @throws CipherError for any other length (K-3)
   */
  constructor(dataKey: Uint8Array) {
    if (dataKey.length !== DATA_KEY_LENGTH) {
      throw new CipherError(`a data key of ${dataKey.length} bytes`);
    }
    this.#incoming = Buffer.from(dataKey.subarray(0, HALF));
    this.#outgoing = Buffer.from(dataKey.subarray(HALF));
  }

  /** K-4: a fresh random nonce each time. */
  encrypt(plaintext: Uint8Array): Uint8Array {
    const nonce = randomBytes(NONCE_LENGTH);
    const cipher = createCipheriv(ALGORITHM, this.#outgoing, nonce);
    return Buffer.concat([nonce, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
  }

  /** @throws CipherError */
  decrypt(data: Uint8Array): Uint8Array {
    const end = data.length - TAG_LENGTH;
    if (end < NONCE_LENGTH) throw new CipherError(`an encrypted payload of ${data.length} bytes`);
    const decipher = createDecipheriv(ALGORITHM, this.#incoming, data.subarray(0, NONCE_LENGTH));
    decipher.setAuthTag(data.subarray(end));
    try {
      return Buffer.concat([decipher.update(data.subarray(NONCE_LENGTH, end)), decipher.final()]);
    } catch (cause) {
      throw new CipherError('a payload that our key does not open', { cause });
    }
  }

  /** K-3: wipes the key at the end of the session. */
  wipe(): void {
    this.#incoming.fill(0);
    this.#outgoing.fill(0);
  }
}
