import { describe, expect, it } from 'vitest';
import { ChannelCipher, CipherError } from '#protocol/channel-cipher.ts';
import { ENCRYPTED_VECTORS, type EncryptedVector } from '#test/helpers/wire.ts';

const FROM_AGENT = ENCRYPTED_VECTORS.filter(({ name }) => /output|request/.test(name));
const FROM_CLIENT = ENCRYPTED_VECTORS.filter(({ name }) => /input|response/.test(name));
const NONCE_LENGTH = 12;

it('has test vectors for both directions', () => {
  expect([...FROM_AGENT, ...FROM_CLIENT].map(({ name }) => name)).toEqual([
    'kms-output',
    'enc-challenge-request',
    'kms-input',
    'enc-challenge-response',
  ]);
});

describe('a cipher', () => {
  it.each(FROM_AGENT)('decrypts $name of the agent', ({ dataKey, encrypted, plaintext }) => {
    expect(hex(new ChannelCipher(dataKey).decrypt(encrypted))).toBe(hex(plaintext));
  });

  it.each(FROM_CLIENT)('encrypts as $name of the plugin', ({ dataKey, plaintext, encrypted }) => {
    const ours = new ChannelCipher(dataKey).encrypt(plaintext);
    expect(ours).toHaveLength(encrypted.length);
    expect(hex(asAgent(dataKey).decrypt(ours))).toBe(hex(plaintext));
    expect(hex(asAgent(dataKey).decrypt(encrypted))).toBe(hex(plaintext));
  });

  it('never repeats a nonce (K-4)', () => {
    const cipher = new ChannelCipher(new Uint8Array(64));
    const nonces = Array.from({ length: 1_000 }, () =>
      hex(cipher.encrypt(Uint8Array.of(1)).subarray(0, NONCE_LENGTH)),
    );
    expect(new Set(nonces).size).toBe(nonces.length);
  });

  it("does not accept its own ciphertext as the agent's", () => {
    const cipher = new ChannelCipher(new Uint8Array(64).map((_, index) => index));
    expect(() => cipher.decrypt(cipher.encrypt(Uint8Array.of(1)))).toThrow(CipherError);
  });

  it.each([0, 27, 28])('refuses %i zero bytes', (length) => {
    const cipher = new ChannelCipher(new Uint8Array(64));
    expect(() => cipher.decrypt(new Uint8Array(length))).toThrow(CipherError);
  });

  it.each(FROM_AGENT)('detects a change of any byte of $name', (vector) => {
    const cipher = new ChannelCipher(vector.dataKey);
    for (const changed of changedOnce(vector)) {
      expect(() => cipher.decrypt(changed)).toThrow(CipherError);
    }
  });

  it.each([0, 16, 32, 63, 65, 128])('refuses a data key of %i bytes (K-3)', (length) => {
    expect(() => new ChannelCipher(new Uint8Array(length))).toThrow(
      new CipherError(`a data key of ${length} bytes`),
    );
  });

  it('keeps working when the caller has wiped its copy, and stops when it is wiped itself', () => {
    const [{ dataKey, encrypted, plaintext } = NO_VECTOR] = FROM_AGENT;
    const copy = Uint8Array.from(dataKey);
    const cipher = new ChannelCipher(copy);
    copy.fill(0);
    expect(hex(cipher.decrypt(encrypted))).toBe(hex(plaintext));
    cipher.wipe();
    expect(() => cipher.decrypt(encrypted)).toThrow(CipherError);
  });
});

const NO_VECTOR = {
  dataKey: new Uint8Array(),
  encrypted: new Uint8Array(),
  plaintext: new Uint8Array(),
};

/** The other end, with the halves of the key swapped (PROTOCOL 6.1). */
function asAgent(dataKey: Uint8Array): ChannelCipher {
  return new ChannelCipher(Buffer.concat([dataKey.subarray(32), dataKey.subarray(0, 32)]));
}

function changedOnce({ encrypted }: EncryptedVector): readonly Uint8Array[] {
  return Array.from(encrypted, (byte, index) => {
    const copy = Uint8Array.from(encrypted);
    copy[index] = byte ^ 1;
    return copy;
  });
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
