import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

const NONCE_LENGTH = 12;
const TAG_LENGTH = 16;
const KEY_LENGTH = 32;

/** AES-256-GCM as the agent uses it: nonce, ciphertext, tag (PROTOCOL 6.2). */
export class AgentCipher {
  #key: Buffer | undefined;

  /** The 64 bytes of the data key: the agent encrypts with the first half (6.1). */
  setKey(key: Buffer): void {
    this.#key = key;
  }

  encrypt(plaintext: Uint8Array): Buffer {
    const nonce = randomBytes(NONCE_LENGTH);
    const cipher = createCipheriv('aes-256-gcm', this.#half(0), nonce);
    return Buffer.concat([nonce, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
  }

  /** @throws Error for anything except a client message under this key */
  decrypt(message: Uint8Array): Buffer {
    const nonce = message.subarray(0, NONCE_LENGTH);
    const tag = message.subarray(-TAG_LENGTH);
    if (message.length < NONCE_LENGTH + TAG_LENGTH) throw new Error('message too short');
    const decipher = createDecipheriv('aes-256-gcm', this.#half(KEY_LENGTH), nonce);
    decipher.setAuthTag(tag);
    const body = message.subarray(NONCE_LENGTH, -TAG_LENGTH);
    return Buffer.concat([decipher.update(body), decipher.final()]);
  }

  #half(start: number): Buffer {
    if (this.#key === undefined) throw new Error('no data key yet');
    return this.#key.subarray(start, start + KEY_LENGTH);
  }
}
