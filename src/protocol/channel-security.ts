import { ChannelCipher, CipherError } from './channel-cipher.ts';
import { CLIENT_VERSION } from './client-frames.ts';
import {
  createHandshakeReply,
  type KeyAnswer,
  type KeyRequest,
  keyRequestOf,
  type SessionKind,
  type SessionType,
  sessionTypeOf,
} from './handshake.ts';
import { PayloadType } from './message.ts';
import {
  decodeChallenge,
  decodeHandshakeRequest,
  encodeChallenge,
  type HandshakeRequest,
  PayloadError,
} from './payload.ts';

/** A data key from KMS, or the reason why there is none. */
export type ProvidedKey =
  | { readonly ciphertext: Uint8Array; readonly plaintext: Uint8Array }
  | { readonly error: string };

/** The consequences of a step of the handshake, in the order in which they apply. */
export interface SecurityStep {
  /** The session type that the agent named, if the client leaves the choice to it. */
  readonly sessionType?: SessionType | undefined;
  readonly send?: { readonly payloadType: number; readonly payload: Uint8Array };
  readonly keyRequest?: KeyRequest;
  readonly ignored?: string;
  readonly failure?: { readonly reason: 'handshake' | 'encryption'; readonly message: string };
}

const NOT_ENCRYPTED: SecurityStep = {
  failure: {
    reason: 'encryption',
    message: 'it was to be encrypted with a KMS key, but the agent does not encrypt',
  },
};

/**
 * The client's side of the handshake (PROTOCOL 3.5) and of the encryption that it may start (PROTOCOL 6).
 * Independent of sequence numbers and time.
 */
export class ChannelSecurity {
  readonly #kind: SessionKind;
  #isRequired: boolean;
  /** Waits for its data key. */
  #request: HandshakeRequest | undefined;
  #cipher: ChannelCipher | undefined;

  /** @param isRequired neither sends nor accepts unencrypted data */
  constructor(isRequired: boolean, kind: SessionKind = 'shell') {
    this.#isRequired = isRequired;
    this.#kind = kind;
  }

  get isRequired(): boolean {
    return this.#isRequired;
  }

  get hasKey(): boolean {
    return this.#cipher !== undefined;
  }

  begin(payload: Uint8Array): SecurityStep {
    let request: HandshakeRequest;
    try {
      request = decodeHandshakeRequest(payload);
    } catch (error) {
      if (!(error instanceof PayloadError)) throw error;
      const message = 'the agent sent a handshake that ecsh cannot read';
      return { ignored: error.message, failure: { reason: 'handshake', message } };
    }
    const keyRequest = keyRequestOf(request);
    if (keyRequest === undefined) {
      // A positive answer would let the session continue in plain text.
      if (this.#isRequired) return NOT_ENCRYPTED;
      return { ...this.#sessionType(request), ...this.#reply(request, undefined) };
    }
    this.#isRequired = true;
    this.#request = request;
    return { ...this.#sessionType(request), keyRequest };
  }

  provideKey(key: ProvidedKey): SecurityStep {
    const request = this.#request;
    if (request === undefined) return {};
    this.#request = undefined;
    try {
      if ('plaintext' in key) this.#cipher = new ChannelCipher(key.plaintext);
      return this.#reply(request, key);
    } catch (error) {
      if (!(error instanceof CipherError)) throw error;
      return this.#reply(request, { error: error.message });
    }
  }

  /** PROTOCOL 6.3: proves that both sides have the key. A wrong answer would not be reported (checklist 12). */
  answerChallenge(payload: Uint8Array): SecurityStep {
    if (this.#cipher === undefined) return { ignored: 'a challenge out of place' };
    try {
      const plaintext = this.#cipher.decrypt(decodeChallenge(payload));
      const answer = encodeChallenge(this.#cipher.encrypt(plaintext));
      return { send: { payloadType: PayloadType.encChallengeResponse, payload: answer } };
    } catch (error) {
      if (error instanceof PayloadError) return { ignored: error.message };
      return failureOf(error);
    }
  }

  /** No handshake is in progress any more; returns a failure if the session must not continue without a key. */
  complete(): SecurityStep {
    return this.#isRequired && this.#cipher === undefined ? NOT_ENCRYPTED : {};
  }

  /**
   * For the payload types that are encrypted under KMS (K-4).
   *
   * @throws Error instead of sending anything in plain text; `complete` prevents this
   */
  seal(payload: Uint8Array): Uint8Array {
    if (this.#cipher !== undefined) return this.#cipher.encrypt(payload);
    if (this.#isRequired) throw new Error('Input was to be sent before there is a key for it.');
    return payload;
  }

  open(payload: Uint8Array): Uint8Array | SecurityStep {
    if (this.#cipher === undefined) {
      return this.#isRequired ? NOT_ENCRYPTED : payload;
    }
    try {
      return this.#cipher.decrypt(payload);
    } catch (error) {
      return failureOf(error);
    }
  }

  /** K-3. */
  wipe(): void {
    this.#cipher?.wipe();
  }

  #sessionType(request: HandshakeRequest): SecurityStep {
    return this.#kind === 'any' ? { sessionType: sessionTypeOf(request) } : {};
  }

  #reply(request: HandshakeRequest, key: KeyAnswer | undefined): SecurityStep {
    const reply = createHandshakeReply(request, CLIENT_VERSION, key, this.#kind);
    const send = { payloadType: PayloadType.handshakeResponse, payload: reply.payload };
    if (reply.refusal === undefined) return { send };
    return { send, failure: { reason: 'handshake', message: reply.refusal } };
  }
}

function failureOf(error: unknown): SecurityStep {
  if (!(error instanceof CipherError)) throw error;
  return { failure: { reason: 'encryption', message: `the agent sent ${error.message}` } };
}
